// SPDX-License-Identifier: Apache-2.0
// Reading and writing disks from threads that wait.
#include "kernel/device/block_io.h"

#include <algorithm>
#include <cstring>

#include "kernel/base/address.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/wait.h"

namespace tenon {

namespace {

/// Bytes that one copy through the DMA zone has at most.
constexpr std::size_t copy_size = 64 * 1024;
/// Bytes that one request has at most.
constexpr std::size_t request_size = 1024 * 1024;

constinit std::atomic<bool> frozen = false;

/// A request that its thread waits for.
struct Waiting : BlockRequest {
    std::atomic<std::uint32_t> under_way = 1;

    explicit Waiting(BlockOperation what) {
        operation = what;
        completed = [](BlockRequest& request) {
            auto& self = static_cast<Waiting&>(request);
            // After the store the thread may return and free this object; wake_address() only uses the address.
            const std::atomic<std::uint32_t>& word = self.under_way;
            self.under_way.store(0);
            wake_address(word);
        };
    }
    Result<> perform(BlockDevice& device) {
        device.submit(*this);
        while (under_way.load() != 0) wait_on_address(under_way, 1);
        return result;
    }
};

Result<> transfer(BlockDevice& device, BlockOperation operation, std::uint64_t offset, std::span<std::byte> memory) {
    const BlockPart part{memory.data(), memory.size()};
    Waiting request(operation);
    request.offset = offset;
    request.parts = std::span(&part, 1);
    return request.perform(device);
}

/// Memory in the DMA zone for a copy: `wanted` bytes, or fewer blocks where a network in full use leaves no such piece.
struct CopyBuffer {
    std::size_t size;
    std::byte* data;
    CopyBuffer(std::size_t wanted, std::size_t block) : size(wanted), data(allocate(wanted)) {
        while (data == nullptr && size > block) {
            size = std::max(align_down(size / 2, block), block);
            data = allocate(size);
        }
    }
    static std::byte* allocate(std::size_t size) { return static_cast<std::byte*>(dma_allocate(size)); }
    ~CopyBuffer() { dma_free(data); }
    CopyBuffer(const CopyBuffer&) = delete;
    CopyBuffer& operator=(const CopyBuffer&) = delete;
};

/// Bytes of one request: at most `most`, whole blocks.
std::size_t step_of(const BlockDevice& device, std::size_t most) {
    return std::max<std::size_t>(align_down(std::min(most, device.part_size_limit()), device.block_size()),
                                 device.block_size());
}

}  // namespace

Result<> read_blocks(BlockDevice& device, std::uint64_t offset, std::span<std::byte> buffer) {
    if (in_dma_zone(buffer.data(), buffer.size())) {
        for (const std::size_t step = step_of(device, request_size); !buffer.empty();) {
            const auto part = buffer.first(std::min(step, buffer.size()));
            CHECK(transfer(device, BlockOperation::read, offset, part));
            buffer = buffer.subspan(part.size());
            offset += part.size();
        }
        return {};
    }
    const CopyBuffer copy(std::min(buffer.size(), step_of(device, copy_size)), device.block_size());
    if (copy.data == nullptr) return fail(Error::no_memory);
    while (!buffer.empty()) {
        const auto part = buffer.first(std::min(copy.size, buffer.size()));
        CHECK(transfer(device, BlockOperation::read, offset, std::span(copy.data, part.size())));
        std::memcpy(part.data(), copy.data, part.size());
        buffer = buffer.subspan(part.size());
        offset += part.size();
    }
    return {};
}

Result<> write_blocks(BlockDevice& device, std::uint64_t offset, std::span<const std::byte> data) {
    // The disk only reads the data.
    const std::span memory(const_cast<std::byte*>(data.data()), data.size());
    if (in_dma_zone(data.data(), data.size())) {
        const std::size_t step = step_of(device, request_size);
        for (std::size_t done = 0; done < memory.size(); done += step)
            CHECK(transfer(device, BlockOperation::write, offset + done,
                           memory.subspan(done, std::min(step, memory.size() - done))));
        return {};
    }
    const CopyBuffer copy(std::min(data.size(), step_of(device, copy_size)), device.block_size());
    if (copy.data == nullptr) return fail(Error::no_memory);
    while (!data.empty()) {
        const auto part = data.first(std::min(copy.size, data.size()));
        std::memcpy(copy.data, part.data(), part.size());
        CHECK(transfer(device, BlockOperation::write, offset, std::span(copy.data, part.size())));
        data = data.subspan(part.size());
        offset += part.size();
    }
    return {};
}

Result<> flush_blocks(BlockDevice& device) { return Waiting(BlockOperation::flush).perform(device); }

Result<> freeze_disks(Nanoseconds deadline) {
    if (frozen.exchange(true)) return {};
    Result<> result;
    for_each_block_device([&](BlockDevice& device) {
        if (&device.disk() == &device) device.hold_writes();
    });
    for_each_block_device([&](BlockDevice& device) {
        if (&device.disk() != &device || !result) return;
        const std::atomic<std::uint32_t>& writes = device.writes_under_way();
        for (std::uint32_t count = writes.load(); count != 0; count = writes.load())
            if (wait_on_address(writes, count, deadline) == WaitResult::timed_out && writes.load() != 0) {
                result = fail(Error::timed_out);
                return;
            }
        result = flush_blocks(device);
    });
    if (!result) thaw_disks();
    return result;
}

void thaw_disks() {
    if (!frozen.exchange(false)) return;
    for_each_block_device([](BlockDevice& device) {
        if (&device.disk() == &device) device.release_writes();
    });
}

bool disks_are_frozen() { return frozen.load(); }

}  // namespace tenon
