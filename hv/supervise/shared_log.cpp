// SPDX-License-Identifier: Apache-2.0
// A log of many writers.
#include "hv/supervise/shared_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace hv {

namespace {

FileDescriptor open_for_append(const std::string& path) {
    return FileDescriptor(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
}

bool is_at(int file, const std::string& path) {
    struct stat ours {
    }, there{};
    return fstat(file, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

}  // namespace

bool rotate_shared_log(int file, const std::string& path) {
    if (flock(file, LOCK_EX | LOCK_NB) != 0) return false;
    // Another one may have done it before this lock.
    if (!is_at(file, path)) return true;
    const std::string older = path + ".1";
    const FileDescriptor emptied(open(older.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW));
    if (emptied && renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, older.c_str(), RENAME_EXCHANGE) == 0) return true;
    // There is no older file yet, or the file system cannot exchange two.
    return rename(path.c_str(), older.c_str()) == 0;
}

void append_to_shared_log(const std::string& path, std::string_view line, std::uint64_t limit) {
    for (;;) {
        // The lock goes with the descriptor.
        const FileDescriptor file = open_for_append(path);
        struct stat about {};
        if (!file || fstat(file.get(), &about) != 0) return;
        const auto size = static_cast<std::uint64_t>(about.st_size);
        const bool full = size > 0 && size + line.size() > limit;
        if (full && rotate_shared_log(file.get(), path)) continue;
        if (full && size + line.size() > shared_log_slack * limit) return;
        // Should it be moved away at this moment, the line is in the older file.
        const ssize_t written = write(file.get(), line.data(), line.size());
        if (written == static_cast<ssize_t>(line.size())) return;
        // The process's own limit of file sizes (EFBIG, or a part of the line) is below the log's: the file is full.
        const bool limited = written > 0 || errno == EFBIG;
        if (!limited || size == 0 || !rotate_shared_log(file.get(), path)) return;
    }
}

OpenSharedLog::OpenSharedLog(std::string path, std::uint64_t limit) : path_(std::move(path)), limit_(limit) {
    files_ = {open_for_append(path_), open_for_append(path_ + ".1")};
    struct stat about {};
    if (!files_[0] || fstat(files_[0].get(), &about) != 0 || static_cast<std::uint64_t>(about.st_size) < limit_) return;
    static_cast<void>(rotate_shared_log(files_[0].get(), path_));
    flock(files_[0].get(), LOCK_UN);
}

void OpenSharedLog::append(std::string_view line) const {
    // Where files cannot be exchanged, neither may be the newest one any more: people read the older one, too.
    const FileDescriptor& file = is_at(files_[1].get(), path_) ? files_[1] : files_[0];
    struct stat about {};
    if (!file || fstat(file.get(), &about) != 0) return;
    if (static_cast<std::uint64_t>(about.st_size) + line.size() > shared_log_slack * limit_) return;
    // A disk that is full loses it.
    [[maybe_unused]] const ssize_t written = write(file.get(), line.data(), line.size());
}

}  // namespace hv
