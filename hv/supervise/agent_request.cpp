// SPDX-License-Identifier: Apache-2.0
// Requests to the guest's agent.
#include "hv/supervise/agent_request.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include "hv/core/unix_socket.h"
#include "hv/machine/machine_files.h"

namespace hv {

FileDescriptor ask_agent_to_shut_down(const std::string& machine_directory, const char* mode) {
    auto socket = connect_to_unix_socket(machine_directory + "/" + agent_socket);
    if (!socket) return {};
    // The byte 0xFF: the agent forgets half a request of a client before this one.
    const std::string request =
        fmt::format("\xFF{{\"execute\":\"guest-shutdown\",\"arguments\":{{\"mode\":\"{}\"}}}}\n", mode);
    const ssize_t sent = send(socket->get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == static_cast<ssize_t>(request.size()) ? std::move(*socket) : FileDescriptor();
}

}  // namespace hv
