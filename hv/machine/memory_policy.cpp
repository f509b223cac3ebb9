// SPDX-License-Identifier: Apache-2.0
// Reservation, limit, shares: defaults, and what contradicts what.
#include "hv/machine/memory_policy.h"

#include <fmt/format.h>

#include "hv/core/cgroup.h"
#include "hv/machine/config.h"

namespace hv {

MemoryBounds memory_bounds(const MemoryPolicy& policy, std::uint64_t memory_bytes) {
    const std::uint64_t limit = policy.limit.value_or(memory_bytes);
    return {.reservation = policy.reservation.value_or(limit), .limit = limit};
}

bool wants_memory_cgroup(const MemoryPolicy& policy) { return chooses_cgroup(policy.cgroup, policy.limit.has_value()); }

Result<> check_memory_policy(const MemoryPolicy& policy, std::uint64_t memory_bytes) {
    const auto refuse = [](std::string why) { return fail(ErrorKind::usage, std::move(why)); };
    const auto mib = [](std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
    const MemoryBounds bounds = memory_bounds(policy, memory_bytes);
    if (bounds.limit < minimum_memory_bytes)
        return refuse(
            fmt::format("--memory-limit: {:.4g} MiB is less than a machine can start with (8 MiB)", mib(bounds.limit)));
    if (bounds.limit > memory_bytes)
        return refuse(
            fmt::format("--memory-limit: {:.4g} MiB is more than the machine's memory of {:.4g} MiB (raise "
                        "--memory, or lower the limit)",
                        mib(bounds.limit), mib(memory_bytes)));
    if (bounds.reservation > bounds.limit)
        return refuse(fmt::format("--memory-reservation: {:.4g} MiB is more than the {} of {:.4g} MiB",
                                  mib(bounds.reservation), policy.limit ? "limit" : "machine's memory",
                                  mib(bounds.limit)));
    if (policy.shares == 0 || policy.shares > maximum_memory_shares)
        return refuse(fmt::format("--memory-shares: {} is not from 1 to {}", policy.shares, maximum_memory_shares));
    if (policy.private_memory && policy.ksm)
        return refuse("--ksm merges pages with other machines', which --private-memory forbids (choose one)");
    // A page that was taken and given back is the host's zero page until it is written, and so shared.
    if (policy.private_memory && bounds.reservation < memory_bytes)
        return refuse(
            "--private-memory: the machine keeps all of its memory, so --memory-reservation and "
            "--memory-limit cannot be less (leave them out)");
    if (!is_cgroup_choice(policy.cgroup))
        return refuse(
            fmt::format("--memory-cgroup: '{}' is not auto, none or an absolute path of a cgroup", policy.cgroup));
    return {};
}

}  // namespace hv
