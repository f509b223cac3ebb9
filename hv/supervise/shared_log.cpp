// SPDX-License-Identifier: Apache-2.0
// A log of many writers.
#include "hv/supervise/shared_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "hv/core/file_descriptor.h"

namespace hv {

bool rotate_shared_log(int file, const std::string& path) {
    if (flock(file, LOCK_EX | LOCK_NB) != 0) return false;
    struct stat ours {
    }, there{};
    // Another one may have done it before this lock.
    const bool current = fstat(file, &ours) == 0 && stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
                         ours.st_dev == there.st_dev;
    return !current || rename(path.c_str(), (path + ".1").c_str()) == 0;
}

void append_to_shared_log(const std::string& path, std::string_view line, std::uint64_t limit) {
    for (;;) {
        // The lock goes with the descriptor.
        const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
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

}  // namespace hv
