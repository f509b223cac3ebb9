// SPDX-License-Identifier: Apache-2.0
// The host's policy for a machine's CPU time: limit, reservation, shares, and the CPUs that it may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hv/core/cpu_cgroup.h"
#include "hv/core/cpu_set.h"
#include "hv/core/error.h"

namespace hv {

/// As the user asked for it; nothing = not given. A CPU is counted in thousandths: 500 is half of one.
struct CpuPolicy {
    std::optional<std::uint32_t> limit_millicpus;        ///< most CPU time, of all processes of the machine together
    std::uint32_t burst_ms = 0;                          ///< unused time that it may use beyond the limit later
    std::optional<std::uint32_t> reservation_millicpus;  ///< CPU time that it gets whatever others want
    std::optional<std::uint32_t> shares;                 ///< weight among machines that compete
    std::optional<CpuSet> pin;                           ///< CPUs of the vCPUs
    std::optional<CpuSet> hv_pin;                        ///< CPUs of hv's own thread and of the network's helper
    std::optional<std::uint32_t> node;                   ///< NUMA node of all its CPUs and its memory
    std::string cgroup;                                  ///< "auto", "none", a directory; empty: auto if one is needed
    bool operator==(const CpuPolicy&) const = default;

    [[nodiscard]] bool wants_cpu_cgroup() const;
    [[nodiscard]] bool wants_cgroup() const { return wants_cpu_cgroup() || node; }
};

/// Errors: usage, naming the values that contradict each other.
Result<> check_cpu_policy(const CpuPolicy& policy, std::uint32_t vcpus);

/// Whether a running machine can have `wanted` instead of `present`: what only a start can change is the same.
/// Errors: usage, naming the value.
Result<> check_cpu_change(const CpuPolicy& present, const CpuPolicy& wanted);

/// The machine's CPUs must be among `host`, and those of its NUMA node, if it has one. Errors: usage, naming them.
Result<> check_cpu_pins(const CpuPolicy& policy, const CpuSet& host, const std::optional<CpuSet>& node);

/// What the cgroup enforces on a host of `host_cpus` CPUs. A reservation is a weight: with a reservation of the whole
/// host a machine has the largest one, and of a part of the host that part of it; see docs/cpu.md.
[[nodiscard]] CpuBounds cpu_bounds(const CpuPolicy& policy, std::size_t host_cpus);

/// "0.5", of 500 thousandths.
[[nodiscard]] std::string cpus_text(std::uint64_t millicpus);

}  // namespace hv
