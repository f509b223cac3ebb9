// SPDX-License-Identifier: Apache-2.0
// Bodies of requests and answers of the control socket.
#pragma once

#include <utility>

#include "hv/api/http_server.h"
#include "hv/core/json_section.h"

namespace hv {

[[nodiscard]] inline HttpResponse json_answer(const Json& body) { return {200, body.dump()}; }
[[nodiscard]] inline HttpResponse no_content() { return {204, {}}; }

/// Hands the body's object to read(JsonSection&) -> Result<>, which takes its keys; an empty body is an empty object.
/// Done is 204; an error, a key that is left over among them, is 400 with its message.
template <typename Read>
[[nodiscard]] HttpResponse with_body(const HttpRequest& request, Read&& read) {
    const Json body = request.body.empty() ? Json::object() : Json::parse(request.body, nullptr, false);
    const auto handled = [&]() -> Result<> {
        const JsonSection::Origin origin{request.method + " " + request.path, "this request"};
        TRY(JsonSection section, JsonSection::open(body, "", origin));
        return std::forward<Read>(read)(section);
    }();
    return handled ? no_content() : http_fault(400, handled.error().message);
}

}  // namespace hv
