// SPDX-License-Identifier: Apache-2.0
// The tree that mounted file systems are together.
#include "kernel/fs/file_system.h"

#include "kernel/fs/archive.h"
#include "kernel/sched/sync.h"

namespace tenon {

namespace {

constinit Mutex mounting;
constinit IntrusiveList<FileSystem> all_mounts;
constinit std::atomic<dev_t> last_number = archive_number;

}  // namespace

IntrusiveList<FileSystem>& detail::mounts() { return all_mounts; }
dev_t next_file_system_number() { return last_number.fetch_add(1) + 1; }

Outcome<> FileSystem::mount_on(InodeReference directory, std::string_view path) {
    mounting.lock();
    Inode& place = *directory;
    const bool free = place.mounted() == nullptr;
    if (free) {
        path_ = path;
        covered_ = directory.release();
        all_mounts.push_back(*this);
        place.mounted_.store(this, std::memory_order_release);
    }
    mounting.unlock();
    if (!free) return fail_with(EBUSY);
    return {};
}

InodeReference root_directory() { return cross_mounts(InodeReference::share(archive_file_system().root())); }

InodeReference cross_mounts(InodeReference inode) {
    while (FileSystem* above = inode->mounted()) inode = InodeReference::share(above->root());
    return inode;
}

Outcome<InodeReference> parent_of(Inode& directory) {
    Inode* place = &directory;
    while (place == &place->file_system().root()) {
        Inode* covered = place->file_system().covered();
        if (covered == nullptr) return root_directory();
        place = covered;
    }
    return place->parent();
}

}  // namespace tenon
