// SPDX-License-Identifier: Apache-2.0
// Calls that change a file system. The archive is read-only, so they fail: with EROFS for paths with which they would
// on Linux's read-only file systems.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utime.h>
#include <unistd.h>

#include "kernel/device/block_io.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/path.h"

namespace tenon::posix {

namespace {

/// Changes the file at a path, which has to exist.
int change(int directory, const char* path, LastLink last = LastLink::follow) {
    const auto node = find_node(directory, path, last);
    return answer<int>(fail_with(node ? EROFS : node.error().code));
}

int change(int fd) {
    const auto file = file_of(fd);
    return answer<int>(fail_with(file ? EROFS : file.error().code));
}

/// Makes or removes a name, whose directory has to exist. `if_there` is the error if the name exists.
Outcome<> check_name(int directory, const char* path, int if_there) {
    TRY(const std::string_view base, base_of(directory, path));
    PathWalk walk;
    const auto node = walk.walk(base, path, LastLink::keep);
    if (node) return fail_with(if_there);
    return fail_with(walk.only_last_is_missing() ? EROFS : node.error().code);
}

int make(int directory, const char* path) { return answer(check_name(directory, path, EEXIST)); }
int remove(int directory, const char* path) { return answer(check_name(directory, path, EROFS)); }

int make_link(int from_directory, const char* from, int directory, const char* path, LastLink last) {
    const auto node = find_node(from_directory, from, last);
    return node ? make(directory, path) : answer<int>(fail_with(node.error().code));
}

int move(int from_directory, const char* from, int directory, const char* path) {
    const auto result = check_name(from_directory, from, EROFS);
    return result.error().code == EROFS ? remove(directory, path) : answer(result);
}

int cut(const char* path, off_t size) {
    if (size < 0) return answer<int>(fail_with(EINVAL));
    const auto node = find_node(AT_FDCWD, path);
    if (!node) return answer<int>(fail_with(node.error().code));
    if (node->kind == NodeKind::directory) return answer<int>(fail_with(EISDIR));
    return answer<int>(fail_with(node->kind == NodeKind::regular ? EROFS : EINVAL));
}

/// No file that has a size can be open for writing.
int cut(int fd) {
    const auto file = file_of(fd);
    return answer<int>(fail_with(file ? EINVAL : file.error().code));
}

LastLink followed(int flags) { return (flags & AT_SYMLINK_NOFOLLOW) != 0 ? LastLink::keep : LastLink::follow; }

}  // namespace

extern "C" {

/// Newlib's knows no mkdir().
char* __wrap_mkdtemp(char* name) {
    const std::string_view text(name);
    if (!text.ends_with("XXXXXX")) {
        errno = EINVAL;
        return nullptr;
    }
    return mkdir(name, 0700) == 0 ? name : nullptr;
}

// Newlib's rename() calls it by this name.
int _rename(const char* from, const char* to) { return move(AT_FDCWD, from, AT_FDCWD, to); }
int renameat(int from_directory, const char* from, int directory, const char* to) {
    return move(from_directory, from, directory, to);
}
int link(const char* from, const char* to) { return make_link(AT_FDCWD, from, AT_FDCWD, to, LastLink::keep); }
int linkat(int from_directory, const char* from, int directory, const char* to, int flags) {
    return make_link(from_directory, from, directory, to,
                     (flags & AT_SYMLINK_FOLLOW) != 0 ? LastLink::follow : LastLink::keep);
}
int symlink(const char*, const char* path) { return make(AT_FDCWD, path); }
int symlinkat(const char*, int directory, const char* path) { return make(directory, path); }
int unlink(const char* path) { return remove(AT_FDCWD, path); }
int unlinkat(int directory, const char* path, int) { return remove(directory, path); }
int rmdir(const char* path) { return remove(AT_FDCWD, path); }
int mkdir(const char* path, mode_t) { return make(AT_FDCWD, path); }
int mkdirat(int directory, const char* path, mode_t) { return make(directory, path); }
int mkfifo(const char* path, mode_t) { return make(AT_FDCWD, path); }
int mkfifoat(int directory, const char* path, mode_t) { return make(directory, path); }
int mknod(const char* path, mode_t, dev_t) { return make(AT_FDCWD, path); }
int mknodat(int directory, const char* path, mode_t, dev_t) { return make(directory, path); }

int truncate(const char* path, off_t size) { return cut(path, size); }
int ftruncate(int fd, off_t size) { return size < 0 ? answer<int>(fail_with(EINVAL)) : cut(fd); }
int chmod(const char* path, mode_t) { return change(AT_FDCWD, path); }
int fchmod(int fd, mode_t) { return change(fd); }
int fchmodat(int directory, const char* path, mode_t, int flags) { return change(directory, path, followed(flags)); }
int chown(const char* path, uid_t, gid_t) { return change(AT_FDCWD, path); }
int fchown(int fd, uid_t, gid_t) { return change(fd); }
int lchown(const char* path, uid_t, gid_t) { return change(AT_FDCWD, path, LastLink::keep); }
int fchownat(int directory, const char* path, uid_t, gid_t, int flags) {
    return change(directory, path, followed(flags));
}
int utime(const char* path, const utimbuf*) { return change(AT_FDCWD, path); }
int utimes(const char* path, const timeval*) { return change(AT_FDCWD, path); }
int lutimes(const char* path, const timeval*) { return change(AT_FDCWD, path, LastLink::keep); }
int futimes(int fd, const timeval*) { return change(fd); }
int utimensat(int directory, const char* path, const timespec*, int flags) {
    return change(directory, path, followed(flags));
}
int futimens(int fd, const timespec*) { return change(fd); }

/// Kept, because programs read it back; no file is ever created with it.
mode_t umask(mode_t mask) {
    static constinit std::atomic<mode_t> current = 022;
    return current.exchange(mask & 0777);
}
void sync() { flush_disks(); }

}  // extern "C"

}  // namespace tenon::posix
