// SPDX-License-Identifier: Apache-2.0
// The host's NUMA nodes (Linux, Documentation/ABI/stable/sysfs-devices-node).
#pragma once

#include <cstdint>
#include <string>

#include "hv/core/cpu_set.h"
#include "hv/core/error.h"

namespace hv {

/// The CPUs of node `node`. `root` is for tests: what stands before /sys. Errors: usage (the host has no such node, or
/// it has no CPUs), naming the nodes that it has; host_lacks (the kernel has no support for NUMA).
Result<CpuSet> cpus_of_node(std::uint32_t node, const std::string& root = {});

}  // namespace hv
