// SPDX-License-Identifier: Apache-2.0
// Actions of the system tests on disks inside a guest.
#include "disk.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <tenon/disk.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t block = 4096;

struct FreeBuffer {
    void operator()(char* buffer) const { tenon_disk_buffer_free(buffer); }
};

int complain(const char* what) {
    std::printf("%s: %s\n", what, std::strerror(errno));
    return 1;
}

int tell(const char* device, int fd) {
    std::uint64_t size = 0;
    int sector = 0, read_only = 0;
    if (ioctl(fd, BLKGETSIZE64, &size) != 0 || ioctl(fd, BLKSSZGET, &sector) != 0 ||
        ioctl(fd, BLKROGET, &read_only) != 0)
        return complain("ioctl");
    std::printf("%s: %llu bytes, blocks of %d, %s\n", device, static_cast<unsigned long long>(size), sector,
                read_only != 0 ? "read-only" : "writable");
    return 0;
}

int write_text(int fd, off_t offset, const char* text) {
    std::vector<char> data(block);
    std::strncpy(data.data(), text, block - 1);
    if (pwrite(fd, data.data(), block, offset) != static_cast<ssize_t>(block)) return complain("write");
    if (fsync(fd) != 0) return complain("flush");
    std::puts("flushed");
    return 0;
}

int read_text(int fd, off_t offset) {
    const std::unique_ptr<char, FreeBuffer> data(static_cast<char*>(tenon_disk_buffer(block)));
    if (pread(fd, data.get(), block, offset) != static_cast<ssize_t>(block)) return complain("read");
    data.get()[block - 1] = '\0';
    std::printf("read: %s\n", data.get());
    return 0;
}

/// Fills the whole disk with a pattern, reads it back by odd sizes, and compares.
int verify(int fd) {
    std::uint64_t size = 0;
    if (ioctl(fd, BLKGETSIZE64, &size) != 0) return complain("ioctl");
    const auto pattern = [](std::uint64_t place) { return static_cast<std::uint32_t>(place * 2654435761U >> 3); };
    constexpr std::size_t large = 512 * 1024 + 512;
    std::vector<std::uint32_t> words(large / 4);
    for (std::uint64_t offset = 0; offset < size; offset += large) {
        const std::size_t bytes = size - offset < large ? size - offset : large;
        for (std::size_t i = 0; i < bytes / 4; ++i) words[i] = pattern(offset / 4 + i);
        if (pwrite(fd, words.data(), bytes, static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes))
            return complain("write");
    }
    constexpr std::size_t odd = 3 * 512;
    for (std::uint64_t offset = 0; offset < size; offset += odd) {
        const std::size_t bytes = size - offset < odd ? size - offset : odd;
        if (pread(fd, words.data(), bytes, static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes))
            return complain("read");
        for (std::size_t i = 0; i < bytes / 4; ++i)
            if (words[i] != pattern(offset / 4 + i)) return std::puts("wrong data"), 1;
    }
    std::puts("verified");
    return 0;
}

/// BLKDISCARD or BLKZEROOUT of `size` bytes.
int change_range(int fd, unsigned long request, off_t offset, const char* size) {
    std::uint64_t range[2] = {static_cast<std::uint64_t>(offset), std::strtoull(size, nullptr, 10)};
    if (ioctl(fd, request, range) != 0) return complain("range");
    if (fsync(fd) != 0) return complain("flush");
    std::puts("changed");
    return 0;
}

/// Writes the whole disk, and flushes.
int fill(int fd) {
    const std::vector<char> data(1 << 20, 'f');
    std::uint64_t size = 0;
    if (ioctl(fd, BLKGETSIZE64, &size) != 0) return complain("ioctl");
    for (std::uint64_t offset = 0; offset < size; offset += data.size())
        if (pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset)) <= 0) return complain("write");
    if (fsync(fd) != 0) return complain("flush");
    std::puts("filled");
    return 0;
}

/// Waits until the disk is larger, and writes behind its old end.
int grow(int fd) {
    std::uint64_t before = 0, now = 0;
    if (ioctl(fd, BLKGETSIZE64, &before) != 0) return complain("ioctl");
    std::vector<char> data(block);
    if (pwrite(fd, data.data(), block, static_cast<off_t>(before)) != -1 || errno != ENOSPC) return complain("the end");
    tenon_ready();
    for (now = before; now == before; usleep(1000))
        if (ioctl(fd, BLKGETSIZE64, &now) != 0) return complain("ioctl");
    std::printf("grown to %llu bytes\n", static_cast<unsigned long long>(now));
    return write_text(fd, static_cast<off_t>(before), "behind the old end");
}

}  // namespace

int use_disk(int argc, char** argv) {
    const std::string_view action = argc > 2 ? argv[2] : "";
    const char* device = argc > 3 ? argv[3] : "/dev/vda";
    const off_t offset = argc > 4 ? std::strtoll(argv[4], nullptr, 10) : 0;
    const bool writes = action != "tell" && action != "read";
    const int fd = open(device, writes ? O_RDWR : O_RDONLY);
    if (fd < 0) return complain(device);
    if (action == "tell") return tell(device, fd);
    if (action == "read") return read_text(fd, offset);
    if (action == "verify") return verify(fd);
    if (action == "fill") return fill(fd);
    if (action == "grow") return grow(fd);
    if (action == "discard") return change_range(fd, BLKDISCARD, offset, argc > 5 ? argv[5] : "0");
    if (action == "zero") return change_range(fd, BLKZEROOUT, offset, argc > 5 ? argv[5] : "0");
    const int result = write_text(fd, offset, argc > 5 ? argv[5] : "");
    if (action != "hold" || result != 0) return result;
    std::fflush(stdout);
    tenon_ready();
    for (;;) pause();
}
