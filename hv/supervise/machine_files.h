// SPDX-License-Identifier: Apache-2.0
// What lies in the directory of a machine that has a supervisor, besides what every machine has
// (machine/run_directory.h).
#pragma once

namespace hv {

/// The supervisor's control socket: see supervisor_requests.h.
inline constexpr char supervisor_socket[] = "supervisor.sock";
/// Of a detached machine: see console_hub.h.
inline constexpr char console_socket[] = "console.sock";
inline constexpr char console_log[] = "console.log";

}  // namespace hv
