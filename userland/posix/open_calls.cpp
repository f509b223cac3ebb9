// SPDX-License-Identifier: Apache-2.0
// open, and the calls that ask about files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "userland/posix/archive_file.h"
#include "userland/posix/block_file.h"
#include "userland/posix/console_file.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/device_file.h"
#include "userland/posix/open.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

constexpr int kept_flags = O_ACCMODE | O_APPEND | O_NONBLOCK;

File* make_file(const Node& node, int flags) {
    switch (node.kind) {
        case NodeKind::regular: return new (std::nothrow) ArchiveFile(node, flags);
        case NodeKind::directory: return new (std::nothrow) DirectoryFile(node, flags);
        case NodeKind::console: return FileReference::share(console_file()).release();
        case NodeKind::disk:
            return new (std::nothrow) BlockFile(*find_block_device(node.name.data(), node.name.size()), flags);
        default: return new (std::nothrow) DeviceFile(node.kind, flags);
    }
}

Outcome<> status_of(const char* path, struct stat& status) {
    TRY(const Node node, find_node(path));
    status = make_status(node.mode, node.data.size(), node.inode, node.modified);
    return {};
}

Outcome<> status_of(int fd, struct stat& status) {
    TRY(FileReference file, file_of(fd));
    return file->status(status);
}

Outcome<> may_access(const char* path, int mode) {
    TRY(const Node node, find_node(path));
    const bool stored = node.kind == NodeKind::regular || node.kind == NodeKind::directory;
    if ((mode & W_OK) != 0 && stored) return fail_with(EROFS);
    if ((mode & X_OK) != 0 && (node.mode & 0111) == 0) return fail_with(EACCES);
    return {};
}

}  // namespace

Outcome<int> open_path(const char* path, int flags) {
    const auto node = find_node(path);
    // The archive cannot be written to, so what is not there cannot be made.
    if (!node) return fail_with(node.error().code == ENOENT && (flags & O_CREAT) != 0 ? EROFS : node.error().code);
    if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return fail_with(EEXIST);
    const bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
    if (node->kind == NodeKind::directory && writes) return fail_with(EISDIR);
    if (node->kind == NodeKind::regular && writes) return fail_with(EROFS);
    if (node->kind == NodeKind::disk && writes && (node->mode & 0222) == 0) return fail_with(EROFS);
    if (node->kind != NodeKind::directory && (flags & O_DIRECTORY) != 0) return fail_with(ENOTDIR);
    FileReference file(make_file(*node, flags & kept_flags));
    if (!file) return fail_with(ENOMEM);
    return open_descriptor(std::move(file), (flags & O_CLOEXEC) != 0);
}

extern "C" {

int open(const char* path, int flags, ...) { return answer(open_path(path, flags)); }
int stat(const char* path, struct stat* status) { return answer(status_of(path, *status)); }
int lstat(const char* path, struct stat* status) { return answer(status_of(path, *status)); }
int fstat(int fd, struct stat* status) { return answer(status_of(fd, *status)); }
int access(const char* path, int mode) { return answer(may_access(path, mode)); }

}  // extern "C"

}  // namespace tenon::posix
