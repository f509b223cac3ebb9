// SPDX-License-Identifier: Apache-2.0
// preadv and pwritev.
#include <sys/uio.h>

#include "userland/posix/block_file.h"
#include "userland/posix/parts.h"

namespace tenon::posix {

namespace {

Outcome<std::span<const iovec>> checked(const iovec* parts, int count, off_t offset) {
    if (offset < 0) return fail_with(EINVAL);
    return checked_parts(parts, count);
}

/// Of a disk all parts are one transfer.
BlockFile* disk_file(File& file) { return file.kind() == File::Kind::disk ? static_cast<BlockFile*>(&file) : nullptr; }

/// Of other files one part follows the other, until one is short.
template <typename Byte, typename Transfer>
Outcome<std::size_t> each_part_at(std::span<const iovec> parts, off_t offset, Transfer&& transfer) {
    return each_part<Byte>(parts, [&](std::span<Byte> part) {
        const auto done = transfer(part, offset);
        if (done) offset += static_cast<off_t>(*done);
        return done;
    });
}

Outcome<std::size_t> read_parts_at(int fd, const iovec* parts, int count, off_t offset) {
    TRY(FileReference file, readable_file(fd));
    TRY(const auto list, checked(parts, count, offset));
    if (BlockFile* disk = disk_file(*file)) return disk->read_parts_at(list, offset);
    return each_part_at<std::byte>(list, offset, [&](auto part, off_t place) { return file->read_at(part, place); });
}

Outcome<std::size_t> write_parts_at(int fd, const iovec* parts, int count, off_t offset) {
    TRY(FileReference file, writable_file(fd));
    TRY(const auto list, checked(parts, count, offset));
    if (BlockFile* disk = disk_file(*file)) return disk->write_parts_at(list, offset);
    return each_part_at<const std::byte>(list, offset,
                                         [&](auto part, off_t place) { return file->write_at(part, place); });
}

}  // namespace

extern "C" {

ssize_t preadv(int fd, const iovec* parts, int count, off_t offset) {
    return answer(read_parts_at(fd, parts, count, offset));
}
ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
    return answer(write_parts_at(fd, parts, count, offset));
}

}  // extern "C"

}  // namespace tenon::posix
