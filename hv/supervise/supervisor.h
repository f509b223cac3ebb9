// SPDX-License-Identifier: Apache-2.0
// Who stays with a detached machine: keeps its console, starts it again, and records its end.
#pragma once

#include "hv/core/error.h"
#include "hv/machine/config.h"
#include "hv/supervise/restart_policy.h"

namespace hv {

struct DetachOptions {
    Restart restart = Restart::no;
    std::string restart_text = "no";
    OnCrash on_crash = OnCrash::exit;
    bool remove = false;  ///< keep nothing when the machine has ended
};

/// Starts a machine whose hv is the child of a new process, its supervisor, and returns its name when the program says
/// that it is ready, or when it has run for a second without saying so. An error is one of the start, which the
/// supervisor's standard error has told already where its message is empty; then nothing is left behind.
///
/// The supervisor looks at what the guest does only as bytes of its console. It is killed: its hv and the guest end with
/// it. Its hv is killed: the supervisor records that, or starts it anew.
Result<std::string> start_detached(const MachineConfig& config, const DetachOptions& options);

/// The supervisor's control socket, in a machine's directory. PUT /stop: the machine, which somebody asks to end, is not
/// started again. PUT /kill: and is ended at once. PUT /restart: it is ended at once and started anew.
inline constexpr char supervisor_socket[] = "supervisor.sock";
inline constexpr char console_socket[] = "console.sock";
inline constexpr char console_log[] = "console.log";

}  // namespace hv
