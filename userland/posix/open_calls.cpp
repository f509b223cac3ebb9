// SPDX-License-Identifier: Apache-2.0
// open, by itself and from a directory.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdarg>

#include "userland/posix/descriptors.h"
#include "userland/posix/device_directory.h"
#include "userland/posix/inode_file.h"
#include "userland/posix/open.h"
#include "userland/posix/path.h"

namespace tenon::posix {

namespace {

/// O_DSYNC is O_SYNC's bit; O_DIRECT has no effect, because disks have no cache here.
constexpr int kept_flags = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DIRECT;
constexpr int made_only = O_CREAT | O_EXCL;

constinit std::atomic<mode_t> mask = 022;

bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0; }
bool is_made_only(int flags) { return (flags & made_only) == made_only; }

Outcome<> may_open(Inode& inode, int flags) {
    if (is_made_only(flags)) return fail_with(EEXIST);
    if (inode.is_link()) return fail_with((flags & O_DIRECTORY) != 0 ? ENOTDIR : ELOOP);
    if (!inode.is_directory() && (flags & O_DIRECTORY) != 0) return fail_with(ENOTDIR);
    if (inode.type() == S_IFSOCK) return fail_with(ENXIO);
    if (inode.is_directory() && (writes(flags) || (flags & O_CREAT) != 0)) return fail_with(EISDIR);
    bool read_only = inode.type() == S_IFREG && inode.file_system().read_only();
    if (inode.type() == S_IFBLK) {
        struct stat status;
        CHECK(inode.status(status));
        read_only = (status.st_mode & 0222) == 0;
    }
    if (read_only && writes(flags)) return fail_with(EROFS);
    return {};
}

/// What is there already, or a new file.
Outcome<InodeReference> find_or_make(int directory, const char* path, int flags, mode_t mode) {
    const bool keep_link = (flags & O_NOFOLLOW) != 0 || is_made_only(flags);
    PathWalk walk;
    for (;;) {
        TRY(InodeReference base, base_of(directory, path));
        CHECK(walk.to_parent(std::move(base), path));
        const bool is_made = (flags & O_CREAT) != 0;
        if (is_made && walk.has_trailing_slash()) return fail_with(EISDIR);
        auto found = walk.to_end(keep_link ? LastLink::keep : LastLink::follow);
        if (found) {
            CHECK(may_open(**found, flags));
            if ((flags & O_TRUNC) != 0 && (*found)->type() == S_IFREG) CHECK((*found)->resize(0));
            return found;
        }
        if (!is_made || !walk.is_missing()) return found;
        if (walk.has_trailing_slash()) return fail_with(EISDIR);
        found = walk.directory().create(walk.name(), S_IFREG | (mode & 07777 & ~creation_mask()), {});
        // Another thread may have made the file since.
        if (found || found.error().code != EEXIST || is_made_only(flags)) return found;
    }
}

File* make_file(InodeReference inode, int flags) {
    const bool is_device = inode->type() != S_IFREG && !inode->is_directory();
    return is_device ? open_device(*inode, flags) : new (std::nothrow) InodeFile(std::move(inode), flags);
}

/// The optional third parameter of open() and openat().
mode_t mode_of(int flags, va_list arguments) { return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0; }

}  // namespace

mode_t creation_mask() { return mask.load(std::memory_order_relaxed); }

Outcome<int> open_path(int directory, const char* path, int flags, mode_t mode) {
    if ((flags & O_CREAT) != 0 && (flags & O_DIRECTORY) != 0) return fail_with(EINVAL);
    TRY(InodeReference inode, find_or_make(directory, path, flags, mode));
    FileReference file(make_file(std::move(inode), flags & kept_flags));
    if (!file) return fail_with(ENOMEM);
    return open_descriptor(std::move(file), (flags & O_CLOEXEC) != 0);
}

extern "C" {

int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return answer(open_path(AT_FDCWD, path, flags, mode));
}

int openat(int directory, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return answer(open_path(directory, path, flags, mode));
}

mode_t umask(mode_t new_mask) { return mask.exchange(new_mask & 0777); }

}  // extern "C"

}  // namespace tenon::posix
