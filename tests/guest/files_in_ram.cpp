// SPDX-License-Identifier: Apache-2.0
// Files in RAM, seen from the memory that they take.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <tenon/memory.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "tests/guest/test.h"

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

std::uint64_t free_memory() {
    tenon_memory_statistics now;
    tenon_get_memory_statistics(&now);
    return now.free;
}

bool fill(int fd, std::uint64_t mebibytes) {
    static char block[mebibyte];
    for (std::uint64_t i = 0; i != mebibytes; ++i)
        if (::write(fd, block, sizeof(block)) != static_cast<ssize_t>(sizeof(block))) return false;
    return true;
}

}  // namespace

GUEST_TEST(a_file_in_ram_gives_its_memory_back_when_it_is_cut_or_removed) {
    const std::uint64_t before = free_memory();
    const int fd = ::open("/tmp/large", O_RDWR | O_CREAT | O_EXCL, 0600);
    EXPECT(fd >= 0);
    EXPECT(fill(fd, 32));
    EXPECT(free_memory() <= before - 32 * mebibyte);
    EXPECT(::ftruncate(fd, 8 * mebibyte) == 0);
    EXPECT(free_memory() >= before - 10 * mebibyte);
    EXPECT(::unlink("/tmp/large") == 0);
    EXPECT(free_memory() < before - 7 * mebibyte);
    EXPECT(::close(fd) == 0);
    EXPECT(free_memory() >= before - mebibyte);
}

GUEST_TEST(a_hole_takes_no_memory) {
    const std::uint64_t before = free_memory();
    const int fd = ::open("/tmp/sparse", O_RDWR | O_CREAT | O_EXCL, 0600);
    EXPECT(::ftruncate(fd, off_t{1} << 50) == 0);
    EXPECT(::pwrite(fd, "x", 1, off_t{1} << 49) == 1);
    EXPECT(free_memory() >= before - mebibyte / 4);
    EXPECT(::close(fd) == 0);
    EXPECT(::unlink("/tmp/sparse") == 0);
}

GUEST_TEST(many_names_give_their_memory_back) {
    const auto make_and_remove = [] {
        EXPECT(::mkdir("/tmp/many", 0700) == 0);
        for (int i = 0; i != 5000; ++i)
            EXPECT(::close(::open(("/tmp/many/" + std::to_string(i)).c_str(), O_WRONLY | O_CREAT, 0600)) == 0);
        for (int i = 0; i != 5000; ++i) EXPECT(::unlink(("/tmp/many/" + std::to_string(i)).c_str()) == 0);
        EXPECT(::rmdir("/tmp/many") == 0);
    };
    make_and_remove();
    const std::uint64_t before = free_memory();
    for (int round = 0; round != 3; ++round) make_and_remove();
    EXPECT(free_memory() >= before - mebibyte / 4);
    struct statvfs now;
    EXPECT(::statvfs("/tmp", &now) == 0);
    EXPECT(now.f_bfree == now.f_blocks);
    EXPECT(now.f_ffree == now.f_files - 1);
}

GUEST_TEST(tmp_holds_at_most_half_of_the_memory) {
    struct statvfs now;
    EXPECT(::statvfs("/tmp", &now) == 0);
    tenon_memory_statistics memory;
    tenon_get_memory_statistics(&memory);
    EXPECT(now.f_blocks * now.f_frsize <= memory.total / 2);
    EXPECT(now.f_blocks * now.f_frsize > memory.total / 2 - mebibyte);
    const int fd = ::open("/tmp/all", O_RDWR | O_CREAT | O_EXCL, 0600);
    EXPECT(!fill(fd, memory.total / mebibyte));
    EXPECT(::write(fd, "x", 1) == -1);
    EXPECT(errno == ENOSPC);
    EXPECT(::unlink("/tmp/all") == 0);
    EXPECT(::close(fd) == 0);
}

GUEST_TEST(threads_make_and_remove_the_same_names) {
    std::atomic<int> made = 0, removed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i)
        threads.emplace_back([&] {
            for (int j = 0; j != 2000; ++j) {
                const std::string name = "/tmp/name" + std::to_string(j % 7);
                const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
                if (fd >= 0) ++made;
                if (fd >= 0 && ::write(fd, name.data(), name.size()) != static_cast<ssize_t>(name.size())) ::abort();
                if (::unlink(name.c_str()) == 0) ++removed;
                if (fd >= 0) ::close(fd);
            }
        });
    for (std::thread& thread : threads) thread.join();
    for (int j = 0; j != 7; ++j)
        if (::unlink(("/tmp/name" + std::to_string(j)).c_str()) == 0) ++removed;
    EXPECT(made > 0);
    EXPECT(made == removed);
}
