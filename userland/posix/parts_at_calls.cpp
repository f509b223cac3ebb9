// SPDX-License-Identifier: Apache-2.0
// preadv and pwritev.
#include <limits.h>
#include <sys/uio.h>

#include "userland/posix/block_file.h"
#include "userland/posix/descriptors.h"

namespace tenon::posix {

namespace {

/// Of a disk one transfer; of other files one part after the other, until one is short. `whole(disk)` transfers all
/// parts, `one(file, part, offset)` one of them.
template <typename Whole, typename One>
Outcome<std::size_t> transfer_parts(File& file, std::span<const iovec> parts, off_t offset, Whole&& whole, One&& one) {
    if (file.kind() == File::Kind::disk) return whole(static_cast<BlockFile&>(file));
    std::size_t total = 0;
    for (const iovec& part : parts) {
        if (part.iov_len == 0) continue;
        const auto done = one(part, offset + static_cast<off_t>(total));
        // Returns the bytes transferred before the error; the next call meets the error again.
        if (!done) return total != 0 ? Outcome<std::size_t>(total) : std::unexpected(done.error());
        total += *done;
        if (*done < part.iov_len) break;
    }
    return total;
}

Outcome<std::span<const iovec>> checked(const iovec* parts, int count, off_t offset) {
    if (count < 0 || count > IOV_MAX || offset < 0) return fail_with(EINVAL);
    std::size_t total = 0;
    for (int i = 0; i != count; ++i)
        if (__builtin_add_overflow(total, parts[i].iov_len, &total) || total > PTRDIFF_MAX) return fail_with(EINVAL);
    return std::span(parts, static_cast<std::size_t>(count));
}

Outcome<std::size_t> read_parts_at(int fd, const iovec* parts, int count, off_t offset) {
    TRY(FileReference file, file_of(fd));
    if (!file->may_read()) return fail_with(EBADF);
    TRY(const auto list, checked(parts, count, offset));
    return transfer_parts(
        *file, list, offset, [&](BlockFile& disk) { return disk.read_parts_at(list, offset); },
        [&](const iovec& part, off_t place) {
            return file->read_at(std::span(static_cast<std::byte*>(part.iov_base), part.iov_len), place);
        });
}

Outcome<std::size_t> write_parts_at(int fd, const iovec* parts, int count, off_t offset) {
    TRY(FileReference file, file_of(fd));
    if (!file->may_write()) return fail_with(EBADF);
    TRY(const auto list, checked(parts, count, offset));
    return transfer_parts(
        *file, list, offset, [&](BlockFile& disk) { return disk.write_parts_at(list, offset); },
        [&](const iovec& part, off_t place) {
            return file->write_at(std::span(static_cast<const std::byte*>(part.iov_base), part.iov_len), place);
        });
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
