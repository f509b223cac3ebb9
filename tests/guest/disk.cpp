// SPDX-License-Identifier: Apache-2.0
// Disks, where the machine has one to spare: /dev/vda is written over.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <tenon/disk.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "kernel/device/block_io.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/wait.h"
#include "kernel/time/clock.h"
#include "tests/guest/test.h"

namespace {

using tenon::BlockDevice;
using tenon::BlockOperation;
using tenon::BlockRequest;

constexpr std::size_t block = 4096;

BlockDevice& a_disk() {
    BlockDevice* disk = tenon::find_block_device("vda", 3);
    if (disk == nullptr) tenon::test::skip("the machine has no disk");
    if (disk->read_only() || disk->size() < 1 << 20) tenon::test::skip("the disk is not one for tests");
    return *disk;
}

struct DmaFree {
    void operator()(std::byte* memory) const { tenon::dma_free(memory); }
};
using DmaMemory = std::unique_ptr<std::byte, DmaFree>;
DmaMemory dma_memory(std::size_t size) { return DmaMemory(static_cast<std::byte*>(tenon::dma_allocate(size, block))); }

/// Requests that are counted when they have completed.
struct Batch {
    std::atomic<std::uint32_t> left;
    std::atomic<std::uint32_t> failed = 0;
    std::vector<BlockRequest> requests;
    std::vector<tenon::BlockPart> parts;

    Batch(BlockOperation operation, std::byte* memory, std::uint32_t count)
        : left(count), requests(count), parts(count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            parts[i] = {memory + i * block, block};
            requests[i].operation = operation;
            requests[i].offset = std::uint64_t{i} * block;
            requests[i].parts = std::span(&parts[i], 1);
            requests[i].context = this;
            requests[i].completed = [](BlockRequest& request) {
                auto& self = *static_cast<Batch*>(request.context);
                if (!request.result) self.failed.fetch_add(1);
                if (self.left.fetch_sub(1) == 1) tenon::wake_address(self.left);
            };
        }
    }
    void run(BlockDevice& disk) {
        std::vector<BlockRequest*> list;
        for (BlockRequest& request : requests) list.push_back(&request);
        disk.submit(list);
        for (std::uint32_t now = left.load(); now != 0; now = left.load()) tenon::wait_on_address(left, now);
    }
};

}  // namespace

GUEST_TEST(disk_more_requests_at_once_than_the_ring_holds) {
    BlockDevice& disk = a_disk();
    constexpr std::uint32_t count = 200;
    const DmaMemory memory = dma_memory(count * block);
    EXPECT(memory != nullptr);
    for (std::uint32_t i = 0; i < count; ++i) std::memset(memory.get() + i * block, static_cast<int>(i + 1), block);
    Batch writes(BlockOperation::write, memory.get(), count);
    writes.run(disk);
    EXPECT(writes.failed.load() == 0);
    std::memset(memory.get(), 0, count * block);
    Batch reads(BlockOperation::read, memory.get(), count);
    reads.run(disk);
    EXPECT(reads.failed.load() == 0);
    for (std::uint32_t i = 0; i < count; ++i) EXPECT(memory.get()[i * block + 77] == static_cast<std::byte>(i + 1));
}

GUEST_TEST(disk_memory_outside_of_the_dma_zone_is_copied) {
    BlockDevice& disk = a_disk();
    std::vector<std::byte> out(300 * 1024, std::byte{0x3C}), in(out.size());
    EXPECT(!tenon::in_dma_zone(out.data(), out.size()));
    EXPECT(write_blocks(disk, block, out).has_value());
    EXPECT(read_blocks(disk, block, in).has_value());
    EXPECT(in == out);
    // Handed to the disk as it is, it is refused.
    tenon::BlockPart part{out.data(), 512};
    std::atomic<bool> refused = false;
    BlockRequest request;
    request.operation = BlockOperation::write;
    request.parts = std::span(&part, 1);
    request.context = &refused;
    request.completed = [](BlockRequest& done) { static_cast<std::atomic<bool>*>(done.context)->store(!done.result); };
    disk.submit(request);
    EXPECT(refused.load());
}

GUEST_TEST(disk_writes_wait_while_disks_are_frozen) {
    BlockDevice& disk = a_disk();
    std::vector<std::byte> before(block, std::byte{1}), after(block, std::byte{2}), seen(block);
    EXPECT(write_blocks(disk, 0, before).has_value());
    EXPECT(tenon::freeze_disks(tenon::monotonic_now() + 10'000'000'000).has_value());
    EXPECT(tenon::disks_are_frozen());
    std::atomic<bool> written = false;
    std::thread writer([&] { written.store(write_blocks(disk, 0, after).has_value()); });
    // The writer has had its turns, and reads go on.
    for (int i = 0; i < 20; ++i) std::this_thread::yield();
    const bool read = read_blocks(disk, 0, seen).has_value();
    const bool held = !written.load();
    tenon::thaw_disks();
    writer.join();
    EXPECT(read && held);
    EXPECT(seen == before);
    EXPECT(written.load());
    EXPECT(read_blocks(disk, 0, seen).has_value());
    EXPECT(seen == after);
}

GUEST_TEST(disk_as_a_file) {
    const BlockDevice& disk = a_disk();
    const int fd = ::open("/dev/vda", O_RDWR);
    EXPECT(fd >= 0);
    struct stat status;
    EXPECT(::fstat(fd, &status) == 0);
    EXPECT(S_ISBLK(status.st_mode));
    std::uint64_t size = 0;
    EXPECT(::ioctl(fd, BLKGETSIZE64, &size) == 0);
    EXPECT(size == disk.size());
    EXPECT(::lseek(fd, 0, SEEK_END) == static_cast<off_t>(size));
    std::array<char, block> text{};
    EXPECT(::read(fd, text.data(), text.size()) == 0);
    EXPECT(::write(fd, text.data(), text.size()) == -1);
    EXPECT(errno == ENOSPC);
    EXPECT(::lseek(fd, static_cast<off_t>(size - block), SEEK_SET) >= 0);
    text.fill('f');
    EXPECT(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(block));
    EXPECT(::fsync(fd) == 0);
    // Past the end: what there is.
    std::vector<char> more(2 * block);
    EXPECT(::pread(fd, more.data(), more.size(), static_cast<off_t>(size - block)) == static_cast<ssize_t>(block));
    EXPECT(more[block - 1] == 'f');
    EXPECT(::pread(fd, text.data(), 100, 0) == -1);
    EXPECT(errno == EINVAL);
    EXPECT(::pread(fd, text.data(), 512, 100) == -1);
    EXPECT(errno == EINVAL);
    EXPECT(::close(fd) == 0);
    EXPECT(::open("/dev/vdz", O_RDONLY) == -1);
    EXPECT(errno == ENOENT);
}

GUEST_TEST(disk_statistics_count) {
    BlockDevice& disk = a_disk();
    const tenon::BlockStatistics before = disk.statistics();
    std::vector<std::byte> data(block);
    EXPECT(read_blocks(disk, 0, data).has_value());
    EXPECT(write_blocks(disk, 0, data).has_value());
    EXPECT(flush_blocks(disk).has_value());
    EXPECT(!read_blocks(disk, disk.size(), data).has_value());
    const tenon::BlockStatistics after = disk.statistics();
    EXPECT(after.reads == before.reads + 1 && after.read_bytes == before.read_bytes + block);
    EXPECT(after.writes == before.writes + 1 && after.flushes == before.flushes + 1);
    EXPECT(after.read_ns > before.read_ns);
}

GUEST_TEST(disk_large_transfers_ring_twice_at_most) {
    BlockDevice& disk = a_disk();
    std::vector<std::byte> data(1 << 20, std::byte{0x77});
    const tenon::BlockStatistics before = disk.statistics();
    EXPECT(write_blocks(disk, 0, data).has_value());
    const tenon::BlockStatistics written = disk.statistics();
    EXPECT(read_blocks(disk, 0, data).has_value());
    const tenon::BlockStatistics after = disk.statistics();
    EXPECT(written.notifications - before.notifications <= 2);
    EXPECT(after.notifications - written.notifications <= 2);
    EXPECT(after.read_bytes - written.read_bytes == data.size());
}

GUEST_TEST(disk_transfers_of_several_threads_share_the_copy_memory) {
    BlockDevice& disk = a_disk();
    constexpr std::size_t size = 1 << 19, count = 7;
    std::atomic<unsigned> good = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i != count; ++i)
        threads.emplace_back([&, i] {
            std::vector<std::byte> out(size, static_cast<std::byte>(i + 1)), in(size);
            for (int round = 0; round != 4; ++round)
                if (!write_blocks(disk, i * size, out) || !read_blocks(disk, i * size, in) || in != out) return;
            good.fetch_add(1);
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT(good.load() == count);
}

GUEST_TEST(disk_calls_of_many_parts_are_one_transfer) {
    a_disk();
    const int fd = ::open("/dev/vda", O_RDWR | O_SYNC);
    EXPECT(fd >= 0);
    EXPECT((::fcntl(fd, F_GETFL) & O_SYNC) != 0);
    std::vector<char> out(8192, 'p'), in(8192);
    std::fill(out.begin() + 3000, out.end(), 'q');
    const std::array<iovec, 3> from{{{out.data(), 3000}, {nullptr, 0}, {out.data() + 3000, 5192}}};
    tenon_disk_statistics before{}, after{};
    EXPECT(tenon_get_disk_statistics("vda", &before) == 0);
    EXPECT(::pwritev(fd, from.data(), 3, 4096) == 8192);
    EXPECT(tenon_get_disk_statistics("vda", &after) == 0);
    EXPECT(after.writes == before.writes + 1);
    EXPECT(after.flushes == before.flushes + 1);
    std::vector<iovec> to(20);
    for (std::size_t i = 0; i != to.size(); ++i) to[i] = {in.data() + i * 409, i == 19 ? 8192 - 19 * 409 : 409UL};
    EXPECT(::preadv(fd, to.data(), 20, 4096) == 8192);
    EXPECT(in == out);
    EXPECT(::lseek(fd, 4096, SEEK_SET) == 4096);
    EXPECT(::readv(fd, to.data(), 20) == 8192);
    EXPECT(::lseek(fd, 0, SEEK_CUR) == 4096 + 8192);
    EXPECT(::preadv(fd, from.data(), 1, 0) == -1);
    EXPECT(errno == EINVAL);
    EXPECT(::preadv(fd, from.data(), 3, -1) == -1);
    EXPECT(errno == EINVAL);
    EXPECT(::close(fd) == 0);
}

GUEST_TEST(disk_ranges_are_discarded_and_zeroed) {
    a_disk();
    const int fd = ::open("/dev/vda", O_RDWR), reader = ::open("/dev/vda", O_RDONLY);
    EXPECT(fd >= 0 && reader >= 0);
    int sector = 0;
    unsigned physical = 0, least = 0, zeroes = 1;
    std::uint64_t size = 0;
    EXPECT(::ioctl(fd, BLKSSZGET, &sector) == 0 && ::ioctl(fd, BLKPBSZGET, &physical) == 0);
    EXPECT(::ioctl(fd, BLKIOMIN, &least) == 0 && ::ioctl(fd, BLKDISCARDZEROES, &zeroes) == 0);
    EXPECT(::ioctl(fd, BLKGETSIZE64, &size) == 0 && ::ioctl(fd, BLKFLSBUF, nullptr) == 0);
    EXPECT(physical >= static_cast<unsigned>(sector) && physical % static_cast<unsigned>(sector) == 0);
    EXPECT(least != 0 && zeroes == 0);
    std::vector<char> data(3 * block, 'z');
    EXPECT(::pwrite(fd, data.data(), data.size(), 0) == static_cast<ssize_t>(data.size()));
    std::uint64_t range[2] = {block, block};
    EXPECT(::ioctl(fd, BLKZEROOUT, range) == 0);
    EXPECT(::pread(fd, data.data(), data.size(), 0) == static_cast<ssize_t>(data.size()));
    EXPECT(data[block - 1] == 'z' && data[block] == 0 && data[2 * block - 1] == 0 && data[2 * block] == 'z');
    // A disk without discards says so, and no other error.
    const int discarded = ::ioctl(fd, BLKDISCARD, range);
    EXPECT(discarded == 0 || errno == EOPNOTSUPP);
    const auto fails = [](int file, unsigned long request, std::uint64_t offset, std::uint64_t bytes, int error) {
        std::uint64_t what[2] = {offset, bytes};
        return ::ioctl(file, request, what) == -1 && errno == error;
    };
    EXPECT(fails(reader, BLKZEROOUT, 0, block, EBADF));
    EXPECT(fails(reader, BLKDISCARD, 0, block, EBADF));
    EXPECT(fails(fd, BLKZEROOUT, 1, block, EINVAL));
    EXPECT(fails(fd, BLKZEROOUT, 0, 100, EINVAL));
    EXPECT(fails(fd, BLKZEROOUT, 0, 0, EINVAL));
    EXPECT(fails(fd, BLKZEROOUT, size, block, EINVAL));
    EXPECT(fails(fd, BLKZEROOUT, UINT64_MAX - block + 1, block, EINVAL));
    EXPECT(fails(fd, BLKSECDISCARD, 0, block, EOPNOTSUPP));
    EXPECT(::ioctl(fd, BLKZEROOUT, nullptr) == -1);
    EXPECT(errno == EFAULT);
    EXPECT(::close(fd) == 0 && ::close(reader) == 0);
}
