// SPDX-License-Identifier: Apache-2.0
// A symbolic link in RAM.
#pragma once

#include "kernel/fs/tmpfs/node.h"

namespace tenon::tmpfs {

class Link final : public Node {
public:
    /// Error: ENOMEM.
    static Outcome<InodeReference> make(Tmpfs& tmpfs, mode_t mode, std::string_view target);
    Outcome<std::size_t> read_link(std::span<char> buffer) override;

    /// For make().
    Link(Tmpfs& tmpfs, mode_t mode, char* text, std::size_t size) : Node(tmpfs, mode), text_(text), size_(size) {}

private:
    ~Link() override;
    void measure(struct stat& status) const override { status.st_size = static_cast<off_t>(size_); }

    char* text_;  // on the heap, its own
    std::size_t size_;
};

}  // namespace tenon::tmpfs
