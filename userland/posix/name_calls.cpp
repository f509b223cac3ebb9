// SPDX-License-Identifier: Apache-2.0
// Calls that make, move and remove names.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "userland/posix/descriptors.h"
#include "userland/posix/open.h"
#include "userland/posix/path.h"

namespace tenon::posix {

namespace {

/// Walks to where a name is to be made. Errors: EEXIST (also for "." and for the root), ENOENT (a slash behind what
/// will be no directory), EROFS.
Outcome<> walk_to_new(PathWalk& walk, int directory, const char* path, bool is_directory) {
    TRY(InodeReference base, base_of(directory, path));
    CHECK(walk.to_parent(std::move(base), path));
    if (walk.last() != LastName::ordinary) return fail_with(EEXIST);
    const bool read_only = walk.directory().file_system().read_only();
    if (read_only || walk.has_trailing_slash()) {
        const auto there = walk.directory().look_up(walk.name());
        if (there) return fail_with(EEXIST);
        if (there.error().code != ENOENT) return std::unexpected(there.error());
        if (!is_directory && walk.has_trailing_slash()) return fail_with(ENOENT);
    }
    if (read_only) return fail_with(EROFS);
    return {};
}

Outcome<> make(int directory, const char* path, mode_t mode, std::string_view target = {}) {
    PathWalk walk;
    CHECK(walk_to_new(walk, directory, path, S_ISDIR(mode)));
    CHECK(walk.directory().create(walk.name(), mode, target));
    return {};
}

Outcome<> make_node(int directory, const char* path, mode_t mode) {
    if (S_ISDIR(mode)) return fail_with(EPERM);
    if ((mode & S_IFMT) == 0) mode |= S_IFREG;
    return make(directory, path, (mode & S_IFMT) | (mode & 07777 & ~creation_mask()));
}

Outcome<> make_directory(int directory, const char* path, mode_t mode) {
    return make(directory, path, S_IFDIR | (mode & 01777 & ~creation_mask()));
}

Outcome<> make_symbolic_link(const char* target, int directory, const char* path) {
    if (target == nullptr) return fail_with(EFAULT);
    const std::size_t size = std::strlen(target);
    if (size == 0) return fail_with(ENOENT);
    if (size >= PATH_MAX) return fail_with(ENAMETOOLONG);
    return make(directory, path, S_IFLNK | 0777, {target, size});
}

Outcome<> make_link(int from_directory, const char* from, int directory, const char* path, int flags) {
    if ((flags & ~AT_SYMLINK_FOLLOW) != 0) return fail_with(EINVAL);
    TRY(InodeReference inode,
        find_inode(from_directory, from, (flags & AT_SYMLINK_FOLLOW) != 0 ? LastLink::follow : LastLink::keep));
    PathWalk walk;
    CHECK(walk_to_new(walk, directory, path, false));
    const bool is_elsewhere = &inode->file_system() != &walk.directory().file_system();
    if ((is_elsewhere || inode->is_directory()) && walk.directory().look_up(walk.name())) return fail_with(EEXIST);
    if (is_elsewhere) return fail_with(EXDEV);
    if (inode->is_directory()) return fail_with(EPERM);
    return walk.directory().link(walk.name(), *inode);
}

Outcome<> remove_file(int directory, const char* path) {
    TRY(InodeReference base, base_of(directory, path));
    PathWalk walk;
    CHECK(walk.to_parent(std::move(base), path));
    if (walk.last() != LastName::ordinary) return fail_with(EISDIR);
    if (walk.has_trailing_slash() && !walk.directory().file_system().read_only()) {
        TRY(InodeReference there, walk.directory().look_up(walk.name()));
        return fail_with(there->is_directory() ? EISDIR : ENOTDIR);
    }
    return walk.directory().unlink(walk.name(), false);
}

Outcome<> remove_directory(int directory, const char* path) {
    TRY(InodeReference base, base_of(directory, path));
    PathWalk walk;
    CHECK(walk.to_parent(std::move(base), path));
    if (walk.last() == LastName::dots) return fail_with(ENOTEMPTY);
    if (walk.last() == LastName::dot) return fail_with(EINVAL);
    if (walk.last() == LastName::root) return fail_with(EBUSY);
    return walk.directory().unlink(walk.name(), true);
}

Outcome<> remove_at(int directory, const char* path, int flags) {
    if ((flags & ~AT_REMOVEDIR) != 0) return fail_with(EINVAL);
    return (flags & AT_REMOVEDIR) != 0 ? remove_directory(directory, path) : remove_file(directory, path);
}

/// Only directories may be named with a slash behind them.
Outcome<> check_slashes(const PathWalk& from, const PathWalk& to, Inode::Rename how) {
    const bool exchange = how == Inode::Rename::exchange;
    TRY(InodeReference moved, from.directory().look_up(from.name()));
    const auto there = to.directory().look_up(to.name());
    if (how == Inode::Rename::keep && there) return fail_with(EEXIST);
    if (exchange && !there) return std::unexpected(there.error());
    if (!moved->is_directory() && (from.has_trailing_slash() || (!exchange && to.has_trailing_slash())))
        return fail_with(ENOTDIR);
    if (exchange && to.has_trailing_slash() && !(*there)->is_directory()) return fail_with(ENOTDIR);
    return {};
}

Outcome<> move(int from_directory, const char* from_path, int to_directory, const char* to_path, unsigned flags) {
    if (flags > RENAME_EXCHANGE) return fail_with(EINVAL);
    const auto how = static_cast<Inode::Rename>(flags);
    TRY(InodeReference from_base, base_of(from_directory, from_path));
    TRY(InodeReference to_base, base_of(to_directory, to_path));
    PathWalk from, to;
    CHECK(from.to_parent(std::move(from_base), from_path));
    CHECK(to.to_parent(std::move(to_base), to_path));
    if (&from.directory().file_system() != &to.directory().file_system()) return fail_with(EXDEV);
    if (from.last() != LastName::ordinary) return fail_with(EBUSY);
    if (to.last() != LastName::ordinary) return fail_with(how == Inode::Rename::keep ? EEXIST : EBUSY);
    if ((from.has_trailing_slash() || to.has_trailing_slash()) && !from.directory().file_system().read_only())
        CHECK(check_slashes(from, to, how));
    return from.directory().rename(from.name(), to.directory(), to.name(), how);
}

}  // namespace

extern "C" {

// Newlib's rename() calls it by this name.
int _rename(const char* from, const char* to) { return answer(move(AT_FDCWD, from, AT_FDCWD, to, 0)); }
int renameat(int from_directory, const char* from, int directory, const char* to) {
    return answer(move(from_directory, from, directory, to, 0));
}
int renameat2(int from_directory, const char* from, int directory, const char* to, unsigned flags) {
    return answer(move(from_directory, from, directory, to, flags));
}
int link(const char* from, const char* to) { return answer(make_link(AT_FDCWD, from, AT_FDCWD, to, 0)); }
int linkat(int from_directory, const char* from, int directory, const char* to, int flags) {
    return answer(make_link(from_directory, from, directory, to, flags));
}
int symlink(const char* target, const char* path) { return answer(make_symbolic_link(target, AT_FDCWD, path)); }
int symlinkat(const char* target, int directory, const char* path) {
    return answer(make_symbolic_link(target, directory, path));
}
int unlink(const char* path) { return answer(remove_file(AT_FDCWD, path)); }
int unlinkat(int directory, const char* path, int flags) { return answer(remove_at(directory, path, flags)); }
int rmdir(const char* path) { return answer(remove_directory(AT_FDCWD, path)); }
/// Newlib's removes files only.
int __wrap_remove(const char* path) {
    const auto removed = remove_file(AT_FDCWD, path);
    if (!removed && removed.error().code == EISDIR) return rmdir(path);
    return answer(removed);
}
int mkdir(const char* path, mode_t mode) { return answer(make_directory(AT_FDCWD, path, mode)); }
int mkdirat(int directory, const char* path, mode_t mode) { return answer(make_directory(directory, path, mode)); }
int mkfifo(const char* path, mode_t mode) { return mkfifoat(AT_FDCWD, path, mode); }
int mkfifoat(int directory, const char* path, mode_t mode) {
    return answer(make_node(directory, path, S_IFIFO | (mode & 07777)));
}
int mknod(const char* path, mode_t mode, dev_t device) { return mknodat(AT_FDCWD, path, mode, device); }
int mknodat(int directory, const char* path, mode_t mode, dev_t) { return answer(make_node(directory, path, mode)); }

}  // extern "C"

}  // namespace tenon::posix
