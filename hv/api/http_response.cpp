// SPDX-License-Identifier: Apache-2.0
// HTTP responses as text.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "hv/api/http_server.h"

namespace hv {

namespace {

const char* reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 204: return "No Content";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 413: return "Payload Too Large";
        case 414: return "URI Too Long";
        case 431: return "Request Header Fields Too Large";
        default: return "Internal Server Error";
    }
}

}  // namespace

std::string http_text(const HttpResponse& response, bool keep_alive) {
    std::string text = fmt::format("HTTP/1.1 {} {}\r\nServer: hv\r\nConnection: {}\r\n", response.status,
                                   reason_phrase(response.status), keep_alive ? "keep-alive" : "close");
    if (response.status == 204) return text + "\r\n";
    return text + fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n\r\n{}", response.content_type,
                              response.body.size(), response.body);
}

HttpResponse http_fault(int status, const std::string& message) {
    // A message may hold bytes of the request: what is not UTF-8 is replaced.
    const nlohmann::json body = {{"fault_message", message}};
    return {status, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace hv
