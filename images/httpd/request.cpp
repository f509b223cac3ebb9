// SPDX-License-Identifier: Apache-2.0
// Parsing a request head.
#include "request.h"

#include <algorithm>
#include <cctype>

namespace httpd {

namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i])))
            return false;
    return true;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    if (text.empty()) return false;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && marks.find(c) == marks.npos) return false;
    return true;
}

/// Takes the next line off `rest`, without its end.
std::string_view take_line(std::string_view& rest) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

constexpr ParseResult malformed{std::nullopt, ParseError::malformed};

}  // namespace

ParseResult parse_request(std::string_view bytes) {
    const std::size_t end = bytes.substr(0, largest_request).find("\r\n\r\n");
    if (end == std::string_view::npos)
        return bytes.size() < largest_request ? ParseResult{std::nullopt, ParseError::incomplete} : malformed;
    std::string_view rest = bytes.substr(0, end + 2);

    const std::string_view line = take_line(rest);
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) return malformed;
    const std::string_view version = line.substr(second + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return malformed;
    const std::string_view method = line.substr(0, first);
    if (!is_token(method)) return malformed;
    std::string_view path = line.substr(first + 1, second - first - 1);
    // The form in which a proxy asks (RFC 9112, section 3.2.2): the host is not looked at.
    constexpr std::string_view scheme = "http://";
    if (path.starts_with(scheme)) path.remove_prefix(std::min(path.find('/', scheme.size()), path.size()));
    // OPTIONS may ask about the server as a whole.
    if (path != "*" || method != "OPTIONS")
        if (path.empty() || path.front() != '/') return malformed;
    path = path.substr(0, path.find('?'));

    bool keep_alive = version == "HTTP/1.1", has_body = false;
    int hosts = 0;
    while (!rest.empty()) {
        const std::string_view header = take_line(rest);
        const std::size_t colon = header.find(':');
        if (colon == std::string_view::npos || !is_token(header.substr(0, colon))) return malformed;
        const std::string_view name = header.substr(0, colon);
        const std::string_view value = trim(header.substr(colon + 1));
        if (equals_ignoring_case(name, "Connection")) {
            if (equals_ignoring_case(value, "close")) keep_alive = false;
            if (equals_ignoring_case(value, "keep-alive")) keep_alive = true;
        }
        if (equals_ignoring_case(name, "Host")) ++hosts;
        if (equals_ignoring_case(name, "Transfer-Encoding")) has_body = true;
        if (equals_ignoring_case(name, "Content-Length") && value != "0") has_body = true;
    }
    // RFC 9112, section 3.2.
    if (hosts > 1 || (hosts == 0 && version == "HTTP/1.1")) return malformed;
    return {Request{method, path, keep_alive && !has_body, end + 4, has_body}, ParseError::incomplete};
}

}  // namespace httpd
