// SPDX-License-Identifier: Apache-2.0
// hv's side of the ABI over the I/O zone.
#include "hv/guest/tenon_guest.h"

#include <algorithm>

#include "hv/core/clock_pair.h"

namespace hv {

namespace {

using tenon::abi::VcpuEvents;
using tenon::abi::VcpuState;

/// The request as a bit of EventPage::control.
constexpr std::uint32_t control_bit(GuestRequest request) {
    namespace bits = tenon::abi::control_request;
    switch (request) {
        case GuestRequest::shutdown: return bits::shutdown;
        case GuestRequest::reboot: return bits::reboot;
        case GuestRequest::reclaim: return bits::reclaim;
        case GuestRequest::clock_jumped: return bits::clock_jumped;
        case GuestRequest::sign_of_life: return bits::sign_of_life;
    }
    return 0;
}

}  // namespace

void TenonGuest::start(EventLoop& loop) {
    clock_.start();
    clock_.tell_jumps([this] { request(GuestRequest::clock_jumped); });
    clock_.keep_exact(loop);
    entry_tsc_ = host_tsc();
    zone_.start_info().guest_entry_tsc = entry_tsc_;
}

void TenonGuest::send(std::uint32_t control_bits) {
    zone_.events().control.fetch_or(control_bits);
    host_.raise(0, tenon::abi::event::control);
}

void TenonGuest::request(GuestRequest request) { send(control_bit(request)); }

bool TenonGuest::has_taken(GuestRequest request) const {
    return (zone_.events().control.load() & control_bit(request)) == 0;
}

void TenonGuest::request_page_out(std::uint64_t bytes) {
    zone_.events().page_out_bytes.store(bytes);
    send(tenon::abi::control_request::page_out);
}

bool TenonGuest::is_idle(std::uint32_t vcpu) const {
    const VcpuEvents& events = zone_.events().vcpu[vcpu];
    const VcpuState state = events.state.load();
    return state == VcpuState::offline || (state == VcpuState::blocked && events.upcall_pending.load() == 0);
}

bool TenonGuest::vcpu_answered(std::uint32_t vcpu) const {
    return (zone_.events().vcpu[vcpu].pending.load() & (1ULL << tenon::abi::event::reschedule)) == 0;
}

BootTimes TenonGuest::boot_times() const {
    BootTimes times{.guest_entry_tsc = entry_tsc_, .marks = {}};
    std::ranges::transform(zone_.events().boot_marks, times.marks.begin(),
                           [](const auto& mark) { return mark.load(); });
    return times;
}

MemoryCounters TenonGuest::memory_counters() const {
    MemoryCounters counters{};
    for (std::size_t i = 0; i < counters.size(); ++i) counters[i] = zone_.events().memory_counters[i].load();
    return counters;
}

}  // namespace hv
