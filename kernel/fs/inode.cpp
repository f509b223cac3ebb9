// SPDX-License-Identifier: Apache-2.0
// References to inodes, and inodes of a file system that is read-only.
#include "kernel/fs/inode.h"

namespace tenon {

InodeReference InodeReference::share(Inode& inode) {
    inode.references_.fetch_add(1, std::memory_order_relaxed);
    return InodeReference(&inode);
}

InodeReference::~InodeReference() {
    if (inode_ != nullptr && inode_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) inode_->unreferenced();
}

Outcome<> Inode::change(const AttributeChange&) { return fail_with(EROFS); }
Outcome<std::size_t> Inode::read(std::span<std::byte>, off_t) { return fail_with(is_directory() ? EISDIR : EINVAL); }
Outcome<std::size_t> Inode::write(std::span<const std::byte>, off_t&, bool) { return fail_with(EROFS); }
Outcome<> Inode::resize(off_t) { return fail_with(EROFS); }

/// All is data, and the end is a hole.
Outcome<off_t> Inode::find(off_t offset, bool hole) {
    struct stat now;
    CHECK(status(now));
    if (offset >= now.st_size) return fail_with(ENXIO);
    return hole ? now.st_size : offset;
}

Outcome<> Inode::synchronise(bool) { return {}; }
Outcome<std::size_t> Inode::read_link(std::span<char>) { return fail_with(EINVAL); }
Outcome<InodeReference> Inode::look_up(std::string_view) { return fail_with(ENOTDIR); }
Outcome<InodeReference> Inode::parent() { return fail_with(ENOTDIR); }
Outcome<InodeReference> Inode::create(std::string_view, mode_t, std::string_view) { return fail_with(EROFS); }
Outcome<> Inode::link(std::string_view, Inode&) { return fail_with(EROFS); }
Outcome<> Inode::unlink(std::string_view, bool) { return fail_with(EROFS); }
Outcome<> Inode::rename(std::string_view, Inode&, std::string_view, Rename) { return fail_with(EROFS); }
Outcome<bool> Inode::read_entry(std::uint64_t&, DirectoryEntry&) { return fail_with(ENOTDIR); }

}  // namespace tenon
