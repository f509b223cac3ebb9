// SPDX-License-Identifier: Apache-2.0
// What a cgroup does about CPUs: limit, weight, and the CPUs and memory of a NUMA node; v1 and v2 behind one interface
// (Linux, Documentation/scheduler/sched-bwc.rst, admin-guide/cgroup-v1/cpusets.rst, admin-guide/cgroup-v2.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hv/core/cgroup.h"
#include "hv/core/cpu_set.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// The kernel's default weight is 1000 shares. v2 has weights in steps of 10 shares.
inline constexpr std::uint32_t default_cpu_shares = 1000, minimum_cpu_shares = 10, maximum_cpu_shares = 100'000;

/// What the cgroup enforces. A CPU is counted in thousandths: 500 is half of one.
struct CpuBounds {
    std::optional<std::uint32_t> limit_millicpus = {};  ///< nothing: no limit
    std::uint32_t burst_us = 0;                 ///< unused time of earlier periods that may be used beyond the limit
    std::uint32_t shares = default_cpu_shares;  ///< weight against other cgroups of the same parent
    bool operator==(const CpuBounds&) const = default;
};

/// A limit counts in periods of this length; the kernel takes 1 ms of it at least.
inline constexpr std::uint32_t cpu_period_us = 100'000;
inline constexpr std::uint32_t minimum_limit_millicpus = 10, maximum_limit_millicpus = 1'024'000;
/// The CPU time of one period.
[[nodiscard]] constexpr std::uint64_t cpu_quota_us(std::uint32_t millicpus) {
    return static_cast<std::uint64_t>(millicpus) * (cpu_period_us / 1000);
}

/// What a limit has cost so far.
struct CpuThrottling {
    std::uint64_t throttled_periods;
    std::uint64_t throttled_ns;  ///< summed over the CPUs on which something wanted to run
};
/// From the text of cpu.stat. Nothing: the values are not in it.
[[nodiscard]] std::optional<CpuThrottling> parse_throttling(std::string_view text, CgroupVersion version);

/// The files of a cgroup with the CPU controller. They stay open, so that a confined hv can still change them.
class CpuCgroup {
public:
    /// Errors: host_lacks, no_permission, naming the file.
    static Result<CpuCgroup> open(const CgroupPlace& place);

    /// Errors: host_lacks (a burst, and the kernel has none: Linux before 5.14), usage (the kernel refuses the value:
    /// a parent with a lower limit), naming file and value.
    Result<> set(const CpuBounds& bounds);
    [[nodiscard]] std::optional<CpuThrottling> throttling() const;

private:
    explicit CpuCgroup(const CgroupPlace& place) : place_(place) {}
    Result<> write(const FileDescriptor& file, const char* name, std::string_view value) const;

    CgroupPlace place_;
    FileDescriptor quota_;   ///< cpu.max, or cpu.cfs_quota_us
    FileDescriptor burst_;   ///< cpu.max.burst, or cpu.cfs_burst_us; none: the kernel has none
    FileDescriptor weight_;  ///< cpu.weight, or cpu.shares
    FileDescriptor statistics_;
};

/// Binds the cgroup at `place`, which has no processes yet, to CPUs and to the memory of a NUMA node.
/// Errors: usage (the parent does not have them), host_lacks, no_permission, naming the file.
Result<> set_cpuset(const CgroupPlace& place, const CpuSet& cpus, std::uint32_t node);

}  // namespace hv
