// SPDX-License-Identifier: Apache-2.0
// Requests to the guest's agent.
#include "hv/supervise/agent_request.h"

#include <sys/socket.h>

#include <string_view>

#include "hv/core/unix_socket.h"

namespace hv {

bool agent_shut_down(const std::string& machine_directory) {
    const auto socket = connect_to_unix_socket(machine_directory + "/" + agent_socket);
    if (!socket) return false;
    constexpr std::string_view request = "{\"execute\":\"guest-shutdown\",\"arguments\":{\"mode\":\"powerdown\"}}\n";
    return send(socket->get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(request.size());
}

}  // namespace hv
