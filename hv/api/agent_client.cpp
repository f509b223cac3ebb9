// SPDX-License-Identifier: Apache-2.0
// Talking to a guest's agent.
#include "hv/api/agent_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "hv/core/json_text.h"
#include "hv/core/printable.h"
#include "hv/core/unix_socket.h"

namespace hv {

namespace {

/// As libvirt has it.
constexpr std::size_t longest_answer = 10 << 20;
/// The most that is shown of what an agent says in an error.
constexpr std::size_t longest_shown = 1024;
constexpr JsonLimits answer_limits{.bytes = longest_answer};
constexpr JsonLimits sync_limits{.bytes = 4096, .depth = 4, .values = 64, .members = 64};
constexpr char sentinel = '\xFF';

std::string request_text(std::string_view command, const AgentClient::Json& arguments) {
    AgentClient::Json request{{"execute", command}};
    if (!arguments.is_null()) request["arguments"] = arguments;
    return request.dump() + "\n";
}

/// What an answer says of an error: "the description (class)".
std::string error_words(const AgentClient::Json& answer) {
    const auto text = [&error = member_of(answer, "error")](const char* name) {
        const AgentClient::Json& words = member_of(error, name);
        return words.is_string() ? printable(words.get_ref<const std::string&>(), longest_shown)
                                 : std::string("unknown");
    };
    return fmt::format("{} ({})", text("desc"), text("class"));
}

}  // namespace

std::unexpected<Error> AgentClient::failed(std::string_view why, ErrorKind kind) const {
    return fail(kind, fmt::format("the agent of {}: {}", whose_, why));
}

std::unexpected<Error> AgentClient::silent(Ended ended, std::string_view what) const {
    if (ended == Ended::closed) return failed(fmt::format("it has gone before it answered {}", what));
    return failed(fmt::format("it did not answer {} within {} ms", what, deadline_.limit().count()), ErrorKind::killed);
}

bool AgentClient::wait_for(short events) const {
    for (;;) {
        pollfd poller{.fd = socket_.get(), .events = events, .revents = 0};
        const int ready = poll(&poller, 1, deadline_.left_ms());
        if (ready >= 0 || errno != EINTR) return ready > 0;
    }
}

Result<AgentClient> AgentClient::connect(const std::string& socket_path, const std::string& whose,
                                         const Deadline& deadline) {
    TRY(FileDescriptor socket, connect_to_unix_socket(socket_path));
    AgentClient client(std::move(socket), whose, deadline);
    CHECK(client.synchronise());
    return client;
}

Result<> AgentClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return failed(std::strerror(errno));
        if (!wait_for(POLLOUT)) return failed("it takes no requests", ErrorKind::killed);
    }
    return {};
}

Result<std::optional<std::string>> AgentClient::read_line(Ended& ended) {
    // The rest of an answer that was not read to its end would be taken for the next answer.
    if (std::exchange(lost_, true)) return failed("an earlier answer is missing");
    for (std::size_t looked_at = 0;;) {
        if (const std::size_t end = received_.find('\n', looked_at); end != std::string::npos) {
            std::string line = received_.substr(0, end);
            received_.erase(0, end + 1);
            lost_ = false;
            return line;
        }
        looked_at = received_.size();
        if (looked_at > longest_answer) return failed("an answer is longer than 10 MiB");
        char buffer[65536];
        ended = Ended::timed_out;
        // Also of an agent that never stops sending.
        if (deadline_.passed() || !wait_for(POLLIN)) return std::nullopt;
        const ssize_t size = recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (size < 0 && errno != ECONNRESET) return failed(std::strerror(errno));
        ended = Ended::closed;
        if (size <= 0) return std::nullopt;
        received_.append(buffer, static_cast<std::size_t>(size));
    }
}

Result<> AgentClient::synchronise() {
    std::int64_t id = 0;
    // Cannot fail: at most 256 bytes, and the kernel's generator is long ready.
    static_cast<void>(getrandom(&id, sizeof id, 0));
    id &= INT64_MAX;
    // The agent forgets half a request of a client before this one when it sees the sentinel.
    CHECK(send(sentinel + request_text("guest-sync-delimited", {{"id", id}})));
    for (;;) {
        Ended ended{};
        TRY(const auto line, read_line(ended));
        if (!line) return silent(ended, "the first request");
        const std::size_t begin = line->rfind(sentinel);
        if (begin == std::string::npos) continue;  // an earlier client's answer
        const Json answer = parse_json(line->substr(begin + 1), sync_limits).value_or(nullptr);
        if (answer.is_object() && answer.value("return", Json()) == Json(id)) return {};
    }
}

Result<AgentClient::Json> AgentClient::call(std::string_view command, const Json& arguments) {
    CHECK(send(request_text(command, arguments)));
    Ended ended{};
    TRY(const auto line, read_line(ended));
    if (!line) return silent(ended, command);
    auto parsed = parse_json(*line, answer_limits);
    if (!parsed) return failed(fmt::format("the answer to {} {}", command, parsed.error().message));
    Json& answer = *parsed;
    if (!answer.is_object()) return failed(fmt::format("the answer to {} is not a JSON object", command));
    if (answer.contains("return")) return std::move(answer["return"]);
    return failed(fmt::format("{}: {}", command, error_words(answer)), ErrorKind::agent_error);
}

Result<> AgentClient::tell(std::string_view command, const Json& arguments) {
    CHECK(send(request_text(command, arguments)));
    Ended ended{};
    TRY(const auto line, read_line(ended));
    if (!line) return {};
    const Json answer = parse_json(*line, answer_limits).value_or(nullptr);
    if (answer.is_object() && !answer.contains("error")) return {};
    return failed(fmt::format("{}: {}", command, error_words(answer)), ErrorKind::agent_error);
}

}  // namespace hv
