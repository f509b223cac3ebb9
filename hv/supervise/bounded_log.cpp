// SPDX-License-Identifier: Apache-2.0
// A log with one rotation.
#include "hv/supervise/bounded_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"

namespace hv {

namespace {

FileDescriptor open_for_append(const std::string& path) {
    return FileDescriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
}

std::uint64_t size_of(int file) {
    struct stat about {};
    return fstat(file, &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

std::string read_end(const std::string& path, std::uint64_t limit) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file || limit == 0) return {};
    const std::uint64_t size = size_of(file.get());
    const std::uint64_t wanted = std::min(size, limit);
    std::string text(wanted, '\0');
    const ssize_t got = pread(file.get(), text.data(), wanted, static_cast<off_t>(size - wanted));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

}  // namespace

Result<BoundedLog> BoundedLog::open(std::string path, std::uint64_t file_limit) {
    FileDescriptor file = open_for_append(path);
    if (!file) return fail(errno_kind(errno), fmt::format("log '{}': {}", path, std::strerror(errno)));
    const std::uint64_t size = size_of(file.get());
    return BoundedLog(std::move(path), std::move(file), size, file_limit);
}

void BoundedLog::rotate() {
    if (rename(path_.c_str(), (path_ + ".1").c_str()) != 0) return;
    FileDescriptor fresh = open_for_append(path_);
    if (!fresh) return;
    file_ = std::move(fresh);
    size_ = 0;
}

void BoundedLog::append(std::string_view text) {
    while (!text.empty()) {
        // A text that fits into one file is not divided: a line stays a line.
        if (size_ > 0 && size_ + text.size() > limit_) rotate();
        // A rotation that fails must not let the file grow.
        if (size_ >= limit_) return;
        const std::string_view part = text.substr(0, limit_ - size_);
        const ssize_t written = write(file_.get(), part.data(), part.size());
        // The process's own limit of file sizes is less than the log's: the file is full.
        if (written < 0 && errno == EFBIG && size_ > 0) {
            rotate();
            if (size_ == 0) continue;
        }
        if (written <= 0) return;
        size_ += static_cast<std::uint64_t>(written);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string BoundedLog::tail(std::uint64_t limit) const {
    std::string text = read_log_tail(path_, limit);
    // Cut in the middle of a line: it begins with the next one.
    if (text.size() == limit) text.erase(0, text.find('\n') + 1);
    return text;
}

std::string read_log_tail(const std::string& path, std::uint64_t limit) {
    const std::string newer = read_end(path, limit);
    return read_end(path + ".1", limit - newer.size()) + newer;
}

std::string_view last_lines(std::string_view text, std::uint64_t lines) {
    std::size_t begin = text.size();
    if (begin > 0 && text.back() == '\n') --begin;
    while (lines > 0 && begin > 0) {
        const std::size_t newline = text.rfind('\n', begin - 1);
        if (newline == std::string_view::npos) return text;
        if (--lines == 0) return text.substr(newline + 1);
        begin = newline;
    }
    return lines > 0 ? text : std::string_view();
}

}  // namespace hv
