// SPDX-License-Identifier: Apache-2.0
// Requests to a supervisor: read, and sent.
#include "hv/supervise/supervisor_requests.h"

#include <fmt/format.h>

#include "hv/api/api_body.h"
#include "hv/api/http_client.h"
#include "hv/machine/machine_files.h"

namespace hv {

namespace {

constexpr int request_limit_ms = 1000;

struct Path {
    const char* path;
    SupervisorRequest::What what;
    const char* step;  ///< null: the body says it
};

constexpr Path paths[] = {
    {"/stop", SupervisorRequest::What::stop, nullptr},
    {"/kill", SupervisorRequest::What::kill, step_kill},
    {"/reboot", SupervisorRequest::What::reboot, nullptr},
    {"/restart", SupervisorRequest::What::restart, step_restart},
};

Result<> read_body(const HttpRequest& request, SupervisorRequest& read) {
    TRY(const Json body, body_of(request));
    TRY(JsonSection section, JsonSection::open(body, "", {"PUT " + request.path, "this request"}));
    if (read.step.empty()) {
        TRY(const auto step, section.take_string("step"));
        read.step = step.value_or(step_event);
        if (read.step != step_event && read.step != step_agent) return section.wrong("step: neither event nor agent");
    }
    if (read.what == SupervisorRequest::What::reboot) {
        TRY(const auto within, section.take_number("within_ms", 0, SupervisorRequest::longest_ms));
        read.within_ms = within.value_or(0);
    }
    return section.finish();
}

Result<std::string> put(const std::string& directory, const char* path, const Json& body) {
    return http_request(directory + "/" + supervisor_socket, "PUT", path, body.dump(), request_limit_ms);
}

Result<std::uint64_t> restarts_in(const std::string& answer) {
    const Json json = parse_json(answer).value_or(nullptr);
    if (!json.is_object() || !json.contains("restarts") || !json["restarts"].is_number_unsigned())
        return fail(ErrorKind::internal, "its supervisor's answer is not the count of restarts");
    return json["restarts"].get<std::uint64_t>();
}

}  // namespace

Result<SupervisorRequest> SupervisorRequest::parse(const HttpRequest& request) {
    for (const Path& known : paths) {
        if (request.path != known.path) continue;
        if (request.method != "PUT") return fail(ErrorKind::usage, fmt::format("{}: takes PUT", request.path));
        SupervisorRequest read{.what = known.what, .step = known.step == nullptr ? "" : known.step};
        CHECK(read_body(request, read));
        return read;
    }
    return fail(ErrorKind::not_found, fmt::format("{}: no such path", request.path));
}

Result<> tell_stop(const std::string& directory, const char* step) {
    CHECK(put(directory, "/stop", {{"step", step}}));
    return {};
}

Result<> tell_kill(const std::string& directory) {
    CHECK(put(directory, "/kill", Json::object()));
    return {};
}

Result<std::uint64_t> tell_reboot(const std::string& directory, const char* step, std::uint64_t within_ms) {
    TRY(const std::string answer, put(directory, "/reboot", {{"step", step}, {"within_ms", within_ms}}));
    return restarts_in(answer);
}

Result<std::uint64_t> tell_restart(const std::string& directory) {
    TRY(const std::string answer, put(directory, "/restart", Json::object()));
    return restarts_in(answer);
}

Result<> tell_limits(const std::string& directory, const std::string& path, const Json& limits) {
    CHECK(http_request(directory + "/" + supervisor_socket, "PATCH", path, limits.dump(), request_limit_ms));
    return {};
}

}  // namespace hv
