// SPDX-License-Identifier: Apache-2.0
// Reading and writing small files.
#include "hv/core/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"

namespace hv {

namespace {

std::unexpected<Error> cannot(const char* what, const std::string& path) {
    return fail(errno_kind(errno, ErrorKind::host_lacks),
                "'" + path + "' cannot be " + what + ": " + std::strerror(errno));
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t most) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return cannot("read", path);
    std::string text;
    char buffer[4096];
    while (text.size() < most) {
        const ssize_t size = read(file.get(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return cannot("read", path);
        if (size == 0) break;
        text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
}

std::string_view read_start(const FileDescriptor& file, std::span<char> text) {
    const ssize_t size = file ? pread(file.get(), text.data(), text.size(), 0) : 0;
    return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

Result<> write_text_file(const std::string& path, std::string_view text) {
    const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        return cannot("written", path);
    return {};
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace hv
