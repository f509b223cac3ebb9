// SPDX-License-Identifier: Apache-2.0
// What the calls that read or write share: descriptors, and lists of parts.
#pragma once

#include <limits.h>
#include <sys/uio.h>

#include "userland/posix/descriptors.h"

namespace tenon::posix {

/// The largest result, which is an ssize_t.
inline constexpr std::size_t largest_transfer = PTRDIFF_MAX;

/// Error: EBADF.
inline Outcome<FileReference> readable_file(int fd) {
    TRY(FileReference file, file_of(fd));
    if (!file->may_read()) return fail_with(EBADF);
    return file;
}
inline Outcome<FileReference> writable_file(int fd) {
    TRY(FileReference file, file_of(fd));
    if (!file->may_write()) return fail_with(EBADF);
    return file;
}

/// Error: EINVAL (too many parts, or bytes).
inline Outcome<std::span<const iovec>> checked_parts(const iovec* parts, int count) {
    if (count < 0 || count > IOV_MAX) return fail_with(EINVAL);
    std::size_t total = 0;
    for (int i = 0; i != count; ++i)
        if (__builtin_add_overflow(total, parts[i].iov_len, &total) || total > largest_transfer)
            return fail_with(EINVAL);
    return std::span(parts, static_cast<std::size_t>(count));
}

/// Calls transfer(bytes) for each part until one is short.
template <typename Byte, typename Transfer>
Outcome<std::size_t> each_part(std::span<const iovec> parts, Transfer&& transfer) {
    std::size_t total = 0;
    for (const iovec& part : parts) {
        if (part.iov_len == 0) continue;
        const auto done = transfer(std::span<Byte>(static_cast<Byte*>(part.iov_base), part.iov_len));
        // Returns the bytes transferred before the error; the next call meets the error again.
        if (!done) return total != 0 ? Outcome<std::size_t>(total) : std::unexpected(done.error());
        total += *done;
        if (*done < part.iov_len) break;
    }
    return total;
}

}  // namespace tenon::posix
