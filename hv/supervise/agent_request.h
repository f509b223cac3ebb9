// SPDX-License-Identifier: Apache-2.0
// Requests that only the guest's agent can serve, sent over its socket in the machine's directory, if there is one.
#pragma once

#include <string>

#include "hv/core/file_descriptor.h"

namespace hv {

/// Sends QEMU Guest Agent's guest-shutdown, which is not answered when it succeeds; `mode`: "powerdown" or "reboot".
/// The connection is to be kept until the guest goes: hv forgets what a client had sent that has left. Empty: there is
/// no agent.
FileDescriptor ask_agent_to_shut_down(const std::string& machine_directory, const char* mode);

}  // namespace hv
