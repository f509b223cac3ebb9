// SPDX-License-Identifier: Apache-2.0
// Calls that ask about files: status, access, limits.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/posix/descriptors.h"
#include "userland/posix/path.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

Outcome<> status_at(int directory, const char* path, struct stat& status, int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return fail_with(EINVAL);
    if ((flags & AT_EMPTY_PATH) != 0 && *path == '\0' && directory != AT_FDCWD) {
        TRY(FileReference file, file_of(directory));
        return file->status(status);
    }
    if ((flags & AT_EMPTY_PATH) != 0 && *path == '\0') path = ".";
    const auto last = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? LastLink::keep : LastLink::follow;
    TRY(InodeReference inode, find_inode(directory, path, last));
    return status_of(*inode, status);
}

Outcome<> status_of(int fd, struct stat& status) {
    TRY(FileReference file, file_of(fd));
    return file->status(status);
}

/// The program is user 0, which may do everything but write to what is read-only and execute files without that
/// permission.
Outcome<> may_access(int directory, const char* path, int mode, int flags) {
    if ((mode & ~(R_OK | W_OK | X_OK)) != 0) return fail_with(EINVAL);
    if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW)) != 0) return fail_with(EINVAL);
    const auto last = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? LastLink::keep : LastLink::follow;
    TRY(InodeReference inode, find_inode(directory, path, last));
    struct stat status;
    CHECK(inode->status(status));
    if ((mode & X_OK) != 0 && !inode->is_directory() && (status.st_mode & 0111) == 0) return fail_with(EACCES);
    const bool is_device = inode->type() == S_IFCHR || inode->type() == S_IFBLK;
    if ((mode & W_OK) != 0 && !is_device && inode->file_system().read_only()) return fail_with(EROFS);
    return {};
}

Outcome<long> limit(int name) {
    switch (name) {
        case _PC_LINK_MAX: return LINK_MAX;
        case _PC_NAME_MAX: return NAME_MAX;
        case _PC_PATH_MAX: static_assert(PATH_MAX == PIPE_BUF); [[fallthrough]];
        case _PC_PIPE_BUF: return PIPE_BUF;
        case _PC_MAX_CANON:
        case _PC_MAX_INPUT: return MAX_CANON;
        case _PC_CHOWN_RESTRICTED:
        case _PC_NO_TRUNC: return 1;
        case _PC_VDISABLE: return 0;
        case _PC_FILESIZEBITS: return 64;
        default: return fail_with(EINVAL);
    }
}

Outcome<long> limit_at(const char* path, int name) {
    CHECK(find_inode(AT_FDCWD, path));
    return limit(name);
}

Outcome<long> limit_of(int fd, int name) {
    CHECK(file_of(fd));
    return limit(name);
}

}  // namespace

extern "C" {

int stat(const char* path, struct stat* status) { return answer(status_at(AT_FDCWD, path, *status, 0)); }
int lstat(const char* path, struct stat* status) {
    return answer(status_at(AT_FDCWD, path, *status, AT_SYMLINK_NOFOLLOW));
}
int fstatat(int directory, const char* path, struct stat* status, int flags) {
    return answer(status_at(directory, path, *status, flags));
}
int fstat(int fd, struct stat* status) { return answer(status_of(fd, *status)); }

int access(const char* path, int mode) { return answer(may_access(AT_FDCWD, path, mode, 0)); }
int faccessat(int directory, const char* path, int mode, int flags) {
    return answer(may_access(directory, path, mode, flags));
}
int eaccess(const char* path, int mode) { return access(path, mode); }
int euidaccess(const char* path, int mode) { return access(path, mode); }

long pathconf(const char* path, int name) { return answer(limit_at(path, name)); }
long fpathconf(int fd, int name) { return answer(limit_of(fd, name)); }

}  // extern "C"

}  // namespace tenon::posix
