// SPDX-License-Identifier: Apache-2.0
// A set of the host's CPUs, and the threads that may run on no others.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <bitset>
#include <string>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

/// CPUs by the host's numbers, which start at 0.
class CpuSet {
public:
    static constexpr std::size_t capacity = CPU_SETSIZE;

    /// "0-2,5", as the kernel writes lists of CPUs (cpuset(7), "List format"). Errors: usage.
    static Result<CpuSet> parse(std::string_view text);
    /// The CPUs on which the calling thread may run. Errors: host_lacks (more CPUs than `capacity`).
    static Result<CpuSet> of_this_thread();

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::size_t count() const { return cpus_.count(); }
    [[nodiscard]] bool empty() const { return cpus_.none(); }
    [[nodiscard]] bool contains(const CpuSet& other) const { return (other.cpus_ & ~cpus_).none(); }
    [[nodiscard]] CpuSet without(const CpuSet& other) const;
    [[nodiscard]] CpuSet common_with(const CpuSet& other) const;
    bool operator==(const CpuSet&) const = default;

    /// Lets the thread `thread` run on these CPUs only; 0 = the calling thread. Threads and processes that it starts
    /// later inherit that. Errors: usage (none of them is there, or the thread's cpuset has none of them), not_found
    /// (no such thread), no_permission.
    [[nodiscard]] Result<> apply_to(pid_t thread) const;

private:
    std::bitset<capacity> cpus_;
};

}  // namespace hv
