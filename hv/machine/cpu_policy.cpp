// SPDX-License-Identifier: Apache-2.0
// CPU time: what contradicts what, and what the host's scheduler is told.
#include "hv/machine/cpu_policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace hv {

namespace {

std::unexpected<Error> refuse(std::string why) { return fail(ErrorKind::usage, "CPU: " + std::move(why)); }

Result<> check_pin(const char* name, const std::optional<CpuSet>& pin, const CpuSet& host,
                   const std::optional<CpuSet>& node) {
    if (!pin) return {};
    if (!host.contains(*pin))
        return refuse(fmt::format("{}={}: this host has no CPU {} for hv (it has {})", name, pin->text(),
                                  pin->without(host).text(), host.text()));
    if (node && !node->contains(*pin))
        return refuse(fmt::format("{}={}: the NUMA node has the CPUs {} only", name, pin->text(), node->text()));
    return {};
}

}  // namespace

std::string cpus_text(std::uint64_t millicpus) { return fmt::format("{:g}", static_cast<double>(millicpus) / 1000); }

bool CpuPolicy::wants_cpu_cgroup() const {
    return chooses_cgroup(cgroup, limit_millicpus || reservation_millicpus || shares);
}

Result<> check_cpu_policy(const CpuPolicy& policy, std::uint32_t vcpus) {
    const auto& limit = policy.limit_millicpus;
    const auto& reservation = policy.reservation_millicpus;
    if (limit && (*limit < minimum_limit_millicpus || *limit > maximum_limit_millicpus))
        return refuse(fmt::format("limit={}: not from {} to {} CPUs", cpus_text(*limit),
                                  cpus_text(minimum_limit_millicpus), cpus_text(maximum_limit_millicpus)));
    if (policy.burst_ms != 0 && !limit) return refuse("burst: there is no limit to go beyond (add limit=CPUS)");
    if (limit && std::uint64_t{policy.burst_ms} * 1000 > cpu_quota_us(*limit))
        return refuse(fmt::format("burst={}ms: with a limit of {} CPUs it is at most {} ms, the time of one period",
                                  policy.burst_ms, cpus_text(*limit), cpu_quota_us(*limit) / 1000));
    if (reservation && limit && *reservation > *limit)
        return refuse(
            fmt::format("reservation={}: more than the limit of {} CPUs", cpus_text(*reservation), cpus_text(*limit)));
    if (reservation && *reservation > vcpus * 1000)
        return refuse(fmt::format("reservation={}: more than the machine's {} vCPU{} can use", cpus_text(*reservation),
                                  vcpus, vcpus == 1 ? "" : "s"));
    if (policy.shares && (*policy.shares < minimum_cpu_shares || *policy.shares > maximum_cpu_shares))
        return refuse(
            fmt::format("shares={}: not from {} to {}", *policy.shares, minimum_cpu_shares, maximum_cpu_shares));
    if (!is_cgroup_choice(policy.cgroup))
        return refuse(fmt::format("cgroup={}: not auto, none or an absolute path of a cgroup", policy.cgroup));
    if (policy.cgroup == "none" && (limit || reservation || policy.shares || policy.node))
        return refuse("cgroup=none: limit, reservation, shares and node need a cgroup (leave cgroup=none out)");
    return {};
}

Result<> check_cpu_change(const CpuPolicy& present, const CpuPolicy& wanted) {
    if (wanted.node != present.node)
        return refuse("node: memory of a running machine does not move (stop it, and start it with another --cpu)");
    if (wanted.cgroup != present.cgroup) return refuse("cgroup: it is chosen when the machine starts");
    const bool same_bounds = wanted.limit_millicpus == present.limit_millicpus && wanted.burst_ms == present.burst_ms &&
                             wanted.reservation_millicpus == present.reservation_millicpus &&
                             wanted.shares == present.shares;
    if (!same_bounds && !present.wants_cpu_cgroup())
        return refuse(
            "this machine was started without a CPU cgroup, so only its pins can be changed (start it with "
            "--cpu cgroup=auto, or with a limit, a reservation or shares)");
    return {};
}

Result<> check_cpu_pins(const CpuPolicy& policy, const CpuSet& host, const std::optional<CpuSet>& node) {
    CHECK(check_pin("pin", policy.pin, host, node));
    return check_pin("hv", policy.hv_pin, host, node);
}

CpuBounds cpu_bounds(const CpuPolicy& policy, std::size_t host_cpus) {
    const std::uint64_t reserved = std::uint64_t{policy.reservation_millicpus.value_or(0)} * maximum_cpu_shares /
                                   (std::max<std::uint64_t>(host_cpus, 1) * 1000);
    const std::uint64_t shares = std::max<std::uint64_t>(policy.shares.value_or(default_cpu_shares), reserved);
    return {.limit_millicpus = policy.limit_millicpus,
            .burst_us = policy.burst_ms * 1000,
            .shares = static_cast<std::uint32_t>(std::min<std::uint64_t>(shares, maximum_cpu_shares))};
}

}  // namespace hv
