// SPDX-License-Identifier: Apache-2.0
// A client of a guest's agent: the QEMU Guest Agent protocol on the machine's agent socket.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/deadline.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// One connection, for one thread. The agent serves one client at a time: keep it short. What the guest sends is
/// checked and bounded.
class AgentClient {
public:
    using Json = nlohmann::ordered_json;

    /// `whose` is for messages, as in "machine 'web'". Connects, and makes sure that answers of before are not taken
    /// for those to come (guest-sync-delimited). `deadline` is that of the whole connection. Errors: not_found (no
    /// agent has opened the port), no_permission, killed (no answer in time), internal.
    static Result<AgentClient> connect(const std::string& socket_path, const std::string& whose,
                                       const Deadline& deadline);

    /// The value of "return". `arguments` is an object, or null for none. Errors: agent_error (the agent's own, with
    /// its class), killed (no answer in time), internal.
    Result<Json> call(std::string_view command, const Json& arguments = nullptr);
    /// For commands that have no answer when they succeed (guest-shutdown): success is that the machine goes away, or
    /// that nothing is heard until the deadline.
    Result<> tell(std::string_view command, const Json& arguments = nullptr);

private:
    enum class Ended { timed_out, closed };

    AgentClient(FileDescriptor socket, std::string whose, const Deadline& deadline)
        : socket_(std::move(socket)), whose_(std::move(whose)), deadline_(deadline) {}
    Result<> synchronise();
    Result<> send(std::string_view bytes);
    /// The next line, without its end; nothing, and why in `ended`, if there is none.
    Result<std::optional<std::string>> read_line(Ended& ended);
    /// False: the deadline has passed.
    [[nodiscard]] bool wait_for(short events) const;
    [[nodiscard]] std::unexpected<Error> failed(std::string_view why, ErrorKind kind = ErrorKind::internal) const;
    [[nodiscard]] std::unexpected<Error> silent(Ended ended, std::string_view what) const;

    FileDescriptor socket_;
    std::string whose_;
    Deadline deadline_;
    std::string received_;  ///< behind the last line
    bool lost_ = false;     ///< an answer did not come, or not all of it
};

}  // namespace hv
