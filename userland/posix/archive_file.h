// SPDX-License-Identifier: Apache-2.0
// A file of the image's archive, opened: read-only, at its place in the image.
#pragma once

#include <atomic>

#include "userland/posix/file.h"
#include "userland/posix/path.h"

namespace tenon::posix {

class ArchiveFile final : public File {
public:
    ArchiveFile(const Node& node, int flags) : File(Kind::archive_file, flags), node_(node) {}
    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> read_at(std::span<std::byte> buffer, off_t offset) override;
    Outcome<off_t> seek(off_t offset, int whence) override;
    Outcome<> status(struct stat& status) override;
    Outcome<int> control(unsigned long request, void* argument) override;
    void destroy() override { delete this; }

private:
    Node node_;
    std::atomic<off_t> position_ = 0;
};

/// A directory, opened. Its readers (opendir) keep their own positions.
class DirectoryFile final : public File {
public:
    DirectoryFile(const Node& node, int flags) : File(Kind::directory, flags), node_(node) {}
    Outcome<std::size_t> read(std::span<std::byte>) override { return fail_with(EISDIR); }
    Outcome<std::size_t> read_at(std::span<std::byte>, off_t) override { return fail_with(EISDIR); }
    Outcome<off_t> seek(off_t, int) override { return fail_with(EINVAL); }
    Outcome<> status(struct stat& status) override;
    void destroy() override { delete this; }
    [[nodiscard]] const Node& node() const { return node_; }

private:
    Node node_;
};

}  // namespace tenon::posix
