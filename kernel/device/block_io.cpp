// SPDX-License-Identifier: Apache-2.0
// Reading and writing disks from threads that wait.
#include "kernel/device/block_io.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/base/address.h"
#include "kernel/device/block_batch.h"
#include "kernel/device/block_transfer.h"
#include "kernel/device/copy_memory.h"
#include "kernel/sched/wait.h"

namespace tenon {

namespace {

constexpr std::size_t most_ranges = 8;
/// Bytes of zeros that one request writes at most.
constexpr std::size_t zeros_request = 1024 * 1024;

constinit std::atomic<bool> frozen = false;

struct RangeOperation {
    BlockOperation operation;
    bool may_discard = false;
};

/// Discards or zeroes a range by requests within the disk's limit, up to most_ranges at once. Long ranges are cut at
/// multiples of `alignment`.
Result<> change_range(BlockDevice& device, RangeOperation what, std::uint64_t offset, std::uint64_t size,
                      std::uint64_t limit, std::uint64_t alignment) {
    const std::uint64_t step = std::max(align_down(limit, alignment), std::uint64_t{device.block_size()});
    while (size != 0) {
        std::array<BlockRequest, most_ranges> requests;
        BlockBatch batch(device);
        for (BlockRequest& request : requests) {
            if (size == 0) break;
            request.operation = what.operation;
            request.may_discard = what.may_discard;
            request.offset = offset;
            request.range = std::min(size, step - (step >= alignment ? offset % alignment : 0));
            offset += request.range;
            size -= request.range;
            batch.add(request);
        }
        batch.submit();
        CHECK(batch.wait());
    }
    return {};
}

/// Writes zeros, many times the same ones.
Result<> write_zeros_as_data(BlockDevice& device, std::uint64_t offset, std::uint64_t size) {
    const CopyMemory copies(CopyMemory::Use::write,
                            static_cast<std::size_t>(std::min<std::uint64_t>(size, CopyMemory::piece_size)),
                            device.block_size());
    if (copies.count() == 0) return fail(Error::no_memory);
    std::memset(copies.piece(0), 0, copies.size());
    const std::size_t part_size = std::min(copies.size(), align_down(device.part_size_limit(), device.block_size()));
    std::array<BlockPart, zeros_request / CopyMemory::piece_size> parts;
    parts.fill({copies.piece(0), part_size});
    while (size != 0) {
        // Less than a part at the end.
        if (size < part_size) parts[0].size = static_cast<std::size_t>(size);
        const std::size_t count = static_cast<std::size_t>(
            std::min<std::uint64_t>({std::max<std::uint64_t>(size / part_size, 1), parts.size(), device.part_limit()}));
        CHECK(transfer_blocks(device, BlockOperation::write, offset, std::span(parts).first(count)));
        const std::uint64_t done = count * parts[0].size;
        offset += done;
        size -= done;
    }
    return {};
}

/// Beyond the end nothing is begun.
Result<> check_range(const BlockDevice& device, std::uint64_t offset, std::uint64_t size) {
    if ((offset | size) % device.block_size() != 0 || offset > device.size() || size > device.size() - offset)
        return fail(Error::invalid_argument);
    return {};
}

}  // namespace

Result<> read_blocks(BlockDevice& device, std::uint64_t offset, std::span<std::byte> buffer) {
    const BlockPart part{buffer.data(), buffer.size()};
    return transfer_blocks(device, BlockOperation::read, offset, std::span(&part, 1));
}

Result<> write_blocks(BlockDevice& device, std::uint64_t offset, std::span<const std::byte> data) {
    // The disk only reads the data.
    const BlockPart part{const_cast<std::byte*>(data.data()), data.size()};
    return transfer_blocks(device, BlockOperation::write, offset, std::span(&part, 1));
}

Result<> flush_blocks(BlockDevice& device) {
    BlockRequest request;
    request.operation = BlockOperation::flush;
    BlockBatch batch(device);
    batch.add(request);
    batch.submit();
    return batch.wait();
}

void flush_disks() {
    for_each_block_device([](BlockDevice& device) {
        if (&device.disk() == &device && !device.read_only()) (void)flush_blocks(device);
    });
}

Result<> discard_blocks(BlockDevice& device, std::uint64_t offset, std::uint64_t size) {
    const BlockRangeLimits& limits = device.range_limits();
    if (limits.discard == 0 || device.read_only()) return fail(Error::not_supported);
    CHECK(check_range(device, offset, size));
    return change_range(device, {.operation = BlockOperation::discard}, offset, size, limits.discard,
                        limits.discard_alignment);
}

Result<> write_zeroes(BlockDevice& device, std::uint64_t offset, std::uint64_t size, bool may_discard) {
    if (device.read_only()) return fail(Error::not_supported);
    CHECK(check_range(device, offset, size));
    if (const std::uint64_t limit = device.range_limits().write_zeroes; limit != 0) {
        const auto done = change_range(device, {.operation = BlockOperation::write_zeroes, .may_discard = may_discard},
                                       offset, size, limit, device.block_size());
        // The storage behind the disk may not have the operation.
        if (done || done.error() != Error::not_supported) return done;
    }
    return write_zeros_as_data(device, offset, size);
}

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
