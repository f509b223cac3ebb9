// SPDX-License-Identifier: Apache-2.0
// NUMA nodes from the kernel's files.
#include "hv/core/numa_node.h"

#include <fmt/format.h>

#include "hv/core/text_file.h"

namespace hv {

Result<CpuSet> cpus_of_node(std::uint32_t node, const std::string& root) {
    const std::string nodes = root + "/sys/devices/system/node/";
    const auto online = read_text_file(nodes + "online");
    if (!online)
        return fail(ErrorKind::host_lacks, "NUMA nodes: this host's kernel has none (CONFIG_NUMA; leave the node out)");
    const auto list = read_text_file(fmt::format("{}node{}/cpulist", nodes, node));
    if (!list)
        return fail(ErrorKind::usage,
                    fmt::format("NUMA node {}: this host has no such node (it has {})", node, trimmed(*online)));
    if (trimmed(*list).empty())
        return fail(ErrorKind::usage, fmt::format("NUMA node {}: it has memory, but no CPUs", node));
    return CpuSet::parse(trimmed(*list));
}

}  // namespace hv
