// SPDX-License-Identifier: Apache-2.0
// Requests over a Unix socket.
#include "hv/api/http_client.h"

#include <fmt/format.h>

#include "hv/api/conversation.h"
#include "hv/core/json_text.h"
#include "hv/core/printable.h"

namespace hv {

namespace {

constexpr std::size_t longest_reason = 1024;

/// The reason in an error's body, in one line, or what was asked for and the status.
std::string refusal(const Question& question, const Answer& answer) {
    const auto json = parse_json(answer.body).value_or(nullptr);
    if (const auto& reason = member_of(json, "fault_message"); reason.is_string())
        return printable(reason.get_ref<const std::string&>(), longest_reason);
    return fmt::format("{} {}: no success (status {})", question.method, question.path, answer.status);
}

/// What a success carries; anything else as an error.
Result<std::string> body_of_success(const Question& question, Answer answer) {
    if (answer.ok()) return std::move(answer.body);
    if (answer.status == 0)
        return fail(answer.error_kind, fmt::format("control socket '{}': {}", question.socket_path, answer.error));
    const bool refused = answer.status >= 400 && answer.status < 500;
    return fail(refused ? ErrorKind::usage : ErrorKind::internal, refusal(question, answer));
}

}  // namespace

Result<std::string> http_request(const std::string& socket_path, const char* method, const std::string& path,
                                 const std::string& body, int limit_ms) {
    const Question question{socket_path, method, path, body};
    return body_of_success(question, ask(std::span(&question, 1), limit_ms).front());
}

Result<std::string> http_get(const std::string& socket_path, const std::string& path, int limit_ms) {
    return http_request(socket_path, "GET", path, {}, limit_ms);
}

std::vector<Result<std::string>> http_get_all(std::span<const std::string> socket_paths, const std::string& path,
                                              int limit_ms) {
    std::vector<Question> questions;
    questions.reserve(socket_paths.size());
    for (const std::string& socket_path : socket_paths) questions.push_back({socket_path, "GET", path, {}});
    std::vector<Answer> answers = ask(questions, limit_ms);
    std::vector<Result<std::string>> bodies;
    bodies.reserve(answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i)
        bodies.push_back(body_of_success(questions[i], std::move(answers[i])));
    return bodies;
}

}  // namespace hv
