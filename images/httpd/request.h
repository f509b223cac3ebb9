// SPDX-License-Identifier: Apache-2.0
// The part of HTTP/1.1 (RFC 9112) that a server of static files needs.
#pragma once

#include <optional>
#include <string_view>

namespace httpd {

struct Request {
    std::string_view method;
    std::string_view path;  ///< begins with a slash; without the query
    bool keep_alive;
    std::size_t size;  ///< bytes of the request's head, the empty line included
    bool has_body;     ///< which would have to be read before the next request: nothing here does
};

enum class ParseError { incomplete, malformed };

/// Longest request head; a longer one is malformed.
inline constexpr std::size_t largest_request = 8192;

struct ParseResult {
    std::optional<Request> request;
    ParseError error;  ///< if there is no request
};

/// Parses the request at the start of `bytes`. The result points into `bytes`.
ParseResult parse_request(std::string_view bytes);

}  // namespace httpd
