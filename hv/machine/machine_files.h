// SPDX-License-Identifier: Apache-2.0
// The files of a machine's directory: hv writes no others there, and removes no others.
#pragma once

#include <algorithm>
#include <string_view>

#include "hv/core/marked_directory.h"

namespace hv {

/// The machine holds its lock as long as it runs; see run_lock.h.
inline constexpr std::string_view lock_file = MarkedDirectory::lock_name;
/// hv's control socket: see api/machine_api.h.
inline constexpr char api_socket[] = "api.sock";
/// Of the guest's agent; there when the guest has one.
inline constexpr char agent_socket[] = "agent.sock";
/// The supervisor's control socket: see supervise/supervisor_requests.h.
inline constexpr char supervisor_socket[] = "supervisor.sock";
/// Of a detached machine: see supervise/console_hub.h.
inline constexpr char console_socket[] = "console.sock";
inline constexpr char console_log[] = "console.log";
/// The configuration in Firecracker's format.
inline constexpr char config_file[] = "config.json";
/// See supervise/machine_record.h.
inline constexpr char record_file[] = "record.json";
/// The crash report of a machine with a supervisor.
inline constexpr char crash_report_file[] = "crash.txt";
/// Names the machine's cgroups, a line each: see machine_cgroup.h.
inline constexpr char cgroup_file[] = "cgroups";
/// Reserved CPU time: see cpu_reservation.h.
inline constexpr char cpu_reservation_file[] = "cpu-reservation";

/// A file that is about to replace another one, and the older part of a log, are named after it.
inline constexpr std::string_view fresh_suffix = ".new", older_suffix = ".1";

/// Whether hv gives this name to a file in a machine's directory.
[[nodiscard]] constexpr bool is_machine_file(std::string_view name) {
    for (const std::string_view suffix : {fresh_suffix, older_suffix})
        if (name.ends_with(suffix)) {
            name.remove_suffix(suffix.size());
            break;
        }
    constexpr std::string_view names[] = {lock_file,      api_socket,  agent_socket,        supervisor_socket,
                                          console_socket, console_log, config_file,         crash_report_file,
                                          record_file,    cgroup_file, cpu_reservation_file};
    return std::ranges::find(names, name) != std::end(names);
}

}  // namespace hv
