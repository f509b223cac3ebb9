// SPDX-License-Identifier: Apache-2.0
// CPU policies as JSON.
#include "hv/machine/cpu_config.h"

#include <fmt/format.h>

namespace hv {

namespace {

using Number = std::optional<std::uint32_t>;

/// 0 removes the value.
Result<> take_optional(JsonSection& section, const char* key, std::uint64_t most, Number& value) {
    TRY(const auto number, section.take_number(key, 0, most));
    if (number) value = *number == 0 ? Number() : Number(static_cast<std::uint32_t>(*number));
    return {};
}

/// An empty text removes the value.
Result<> take_cpus(JsonSection& section, const char* key, std::optional<CpuSet>& value) {
    TRY(const auto text, section.take_string(key));
    if (!text) return {};
    value.reset();
    if (text->empty()) return {};
    auto parsed = CpuSet::parse(*text);
    if (!parsed) return section.wrong(fmt::format("'{}': {}", section.path(key), parsed.error().message));
    value = *parsed;
    return {};
}

}  // namespace

Result<> read_cpu(JsonSection& section, CpuPolicy& policy) {
    CHECK(take_optional(section, "limit_millicpus", maximum_limit_millicpus, policy.limit_millicpus));
    TRY(const auto burst, section.take_number("burst_ms", 0, maximum_limit_millicpus));
    CHECK(take_optional(section, "reservation_millicpus", maximum_limit_millicpus, policy.reservation_millicpus));
    CHECK(take_optional(section, "shares", maximum_cpu_shares, policy.shares));
    CHECK(take_cpus(section, "pin", policy.pin));
    CHECK(take_cpus(section, "hv_pin", policy.hv_pin));
    TRY(const auto node, section.take_number("node", 0, CpuSet::capacity - 1));
    TRY(const auto cgroup, section.take_string("cgroup"));
    CHECK(section.finish());
    if (burst) policy.burst_ms = static_cast<std::uint32_t>(*burst);
    // Without a limit there is nothing to go beyond.
    if (!burst && !policy.limit_millicpus) policy.burst_ms = 0;
    if (node) policy.node = static_cast<std::uint32_t>(*node);
    if (cgroup) policy.cgroup = *cgroup;
    return {};
}

Json cpu_json(const CpuPolicy& policy) {
    Json cpu;
    if (policy.limit_millicpus) cpu["limit_millicpus"] = *policy.limit_millicpus;
    if (policy.burst_ms != 0) cpu["burst_ms"] = policy.burst_ms;
    if (policy.reservation_millicpus) cpu["reservation_millicpus"] = *policy.reservation_millicpus;
    if (policy.shares) cpu["shares"] = *policy.shares;
    if (policy.pin) cpu["pin"] = policy.pin->text();
    if (policy.hv_pin) cpu["hv_pin"] = policy.hv_pin->text();
    if (policy.node) cpu["node"] = *policy.node;
    if (!policy.cgroup.empty()) cpu["cgroup"] = json_text(policy.cgroup);
    return cpu;
}

}  // namespace hv
