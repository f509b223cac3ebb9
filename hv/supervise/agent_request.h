// SPDX-License-Identifier: Apache-2.0
// What only the guest's agent can do, asked over the socket that it has in the machine's directory, if it has one.
#pragma once

#include <string>

namespace hv {

inline constexpr char agent_socket[] = "agent.sock";

/// Sends QEMU Guest Agent's guest-shutdown, which is not answered when it succeeds. False: there is no agent.
bool agent_shut_down(const std::string& machine_directory);

}  // namespace hv
