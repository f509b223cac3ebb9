// SPDX-License-Identifier: Apache-2.0
// A file in RAM.
#pragma once

#include "kernel/fs/tmpfs/node.h"
#include "kernel/fs/tmpfs/sparse_pages.h"

namespace tenon::tmpfs {

class RegularFile final : public Node {
public:
    RegularFile(Tmpfs& tmpfs, mode_t mode) : Node(tmpfs, mode), pages_(tmpfs.pages()) {}
    Outcome<std::size_t> read(std::span<std::byte> buffer, off_t offset) override;
    Outcome<std::size_t> write(std::span<const std::byte> data, off_t& offset, bool append) override;
    Outcome<> resize(off_t size) override;
    Outcome<off_t> find(off_t offset, bool hole) override;

private:
    void measure(struct stat& status) const override;
    /// Returns how much was stored before there was no page.
    Outcome<std::size_t> store(std::span<const std::byte> data, std::uint64_t offset);

    SparsePages pages_;
    std::uint64_t size_ = 0;
};

}  // namespace tenon::tmpfs
