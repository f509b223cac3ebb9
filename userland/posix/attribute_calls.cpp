// SPDX-License-Identifier: Apache-2.0
// Calls that change a file's attributes: size, permissions, owner, times.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utime.h>
#include <unistd.h>

#include "userland/posix/descriptors.h"
#include "userland/posix/inode_file.h"
#include "userland/posix/path.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

Outcome<> change_at(int directory, const char* path, const AttributeChange& change, LastLink last) {
    TRY(InodeReference inode, find_inode(directory, path, last));
    return inode->change(change);
}

/// Devices and sockets do not keep them.
Outcome<> change_of(int fd, const AttributeChange& change) {
    TRY(FileReference file, file_of(fd));
    InodeFile* opened = inode_file(*file);
    return opened != nullptr ? opened->inode().change(change) : fail_with(EROFS);
}

/// With AT_EMPTY_PATH an empty path is the descriptor's own file.
Outcome<> change(int directory, const char* path, const AttributeChange& change, int flags) {
    if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) return fail_with(EINVAL);
    if ((flags & AT_EMPTY_PATH) != 0 && path != nullptr && *path == '\0') {
        if (directory != AT_FDCWD) return change_of(directory, change);
        path = ".";
    }
    return change_at(directory, path, change, (flags & AT_SYMLINK_NOFOLLOW) != 0 ? LastLink::keep : LastLink::follow);
}

AttributeChange permissions(mode_t mode) {
    AttributeChange change;
    change.permissions = mode & 07777;
    return change;
}

/// -1 leaves the owner or the group as it is.
AttributeChange owner(uid_t user, gid_t group) {
    AttributeChange change;
    if (user != static_cast<uid_t>(-1)) change.owner = user;
    if (group != static_cast<gid_t>(-1)) change.group = group;
    return change;
}

timespec now() { return to_timespec(realtime_now()); }

/// Null: now. Nothing: no time changes. Error: EINVAL.
Outcome<std::optional<AttributeChange>> times(const timespec* given) {
    AttributeChange change;
    if (given == nullptr) {
        change.accessed = change.modified = now();
        return change;
    }
    const auto time = [](const timespec& wanted) -> Outcome<std::optional<timespec>> {
        if (wanted.tv_nsec == UTIME_OMIT) return std::nullopt;
        if (wanted.tv_nsec == UTIME_NOW) return now();
        if (wanted.tv_nsec < 0 || wanted.tv_nsec >= static_cast<long>(second)) return fail_with(EINVAL);
        return wanted;
    };
    TRY(change.accessed, time(given[0]));
    TRY(change.modified, time(given[1]));
    if (!change.accessed && !change.modified) return std::nullopt;
    return change;
}

Outcome<> set_times(int directory, const char* path, const timespec* given, int flags) {
    TRY(const auto wanted, times(given));
    return wanted ? change(directory, path, *wanted, flags) : Outcome<>();
}

Outcome<> set_times(int fd, const timespec* given) {
    TRY(const auto wanted, times(given));
    return wanted ? change_of(fd, *wanted) : Outcome<>();
}

/// A wrong number of microseconds becomes a wrong number of nanoseconds.
struct Exact {
    timespec both[2];
    explicit Exact(const timeval* given) {
        for (int i = 0; i != 2; ++i) {
            const bool is_wrong = given[i].tv_usec < 0 || given[i].tv_usec >= 1'000'000;
            both[i] = {given[i].tv_sec, is_wrong ? static_cast<long>(second) : given[i].tv_usec * 1000};
        }
    }
};

int set_times(int directory, const char* path, const timeval* given, int flags) {
    if (given == nullptr) return utimensat(directory, path, nullptr, flags);
    return utimensat(directory, path, Exact(given).both, flags);
}

Outcome<> cut(const char* path, off_t size) {
    if (size < 0) return fail_with(EINVAL);
    TRY(InodeReference inode, find_inode(AT_FDCWD, path));
    if (inode->is_directory()) return fail_with(EISDIR);
    return inode->type() == S_IFREG ? inode->resize(size) : fail_with(EINVAL);
}

Outcome<> cut(int fd, off_t size) {
    if (size < 0) return fail_with(EINVAL);
    TRY(FileReference file, file_of(fd));
    if (file->kind() != File::Kind::regular || !file->may_write()) return fail_with(EINVAL);
    return inode_file(*file)->inode().resize(size);
}

}  // namespace

extern "C" {

int truncate(const char* path, off_t size) { return answer(cut(path, size)); }
int ftruncate(int fd, off_t size) { return answer(cut(fd, size)); }

int chmod(const char* path, mode_t mode) { return answer(change(AT_FDCWD, path, permissions(mode), 0)); }
int fchmod(int fd, mode_t mode) { return answer(change_of(fd, permissions(mode))); }
int fchmodat(int directory, const char* path, mode_t mode, int flags) {
    return answer(change(directory, path, permissions(mode), flags));
}
int chown(const char* path, uid_t user, gid_t group) { return answer(change(AT_FDCWD, path, owner(user, group), 0)); }
int fchown(int fd, uid_t user, gid_t group) { return answer(change_of(fd, owner(user, group))); }
int lchown(const char* path, uid_t user, gid_t group) {
    return answer(change(AT_FDCWD, path, owner(user, group), AT_SYMLINK_NOFOLLOW));
}
int fchownat(int directory, const char* path, uid_t user, gid_t group, int flags) {
    return answer(change(directory, path, owner(user, group), flags));
}

int utimensat(int directory, const char* path, const timespec* times, int flags) {
    return answer(set_times(directory, path, times, flags));
}
int futimens(int fd, const timespec* times) { return answer(set_times(fd, times)); }
int utimes(const char* path, const timeval* times) { return set_times(AT_FDCWD, path, times, 0); }
int lutimes(const char* path, const timeval* times) { return set_times(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW); }
int futimes(int fd, const timeval* times) { return futimens(fd, times != nullptr ? Exact(times).both : nullptr); }
int utime(const char* path, const utimbuf* times) {
    if (times == nullptr) return utimensat(AT_FDCWD, path, nullptr, 0);
    const timespec both[2] = {{times->actime, 0}, {times->modtime, 0}};
    return utimensat(AT_FDCWD, path, both, 0);
}

}  // extern "C"

}  // namespace tenon::posix
