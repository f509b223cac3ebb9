// SPDX-License-Identifier: Apache-2.0
// A file system in RAM.
#include "kernel/fs/tmpfs/tmpfs.h"

#include <algorithm>
#include <new>

#include "kernel/base/address.h"
#include "kernel/fs/tmpfs/directory.h"
#include "kernel/mm/heap.h"

namespace tenon::tmpfs {

Tmpfs::Tmpfs(const Options& options)
    : FileSystem("tmpfs", next_file_system_number(), false),
      pages_(options.pages),
      inodes_(options.inodes),
      seed_(options.seed) {}

Outcome<Tmpfs*> Tmpfs::make(const Options& options) {
    auto* made = new (std::nothrow) Tmpfs(options);
    if (made == nullptr) return fail_with(ENOMEM);
    auto root = make_node<Directory>(*made, S_IFDIR | options.mode, nullptr);
    if (!root) {
        delete made;
        return std::unexpected(root.error());
    }
    // Its ".." is itself.
    static_cast<Directory&>(**root).add_links(1);
    made->root_ = root->release();
    return made;
}

Tmpfs::~Tmpfs() {
    if (root_ == nullptr) return;
    const InodeReference root(root_);
    static_cast<Directory&>(*root).clear();
}

FileSystemStatistics Tmpfs::statistics() {
    return {.block_size = page_size,
            .blocks = pages_.limit(),
            .free_blocks = pages_.limit() - std::min(pages_.used(), pages_.limit()),
            .inodes = inodes_.limit(),
            .free_inodes = inodes_.limit() - std::min(inodes_.used(), inodes_.limit())};
}

void* Tmpfs::operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
void Tmpfs::operator delete(void* object) { heap_free(object); }

}  // namespace tenon::tmpfs
