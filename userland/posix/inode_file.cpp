// SPDX-License-Identifier: Apache-2.0
// A regular file or a directory, opened.
#include "userland/posix/inode_file.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <limits>
#include <mutex>

#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

/// There is no byte behind the largest offset.
Outcome<> check_end(std::size_t size, off_t offset) {
    if (size > static_cast<std::size_t>(std::numeric_limits<off_t>::max() - offset)) return fail_with(EINVAL);
    return {};
}

}  // namespace

Outcome<std::size_t> InodeFile::read_at(std::span<std::byte> buffer, off_t offset) {
    return inode_->read(buffer, offset);
}

Outcome<std::size_t> InodeFile::write_through(std::span<const std::byte> data, off_t& offset) {
    TRY(const std::size_t size, inode_->write(data, offset, (flags() & O_APPEND) != 0));
    if ((flags() & O_SYNC) != 0) CHECK(inode_->synchronise(true));
    return size;
}

Outcome<std::size_t> InodeFile::write_at(std::span<const std::byte> data, off_t offset) {
    CHECK(check_end(data.size(), offset));
    // Linux appends here too, whatever the offset.
    return write_through(data, offset);
}

Outcome<std::size_t> InodeFile::read(std::span<std::byte> buffer) {
    const std::lock_guard guard(moving_);
    TRY(const std::size_t size, inode_->read(buffer, position_));
    position_ += static_cast<off_t>(size);
    return size;
}

Outcome<std::size_t> InodeFile::write(std::span<const std::byte> data) {
    const std::lock_guard guard(moving_);
    CHECK(check_end(data.size(), position_));
    TRY(const std::size_t size, write_through(data, position_));
    position_ += static_cast<off_t>(size);
    return size;
}

Outcome<off_t> InodeFile::seek(off_t offset, int whence) {
    // A directory's position means nothing: it has no end.
    if (kind() == Kind::directory && whence != SEEK_SET && whence != SEEK_CUR) return fail_with(EINVAL);
    const std::lock_guard guard(moving_);
    off_t base = 0;
    if (whence == SEEK_DATA || whence == SEEK_HOLE) {
        if (offset < 0) return fail_with(ENXIO);
        TRY(offset, inode_->find(offset, whence == SEEK_HOLE));
    } else if (whence == SEEK_CUR) {
        base = position_;
    } else if (whence == SEEK_END) {
        struct stat now;
        CHECK(inode_->status(now));
        base = now.st_size;
    } else if (whence != SEEK_SET) {
        return fail_with(EINVAL);
    }
    off_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) return fail_with(EINVAL);
    position_ = target;
    return target;
}

Outcome<> InodeFile::status(struct stat& status) { return status_of(*inode_, status); }

Outcome<int> InodeFile::control(unsigned long request, void* argument) {
    if (request != FIONREAD || kind() == Kind::directory) return fail_with(ENOTTY);
    struct stat now;
    CHECK(inode_->status(now));
    return give(argument, static_cast<int>(now.st_size - position_));
}

void InodeFile::closed() {
    if (auto* act = when_closed_.exchange(nullptr, std::memory_order_relaxed); act != nullptr) act(*this);
}

}  // namespace tenon::posix
