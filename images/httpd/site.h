// SPDX-License-Identifier: Apache-2.0
// The files that are served, each kept as a complete response once it has been asked for.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace httpd {

/// Thread-safe. A response, once made, lives as long as the site.
class Site {
public:
    /// `root`: the folder to serve, without a trailing slash; may be empty for "/".
    explicit Site(std::string root) : root_(std::move(root)) {}

    /// The whole response to GET `path`, head and body; a 404 if there is no such file.
    std::string_view response(std::string_view path);

private:
    std::string root_;
    std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> responses_;
};

/// A response with this status line ("200 OK"), type and body. `fields` are further lines of the head, each ended by
/// CRLF.
std::string make_response(std::string_view status, std::string_view type, std::string_view body,
                          std::string_view fields = {});

/// The head of a response, the empty line included: what HEAD gets.
std::string_view head_of(std::string_view response);

}  // namespace httpd
