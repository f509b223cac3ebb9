// SPDX-License-Identifier: Apache-2.0
// A file of the image's archive, opened.
#include "userland/posix/archive_file.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "userland/posix/position.h"
#include "userland/posix/status.h"

namespace tenon::posix {

Outcome<std::size_t> ArchiveFile::read_at(std::span<std::byte> buffer, off_t offset) {
    const auto begin = std::min(static_cast<std::size_t>(offset), node_.data.size());
    const std::size_t size = std::min(buffer.size(), node_.data.size() - begin);
    if (size != 0) std::memcpy(buffer.data(), node_.data.data() + begin, size);
    return size;
}

Outcome<std::size_t> ArchiveFile::read(std::span<std::byte> buffer) {
    // Two readers that share the position get different parts.
    off_t position = position_.load();
    for (;;) {
        const auto begin = std::min(static_cast<std::size_t>(position), node_.data.size());
        const std::size_t size = std::min(buffer.size(), node_.data.size() - begin);
        if (position_.compare_exchange_weak(position, position + static_cast<off_t>(size)))
            return read_at(buffer.first(size), position);
    }
}

Outcome<off_t> ArchiveFile::seek(off_t offset, int whence) {
    return move_position(position_, static_cast<off_t>(node_.data.size()), offset, whence);
}

Outcome<> ArchiveFile::status(struct stat& status) {
    status = status_of(node_);
    return {};
}

Outcome<int> ArchiveFile::control(unsigned long request, void* argument) {
    if (request != FIONREAD) return fail_with(ENOTTY);
    return give(argument, static_cast<int>(static_cast<off_t>(node_.data.size()) - position_.load()));
}

Outcome<> DirectoryFile::status(struct stat& status) {
    status = status_of(node_);
    return {};
}

}  // namespace tenon::posix
