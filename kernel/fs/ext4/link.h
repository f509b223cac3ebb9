// SPDX-License-Identifier: Apache-2.0
// A symbolic link on the disk.
#pragma once

#include "kernel/fs/ext4/node.h"

namespace tenon::ext4 {

/// A short target is in the inode, a longer one in a block.
class Link final : public Node {
public:
    using Node::Node;
    Outcome<std::size_t> read_link(std::span<char> buffer) override;
    /// For a new link. Writes the record.
    static Outcome<> set_target(Volume& volume, std::uint32_t number, InodeRecord& record, std::string_view target);
    /// Whether the inode has room for a target.
    static bool is_short(std::size_t size) { return size < sizeof InodeRecord::block; }
};

}  // namespace tenon::ext4
