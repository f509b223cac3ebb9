// SPDX-License-Identifier: Apache-2.0
// Where cgroups are: v1 and v2 (Linux, Documentation/admin-guide/cgroup-v1/ and cgroup-v2.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

enum class CgroupVersion { v1, v2 };

/// What a cgroup can control.
struct CgroupController {
    const char* name;
    const char* v1_file;  ///< that every v1 cgroup with this controller has
    const char* option;   ///< of `hv run`: says where the machine's cgroup is made; the value follows directly
    const char* without;  ///< how a machine is started that needs none
};
inline constexpr CgroupController memory_controller{"memory", "/memory.limit_in_bytes", "--memory-cgroup ",
                                                    "--memory-cgroup none"};
inline constexpr CgroupController cpu_controller{"cpu", "/cpu.shares",
                                                 "--cpu cgroup=", "no limit, reservation, shares or cgroup in --cpu"};
inline constexpr CgroupController cpuset_controller{"cpuset", "/cpuset.cpus", "--cpu cgroup=", "no node in --cpu"};

/// A directory of the hierarchy that has the controller.
struct CgroupPlace {
    CgroupVersion version;
    std::string mount;  ///< where the hierarchy's file system is
    std::string path;   ///< the directory, at `mount` or below it
};

/// From the text of /proc/PID/cgroup and /proc/PID/mountinfo. Errors: host_lacks, naming what is missing.
Result<CgroupPlace> find_cgroup(const CgroupController& controller, std::string_view cgroup,
                                std::string_view mountinfo);

/// The cgroup of this process that has the controller. Errors: as find_cgroup().
Result<CgroupPlace> own_cgroup(const CgroupController& controller);

/// The cgroup at `path`, of whichever version its file system is. Errors: not_found, usage (not such a cgroup).
Result<CgroupPlace> cgroup_at(const CgroupController& controller, const std::string& path);

/// Whether the controller is one of the words of `list`, the text of cgroup.controllers or cgroup.subtree_control.
[[nodiscard]] bool lists_controller(std::string_view list, const CgroupController& controller);

/// The value of `key` in lines of "KEY VALUE" (memory.stat, cpu.stat).
[[nodiscard]] std::optional<std::uint64_t> parse_statistic(std::string_view text, std::string_view key);

/// Where a machine's cgroup is made, as options say it: "auto", "none", an absolute path; nothing: auto if one is
/// needed.
[[nodiscard]] inline bool is_cgroup_choice(std::string_view choice) {
    return choice.empty() || choice == "auto" || choice == "none" || choice.starts_with('/');
}
[[nodiscard]] inline bool chooses_cgroup(std::string_view choice, bool needed) {
    return choice.empty() ? needed : choice != "none";
}

}  // namespace hv
