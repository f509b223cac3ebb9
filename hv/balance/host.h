// SPDX-License-Identifier: Apache-2.0
// Looking at the host: its memory, its pressure, or a budget: a size, or the limit of a memory cgroup.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hv/balance/samples.h"
#include "hv/core/cgroup.h"
#include "hv/core/error.h"

namespace hv::balance {

/// Values of /proc/meminfo. Errors: host_lacks (no MemTotal or MemAvailable: Linux before 3.14).
struct MemoryInfo {
    std::uint64_t total = 0, available = 0, swap_free = 0;
};
Result<MemoryInfo> parse_memory_info(std::string_view text);

/// The avg10 of both lines of a pressure file. Nothing: not such a file.
[[nodiscard]] std::optional<Pressure> parse_pressure(std::string_view text);

/// A cgroup's limit; "max", or what v1 has for it, is nothing.
[[nodiscard]] std::optional<std::uint64_t> parse_limit(std::string_view text);

class Host {
public:
    /// `budget` bytes for all machines, or the limit of the memory cgroup at `cgroup`; neither: all of the host.
    /// `root` is for tests: what stands before /proc. Errors: usage (both; a cgroup without a limit), not_found.
    static Result<Host> open(std::optional<std::uint64_t> budget, const std::string& cgroup, std::string root = {});

    /// A look. `resident` is what all machines have resident, which counts against a budget.
    [[nodiscard]] Result<HostSample> look(std::uint64_t resident) const;

private:
    Host() = default;
    [[nodiscard]] Result<HostSample> look_at_cgroup(const MemoryInfo& info) const;

    std::string root_;
    std::optional<std::uint64_t> budget_;
    std::optional<CgroupPlace> cgroup_;
};

}  // namespace hv::balance
