// SPDX-License-Identifier: Apache-2.0
// A client of a guest's agent: the QEMU Guest Agent protocol on the machine's agent socket.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// One connection, for one thread. The agent serves one client at a time: keep it short. What the guest sends is
/// checked and bounded.
class AgentClient {
public:
    using Json = nlohmann::ordered_json;

    using Clock = std::chrono::steady_clock;

    /// Connects, and makes sure that answers of before are not taken for those to come (guest-sync-delimited). `limit`
    /// is the time for this, and for each call after it. Errors: not_found (no agent has opened the port),
    /// no_permission, killed (no answer within the limit), internal.
    static Result<AgentClient> connect(const std::string& socket_path, std::chrono::milliseconds limit);

    /// The value of "return". `arguments` is an object, or null for none. Errors: agent_error (the agent's own, with
    /// its class), killed (no answer within the limit), internal.
    Result<Json> call(std::string_view command, const Json& arguments = nullptr);
    /// For commands that have no answer when they succeed (guest-shutdown): success is that the machine goes away, or
    /// that nothing is heard within the limit.
    Result<> tell(std::string_view command, const Json& arguments = nullptr);

private:
    enum class Ended { timed_out, closed };

    AgentClient(FileDescriptor socket, std::string path, std::chrono::milliseconds limit)
        : socket_(std::move(socket)), path_(std::move(path)), limit_(limit) {}
    Result<> synchronise();
    Result<> send(std::string_view bytes, Clock::time_point deadline);
    /// The next line, without its end; nothing, and why in `ended`, if there is none.
    Result<std::optional<std::string>> read_line(Clock::time_point deadline, Ended& ended);
    [[nodiscard]] std::unexpected<Error> failed(std::string_view why, ErrorKind kind = ErrorKind::internal) const;
    [[nodiscard]] std::unexpected<Error> silent(Ended ended, std::string_view what) const;

    FileDescriptor socket_;
    std::string path_;
    std::chrono::milliseconds limit_;
    std::string received_;  ///< behind the last line
    bool lost_ = false;     ///< an answer did not come, or not all of it
};

}  // namespace hv
