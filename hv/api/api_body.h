// SPDX-License-Identifier: Apache-2.0
// Bodies of requests and answers of the control socket.
#pragma once

#include <utility>

#include "hv/api/http_server.h"
#include "hv/core/json_section.h"
#include "hv/core/json_text.h"

namespace hv {

[[nodiscard]] inline HttpResponse json_answer(const Json& body) { return {200, body.dump()}; }
[[nodiscard]] inline HttpResponse no_content() { return {204, {}}; }

/// A request's body; an empty one is an empty object. Error: usage, with the request's name.
[[nodiscard]] inline Result<Json> body_of(const HttpRequest& request) {
    if (request.body.empty()) return Json::object();
    auto body = parse_json(request.body);
    if (!body)
        return fail(ErrorKind::usage, request.method + " " + request.path + ": the body " + body.error().message);
    return body;
}

/// Hands the body's object to read(JsonSection&) -> Result<>, which takes its keys; an empty body is an empty object.
/// Done is 204; an error, a key that is left over among them, is 400 with its message.
template <typename Read>
[[nodiscard]] HttpResponse with_body(const HttpRequest& request, Read&& read) {
    const auto handled = [&]() -> Result<> {
        TRY(const Json body, body_of(request));
        const JsonSection::Origin origin{request.method + " " + request.path, "this request"};
        TRY(JsonSection section, JsonSection::open(body, "", origin));
        return std::forward<Read>(read)(section);
    }();
    return handled ? no_content() : http_fault(400, handled.error().message);
}

}  // namespace hv
