// SPDX-License-Identifier: Apache-2.0
// open, by itself and from a directory.
#include <fcntl.h>
#include <sys/stat.h>

#include "userland/posix/archive_file.h"
#include "userland/posix/block_file.h"
#include "userland/posix/console_file.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/device_file.h"
#include "userland/posix/open.h"

namespace tenon::posix {

namespace {

/// O_DSYNC is O_SYNC's bit; O_DIRECT has no effect, because disks have no cache here.
constexpr int kept_flags = O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC | O_DIRECT;

File* make_file(const Node& node, int flags) {
    switch (node.kind) {
        case NodeKind::directory: return new (std::nothrow) DirectoryFile(node, flags);
        case NodeKind::console: return FileReference::share(console_file()).release();
        case NodeKind::disk:
            return new (std::nothrow) BlockFile(*find_block_device(node.name.data(), node.name.size()), flags);
        case NodeKind::null:
        case NodeKind::zero:
        case NodeKind::random: return new (std::nothrow) DeviceFile(node, flags);
        case NodeKind::regular:
        case NodeKind::link: break;
    }
    return new (std::nothrow) ArchiveFile(node, flags);
}

bool writes(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0; }

Outcome<> may_open(const Node& node, int flags) {
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return fail_with(EEXIST);
    if (node.kind == NodeKind::link) return fail_with((flags & O_DIRECTORY) != 0 ? ENOTDIR : ELOOP);
    if (node.kind != NodeKind::directory && (flags & O_DIRECTORY) != 0) return fail_with(ENOTDIR);
    if (node.kind == NodeKind::directory && (writes(flags) || (flags & O_CREAT) != 0)) return fail_with(EISDIR);
    const bool read_only = node.kind == NodeKind::regular || (node.kind == NodeKind::disk && (node.mode & 0222) == 0);
    if (read_only && writes(flags)) return fail_with(EROFS);
    return {};
}

}  // namespace

Outcome<int> open_path(int directory, const char* path, int flags) {
    constexpr int made_only = O_CREAT | O_EXCL;
    if ((flags & O_CREAT) != 0 && (flags & O_DIRECTORY) != 0) return fail_with(EINVAL);
    const bool keep_link = (flags & O_NOFOLLOW) != 0 || (flags & made_only) == made_only;
    TRY(const std::string_view base, base_of(directory, path));
    PathWalk walk;
    const auto node = walk.walk(base, path, keep_link ? LastLink::keep : LastLink::follow);
    // The archive is read-only, so a missing file cannot be created.
    if (!node && (flags & O_CREAT) != 0 && walk.only_last_is_missing()) return fail_with(EROFS);
    if (!node) return std::unexpected(node.error());
    CHECK(may_open(*node, flags));
    FileReference file(make_file(*node, flags & kept_flags));
    if (!file) return fail_with(ENOMEM);
    return open_descriptor(std::move(file), (flags & O_CLOEXEC) != 0);
}

extern "C" {

int open(const char* path, int flags, ...) { return answer(open_path(AT_FDCWD, path, flags)); }
int openat(int directory, const char* path, int flags, ...) { return answer(open_path(directory, path, flags)); }

}  // extern "C"

}  // namespace tenon::posix
