// SPDX-License-Identifier: Apache-2.0
// A disk, or a partition of one, as file systems and programs see it. Drivers implement and register it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/intrusive_list.h"
#include "kernel/base/result.h"
#include "kernel/time/clock.h"

namespace tenon {

enum class BlockOperation : std::uint8_t {
    read,
    write,
    flush,         ///< when it completes, all earlier completed writes are durable
    discard,       ///< the range's contents no longer matter: afterwards they are anything
    write_zeroes,  ///< afterwards the range reads as zeros
};
inline constexpr std::size_t block_operations = 5;

[[nodiscard]] constexpr bool changes_data(BlockOperation operation) {
    return operation != BlockOperation::read && operation != BlockOperation::flush;
}
/// Discards and write_zeroes name a range and have no data.
[[nodiscard]] constexpr bool names_range(BlockOperation operation) {
    return operation == BlockOperation::discard || operation == BlockOperation::write_zeroes;
}

/// Memory in the DMA zone (kernel/mm/heap.h), whole blocks in total.
struct BlockPart {
    void* data;
    std::size_t size;
};

/// A request to a disk, which owns it from submit() until `completed` is called, with its parts' memory and list.
struct BlockRequest : ListLink<> {
    BlockOperation operation;
    std::uint64_t offset = 0;  ///< bytes; whole blocks
    std::span<const BlockPart> parts;
    std::uint64_t range = 0;   ///< discard and write_zeroes: bytes; whole blocks, at most the disk's limit
    bool may_discard = false;  ///< write_zeroes: the disk may give up the storage below the range
    /// Called once, in interrupt context or during a submit(): wakes a thread, never blocks. It may submit the request
    /// again, or free it.
    void (*completed)(BlockRequest& request) = nullptr;
    void* context = nullptr;  ///< for the submitter's use
    /// Valid in `completed`. Errors: those of submit(); io; device_broken (the disk was restarted, or stays off).
    Result<> result;

    // For the driver's use.
    std::uint64_t disk_offset = 0;
    std::uint64_t size = 0;
    Nanoseconds started = 0;
};

struct BlockStatistics {
    std::uint64_t reads, writes, flushes, discards, zeroes, errors;
    std::uint64_t read_bytes, written_bytes, discarded_bytes, zeroed_bytes;
    /// Sums over requests, from submit() on; discard_ns is of discards and of write_zeroes.
    std::uint64_t read_ns, write_ns, flush_ns, discard_ns;
    std::uint64_t notifications, interrupts, restarts;
    std::uint64_t under_way;  ///< requests that are at the device now
};

/// What a disk says of its storage, for layouts and for the sizes of requests. Bytes; 0 where a value is not known.
struct BlockTopology {
    std::uint32_t physical_block_size = 512;  ///< smaller writes make the storage read first
    std::uint32_t alignment_offset = 0;       ///< of the first physical block that begins on the disk
    std::uint32_t smallest_io = 0;
    std::uint32_t best_io = 0;
};

/// Most bytes of one discard or write_zeroes, whole blocks; 0: the disk has no such operation.
struct BlockRangeLimits {
    std::uint64_t discard = 0;
    std::uint64_t write_zeroes = 0;
    std::uint32_t discard_alignment = 512;  ///< long ranges are cut at its multiples
};

/// Methods are called from any thread. Objects live as long as the machine.
class BlockDevice : public ListLink<> {
public:
    BlockDevice(const BlockDevice&) = delete;
    BlockDevice& operator=(const BlockDevice&) = delete;
    virtual ~BlockDevice() = default;

    /// "vda", "vda1".
    [[nodiscard]] const char* name() const { return name_; }
    /// Bytes. The host can change it while the machine runs; a partition keeps its size.
    [[nodiscard]] std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint32_t block_size() const { return block_size_; }  ///< a power of two from 512 on
    [[nodiscard]] bool read_only() const { return read_only_; }
    /// Most parts of one request, and most bytes of one part.
    [[nodiscard]] std::size_t part_limit() const { return part_limit_; }
    [[nodiscard]] std::size_t part_size_limit() const { return part_size_limit_; }
    [[nodiscard]] const BlockTopology& topology() const { return topology_; }
    [[nodiscard]] const BlockRangeLimits& range_limits() const { return range_limits_; }
    /// The disk of which this is a partition; itself for a whole disk.
    [[nodiscard]] virtual BlockDevice& disk() { return *this; }

    /// Starts requests together (one doorbell). Every request completes; requests in flight complete in any order. A
    /// wrong request completes at once: invalid_argument (not whole blocks, beyond the end, too many parts, not in the
    /// DMA zone), not_supported (a write to a read-only disk, an operation that the disk does not have), device_broken.
    void submit(std::span<BlockRequest* const> requests);
    void submit(BlockRequest& request) {
        BlockRequest* const one = &request;
        submit(std::span(&one, 1));
    }
    /// The same for the elements of a list, which is empty afterwards.
    void submit(IntrusiveList<BlockRequest>& requests);

    [[nodiscard]] virtual BlockStatistics statistics() const = 0;

    /// Between the two calls new writes wait; reads and flushes continue. Writes under way may still be completed:
    /// writes_under_way() says how many there are. The calls do not nest.
    virtual void hold_writes() = 0;
    virtual void release_writes() = 0;
    /// A word to wait on (kernel/sched/wait.h): woken when it becomes 0 while the disk is held.
    [[nodiscard]] virtual const std::atomic<std::uint32_t>& writes_under_way() const = 0;

protected:
    BlockDevice() = default;
    /// Takes requests that have been checked: disk_offset, size and started are filled in.
    virtual void start(IntrusiveList<BlockRequest>& requests) = 0;
    /// For partitions: passes requests on to the whole disk.
    static void start_on(BlockDevice& other, IntrusiveList<BlockRequest>& requests) { other.start(requests); }

    char name_[16] = {};
    std::atomic<std::uint64_t> size_ = 0;
    std::uint64_t disk_offset_ = 0;  ///< of a partition
    std::uint32_t block_size_ = 512;
    bool read_only_ = false;
    std::size_t part_limit_ = 1;
    std::size_t part_size_limit_ = 0;
    BlockTopology topology_;
    BlockRangeLimits range_limits_;

private:
    [[nodiscard]] Result<> check(BlockRequest& request) const;
    [[nodiscard]] Result<> check_parts(BlockRequest& request) const;
    [[nodiscard]] Result<> check_range(BlockRequest& request) const;
    void admit(BlockRequest& request, Nanoseconds now, IntrusiveList<BlockRequest>& good);
};

/// Called by drivers, on the boot thread; gives the disk its name. A 27th disk is ignored, with a warning.
void register_disk(BlockDevice& disk, char (&name)[16]);
/// Registers a partition, which has its own name.
void register_block_device(BlockDevice& device);
/// The device called `name`, or null.
[[nodiscard]] BlockDevice* find_block_device(const char* name, std::size_t name_size);

/// Calls visit(BlockDevice&) for every disk and partition, disks before their partitions.
template <typename Visit>
void for_each_block_device(Visit&& visit);

namespace detail {
[[nodiscard]] IntrusiveList<BlockDevice>& block_devices();
}
template <typename Visit>
void for_each_block_device(Visit&& visit) {
    detail::block_devices().for_each(visit);
}

}  // namespace tenon
