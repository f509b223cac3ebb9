// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 requests from bytes, with bounds. The bytes are a stranger's.
#pragma once

#include <http_parser.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hv {

struct HttpRequest {
    std::string method;
    std::string path;  ///< without the query
    std::string body;
    bool keep_alive = true;
};

/// Takes a connection's bytes as they come.
class HttpRequestParser {
public:
    static constexpr std::size_t path_limit = 1024;
    static constexpr std::size_t header_limit = 8 * 1024;
    static constexpr std::size_t body_limit = 64 * 1024;

    HttpRequestParser();
    HttpRequestParser(const HttpRequestParser&) = delete;
    HttpRequestParser& operator=(const HttpRequestParser&) = delete;

    /// 0, or the HTTP status that the connection ends with: 400, 413, 414 or 431. Complete requests are appended to
    /// `requests`, also when an error follows them.
    [[nodiscard]] int feed(std::string_view bytes, std::vector<HttpRequest>& requests);

private:
    struct Callbacks;
    friend struct Callbacks;
    int refuse(int status);

    http_parser parser_{};
    HttpRequest current_;
    std::string url_;
    std::size_t header_bytes_ = 0;
    int refused_ = 0;
    std::vector<HttpRequest>* requests_ = nullptr;
};

}  // namespace hv
