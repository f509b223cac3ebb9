// SPDX-License-Identifier: Apache-2.0
// Where paths start.
#include "userland/posix/path.h"

#include <fcntl.h>

#include <mutex>

#include "kernel/sched/sync.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/device_directory.h"
#include "userland/posix/inode_file.h"

namespace tenon::posix {

namespace {

constinit Mutex changing;
/// A reference. Null: the root.
constinit Inode* current = nullptr;

}  // namespace

InodeReference working_directory() {
    mount_devices();
    const std::lock_guard guard(changing);
    return current != nullptr ? InodeReference::share(*current) : root_directory();
}

void set_working_directory(InodeReference directory) {
    // The former one is released after the lock.
    InodeReference former;
    const std::lock_guard guard(changing);
    former = InodeReference(std::exchange(current, directory.release()));
}

Outcome<InodeReference> base_of(int directory, const char* path) {
    if (directory == AT_FDCWD || (path != nullptr && *path == '/')) return working_directory();
    TRY(FileReference file, file_of(directory));
    if (file->kind() != File::Kind::directory) return fail_with(ENOTDIR);
    return InodeReference::share(inode_file(*file)->inode());
}

Outcome<InodeReference> find_inode(int directory, const char* path, LastLink last) {
    TRY(InodeReference base, base_of(directory, path));
    PathWalk walk;
    return walk.to_end(std::move(base), path, last);
}

}  // namespace tenon::posix
