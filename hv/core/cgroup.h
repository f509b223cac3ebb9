// SPDX-License-Identifier: Apache-2.0
// Where memory cgroups are: cgroup v1 and v2 (Linux, Documentation/admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst).
#pragma once

#include <string>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

enum class CgroupVersion { v1, v2 };

/// A directory of the hierarchy that has the memory controller.
struct CgroupPlace {
    CgroupVersion version;
    std::string mount;  ///< where the hierarchy's file system is
    std::string path;   ///< the directory, at `mount` or below it
};

/// From the text of /proc/PID/cgroup and /proc/PID/mountinfo. Errors: host_lacks, naming what is missing.
Result<CgroupPlace> find_memory_cgroup(std::string_view cgroup, std::string_view mountinfo);

/// The memory cgroup of this process. Errors: as find_memory_cgroup().
Result<CgroupPlace> own_memory_cgroup();

/// The cgroup at `path`, of whichever version its file system is. Errors: not_found, usage (not a memory cgroup).
Result<CgroupPlace> memory_cgroup_at(const std::string& path);

/// Whether "memory" is one of the words of `list`, the text of cgroup.controllers or cgroup.subtree_control.
[[nodiscard]] bool lists_memory(std::string_view list);

}  // namespace hv
