// SPDX-License-Identifier: Apache-2.0
// A regular file or a directory, opened.
#pragma once

#include "kernel/fs/inode.h"
#include "kernel/sched/sync.h"
#include "userland/posix/file.h"

namespace tenon::posix {

/// Readers and writers that share the position take turns. Readers of a directory (opendir) keep their own positions.
class InodeFile final : public File {
public:
    InodeFile(InodeReference inode, int flags)
        : File(inode->is_directory() ? Kind::directory : Kind::regular, flags), inode_(std::move(inode)) {}
    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> write(std::span<const std::byte> data) override;
    Outcome<std::size_t> read_at(std::span<std::byte> buffer, off_t offset) override;
    Outcome<std::size_t> write_at(std::span<const std::byte> data, off_t offset) override;
    Outcome<off_t> seek(off_t offset, int whence) override;
    Outcome<> status(struct stat& status) override;
    Outcome<int> control(unsigned long request, void* argument) override;
    Outcome<> synchronise(bool data_only) override { return inode_->synchronise(data_only); }
    void closed() override;
    void destroy() override { delete this; }

    [[nodiscard]] Inode& inode() const { return *inode_; }
    [[nodiscard]] off_t position() const { return position_; }
    /// Called once, when the file is closed: releases a lock that the file may have.
    void when_closed(void (*act)(InodeFile&)) { when_closed_.store(act, std::memory_order_relaxed); }

private:
    Outcome<std::size_t> write_through(std::span<const std::byte> data, off_t& offset);

    InodeReference inode_;
    Mutex moving_;
    off_t position_ = 0;
    std::atomic<void (*)(InodeFile&)> when_closed_ = nullptr;
};

/// The file of a descriptor, which may be of another kind: then null.
[[nodiscard]] inline InodeFile* inode_file(File& file) {
    const bool has_inode = file.kind() == File::Kind::regular || file.kind() == File::Kind::directory;
    return has_inode ? static_cast<InodeFile*>(&file) : nullptr;
}

}  // namespace tenon::posix
