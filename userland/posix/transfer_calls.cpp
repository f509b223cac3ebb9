// SPDX-License-Identifier: Apache-2.0
// read, write and their relatives.
#include <unistd.h>

#include "userland/posix/parts.h"

namespace tenon::posix {

namespace {

std::span<std::byte> bytes(void* buffer, std::size_t size) {
    return {static_cast<std::byte*>(buffer), size > largest_transfer ? largest_transfer : size};
}
std::span<const std::byte> bytes(const void* data, std::size_t size) {
    return {static_cast<const std::byte*>(data), size > largest_transfer ? largest_transfer : size};
}

Outcome<std::size_t> read_some(int fd, void* buffer, std::size_t size) {
    TRY(FileReference file, readable_file(fd));
    return file->read(bytes(buffer, size));
}

Outcome<std::size_t> write_some(int fd, const void* data, std::size_t size) {
    TRY(FileReference file, writable_file(fd));
    return file->write(bytes(data, size));
}

Outcome<std::size_t> read_some_at(int fd, void* buffer, std::size_t size, off_t offset) {
    TRY(FileReference file, readable_file(fd));
    if (offset < 0) return fail_with(EINVAL);
    return file->read_at(bytes(buffer, size), offset);
}

Outcome<std::size_t> write_some_at(int fd, const void* data, std::size_t size, off_t offset) {
    TRY(FileReference file, writable_file(fd));
    if (offset < 0) return fail_with(EINVAL);
    return file->write_at(bytes(data, size), offset);
}

Outcome<std::size_t> read_parts(int fd, const iovec* parts, int count) {
    TRY(FileReference file, readable_file(fd));
    TRY(auto list, checked_parts(parts, count));
    return file->read_parts(list);
}

Outcome<std::size_t> write_parts(int fd, const iovec* parts, int count) {
    TRY(FileReference file, writable_file(fd));
    TRY(auto list, checked_parts(parts, count));
    return file->write_parts(list);
}

Outcome<off_t> seek(int fd, off_t offset, int whence) {
    TRY(FileReference file, file_of(fd));
    return file->seek(offset, whence);
}

Outcome<> synchronise(int fd, bool data_only) {
    TRY(FileReference file, file_of(fd));
    return file->synchronise(data_only);
}

}  // namespace

extern "C" {

ssize_t read(int fd, void* buffer, size_t size) { return answer(read_some(fd, buffer, size)); }
ssize_t write(int fd, const void* data, size_t size) { return answer(write_some(fd, data, size)); }
ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
    return answer(read_some_at(fd, buffer, size, offset));
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
    return answer(write_some_at(fd, data, size, offset));
}
ssize_t readv(int fd, const iovec* parts, int count) { return answer(read_parts(fd, parts, count)); }
ssize_t writev(int fd, const iovec* parts, int count) { return answer(write_parts(fd, parts, count)); }
off_t lseek(int fd, off_t offset, int whence) { return answer(seek(fd, offset, whence)); }
int close(int fd) { return answer(close_descriptor(fd)); }
int fsync(int fd) { return answer(synchronise(fd, false)); }
int fdatasync(int fd) { return answer(synchronise(fd, true)); }

}  // extern "C"

}  // namespace tenon::posix
