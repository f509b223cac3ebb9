// SPDX-License-Identifier: Apache-2.0
// /memory: where a machine's memory is, and giving it back.
#include "hv/api/memory_api.h"

#include <algorithm>

#include "hv/api/api_body.h"
#include "hv/core/host_clock.h"
#include "hv/devices/balloon.h"
#include "hypercall/layout.h"

namespace hv {

namespace {

using tenon::abi::MemoryCounter;
using tenon::abi::page_size;

constexpr std::uint64_t ns_per_ms = 1'000'000;
/// Statistics older than this are asked for anew when somebody looks.
constexpr std::uint64_t fresh_ms = 1000;

/// Index: MemoryCounter.
constexpr const char* counter_names[] = {
    "pages_scanned",   "pages_zero",      "pages_dropped", "pages_refaulted", "pages_reported",
    "pages_ballooned", "pages_paged_out", "scan_ns",       "pressure_calls",  "out_of_memory_deflations"};
static_assert(std::size(counter_names) == static_cast<std::size_t>(MemoryCounter::count));

/// Zero pages in use that were given back and not written since. The guest says so: it is held to what can be.
std::uint64_t zero_shared_bytes(const MachineControl& machine) {
    const MemoryCounters counters = machine.memory_counters();
    const std::uint64_t dropped = counters[static_cast<std::size_t>(MemoryCounter::pages_dropped)];
    const std::uint64_t refaulted = counters[static_cast<std::size_t>(MemoryCounter::pages_refaulted)];
    const std::uint64_t pages = dropped > refaulted ? dropped - refaulted : 0;
    return std::min(pages, machine.config().memory_bytes / page_size) * page_size;
}

/// Memory that the guest gave back by itself. Where the guest drops pages itself (pv) the device hears nothing of them,
/// and only the guest's counter says how many.
std::uint64_t reported_bytes(const MachineControl& machine, const BalloonDevice* balloon) {
    const std::uint64_t dropped_by_guest =
        machine.memory_counters()[static_cast<std::size_t>(MemoryCounter::pages_reported)];
    const std::uint64_t dropped_by_device = balloon != nullptr ? balloon->reported_pages() : 0;
    return std::max(dropped_by_guest, dropped_by_device) * page_size;
}

Json guest_of(BalloonDevice& balloon) {
    refresh_statistics(balloon);
    const auto age_ms = statistics_age_ms(balloon);
    if (!age_ms) return nullptr;
    const auto value = [&balloon](BalloonStatistic statistic) -> Json {
        const auto known = balloon.statistics().value(statistic);
        return known ? Json(*known) : Json(nullptr);
    };
    return {{"free_bytes", value(BalloonStatistic::free_memory)},
            {"available_bytes", value(BalloonStatistic::available_memory)},
            {"total_bytes", value(BalloonStatistic::total_memory)},
            {"caches_bytes", value(BalloonStatistic::disk_caches)},
            {"age_ms", *age_ms}};
}

}  // namespace

Json memory_counters_of(const MachineControl& machine) {
    const MemoryCounters counters = machine.memory_counters();
    Json named = Json::object();
    for (std::size_t i = 0; i < counters.size(); ++i) named[counter_names[i]] = counters[i];
    return named;
}

Json resident_of(const MachineControl& machine) {
    const auto resident = machine.resident_bytes();
    return resident ? Json(*resident) : Json(nullptr);
}

std::optional<std::uint64_t> statistics_age_ms(const BalloonDevice& balloon) {
    const auto taken = balloon.statistics().taken_at_ns();
    if (!taken) return std::nullopt;
    const std::uint64_t now = host_monotonic_ns();
    return (now - std::min(now, *taken)) / ns_per_ms;
}

void refresh_statistics(BalloonDevice& balloon) {
    if (const auto age = statistics_age_ms(balloon); !age || *age > fresh_ms) balloon.request_statistics();
}

HttpResponse get_memory(const HttpRequest&, MachineControl& machine) {
    BalloonDevice* const balloon = machine.balloon();
    const auto use = machine.memory_use();
    const auto helper = machine.network_helper();
    const MemoryPolicy& policy = machine.config().memory_policy;
    const MemoryBounds bounds = memory_bounds(policy, machine.config().memory_bytes);
    return json_answer(
        {{"configured_bytes", machine.config().memory_bytes},
         {"resident_bytes", resident_of(machine)},
         {"guest_resident_bytes", use ? Json(use->resident_bytes) : Json(nullptr)},
         {"swapped_bytes", use ? Json(use->swapped_bytes) : Json(nullptr)},
         {"ballooned_bytes", balloon != nullptr ? balloon->ballooned_pages() * page_size : 0},
         {"balloon_target_bytes", balloon != nullptr ? balloon->target_pages() * page_size : 0},
         {"zero_shared_bytes", zero_shared_bytes(machine)},
         {"reported_bytes", reported_bytes(machine, balloon)},
         {"processes", machine.processes()},
         {"network_helper",
          helper ? Json{{"process", helper->process}, {"resident_bytes", helper->resident_bytes}} : Json(nullptr)},
         {"guest", balloon != nullptr ? guest_of(*balloon) : Json(nullptr)},
         {"counters", memory_counters_of(machine)},
         {"reservation_bytes", bounds.reservation},
         {"limit_bytes", bounds.limit},
         {"shares", policy.shares},
         {"overcommit", bounds.overcommitted()},
         {"ksm", policy.ksm},
         {"private_memory", policy.private_memory}});
}

HttpResponse put_memory_reclaim(const HttpRequest& request, MachineControl& machine) {
    return with_body(request, [&](JsonSection& body) -> Result<> {
        CHECK(body.finish());
        machine.request_reclaim();
        return {};
    });
}

HttpResponse put_memory_page_out(const HttpRequest& request, MachineControl& machine) {
    return with_body(request, [&](JsonSection& body) -> Result<> {
        TRY(const auto bytes, body.take_number("bytes", 1, machine.config().memory_bytes));
        CHECK(body.finish());
        if (!bytes) return body.wrong("'bytes' is missing");
        machine.page_out(*bytes);
        return {};
    });
}

}  // namespace hv
