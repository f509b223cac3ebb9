// SPDX-License-Identifier: Apache-2.0
// Starting a machine that has a supervisor: left running, or in the foreground.
#pragma once

#include <string>

#include "hv/core/error.h"
#include "hv/machine/config.h"
#include "hv/supervise/supervisor.h"

namespace hv {

/// Starts a machine whose hv is the child of a new process, its supervisor, and returns its name when the program says
/// that it is ready, or when it has run for a second without saying so. An error is one of the start, which the
/// supervisor's standard error has told already where its message is empty; then nothing is left behind.
Result<std::string> start_detached(const MachineConfig& config, const SuperviseOptions& options);

/// The same for a machine that has ended and is kept, with the configuration that it had. If the start fails, it is
/// kept as before. Errors also: not_found (none of this name is kept, or its configuration is lost), in_use (it runs),
/// usage (its configuration is damaged).
Result<> start_again(const RunBase& base, const std::string& name, const SuperviseOptions& options);

/// Supervises a machine from this process, whose standard input and output are its console, and returns its exit code
/// when it has ended and is not to be started again. Nothing is kept of it.
Result<int> run_supervised(const MachineConfig& config, const SuperviseOptions& options);

}  // namespace hv
