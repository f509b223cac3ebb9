// SPDX-License-Identifier: Apache-2.0
// Files as responses.
#include "site.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

namespace httpd {

namespace {

std::string_view type_of(std::string_view path) {
    static constexpr std::pair<std::string_view, std::string_view> types[] = {{".html", "text/html; charset=utf-8"},
                                                                              {".css", "text/css"},
                                                                              {".js", "text/javascript"},
                                                                              {".json", "application/json"},
                                                                              {".svg", "image/svg+xml"},
                                                                              {".png", "image/png"},
                                                                              {".txt", "text/plain; charset=utf-8"},
                                                                              {".ico", "image/vnd.microsoft.icon"}};
    for (const auto& [ending, type] : types)
        if (path.ends_with(ending)) return type;
    return "application/octet-stream";
}

std::optional<std::string> read_file(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY);
    if (file < 0) return std::nullopt;
    std::string content;
    struct stat status {};
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(file);
        return std::nullopt;
    }
    content.resize(static_cast<std::size_t>(status.st_size));
    std::size_t have = 0;
    while (have < content.size()) {
        const ssize_t count = read(file, content.data() + have, content.size() - have);
        if (count <= 0) break;
        have += static_cast<std::size_t>(count);
    }
    close(file);
    content.resize(have);
    return content;
}

/// Whether the path stays below the root: no empty and no dotted component.
bool is_plain(std::string_view path) {
    return path.find("/.") == std::string_view::npos && path.find("//") == std::string_view::npos &&
           path.find('\0') == std::string_view::npos;
}

}  // namespace

std::string make_response(std::string_view status, std::string_view type, std::string_view body,
                          std::string_view fields) {
    std::string response;
    response.append("HTTP/1.1 ").append(status).append("\r\nServer: tenon-httpd\r\nContent-Type: ").append(type);
    response.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
    response.append(fields).append("\r\n").append(body);
    return response;
}

std::string_view head_of(std::string_view response) { return response.substr(0, response.find("\r\n\r\n") + 4); }

std::string_view Site::response(std::string_view path) {
    const std::lock_guard lock(mutex_);
    if (const auto known = responses_.find(path); known != responses_.end()) return known->second;
    static const std::string not_found = make_response("404 Not Found", "text/plain; charset=utf-8", "Not found\n");
    if (!is_plain(path)) return not_found;
    std::string file = root_ + std::string(path);
    if (file.ends_with('/')) file += "index.html";
    const std::optional<std::string> content = read_file(file);
    // Missing files are not cached: a client could fill the memory with names.
    if (!content) return not_found;
    return responses_.emplace(path, make_response("200 OK", type_of(file), *content)).first->second;
}

}  // namespace httpd
