// SPDX-License-Identifier: Apache-2.0
// Partitions as block devices: vda1.
#include <array>
#include <cstring>
#include <new>

#include "kernel/base/format.h"
#include "kernel/base/init_step.h"
#include "kernel/console/console.h"
#include "kernel/device/block_io.h"
#include "kernel/mm/heap.h"
#include "kernel/partition/partition_table.h"

namespace tenon {
namespace {

class Partition final : public BlockDevice {
public:
    Partition(BlockDevice& disk, const PartitionRange& range) : disk_(disk) {
        format_text(name_, sizeof(name_), "%s%u", disk.name(), range.number);
        size_ = range.size;
        disk_offset_ = range.offset;
        block_size_ = disk.block_size();
        read_only_ = disk.read_only();
        part_limit_ = disk.part_limit();
        part_size_limit_ = disk.part_size_limit();
        range_limits_ = disk.range_limits();
        topology_ = disk.topology();
        if (const std::uint32_t physical = topology_.physical_block_size)
            topology_.alignment_offset = static_cast<std::uint32_t>(
                (topology_.alignment_offset + physical - range.offset % physical) % physical);
    }
    [[nodiscard]] BlockDevice& disk() override { return disk_; }
    /// Requests to this partition only; times, errors and the device's counters are in the disk's statistics.
    [[nodiscard]] BlockStatistics statistics() const override {
        BlockStatistics asked{};
        const auto take = [this](BlockOperation operation, std::uint64_t& operations, std::uint64_t& bytes) {
            operations = asked_[index_of(operation)].operations.load(std::memory_order_relaxed);
            bytes = asked_[index_of(operation)].bytes.load(std::memory_order_relaxed);
        };
        std::uint64_t none = 0;
        take(BlockOperation::read, asked.reads, asked.read_bytes);
        take(BlockOperation::write, asked.writes, asked.written_bytes);
        take(BlockOperation::flush, asked.flushes, none);
        take(BlockOperation::discard, asked.discards, asked.discarded_bytes);
        take(BlockOperation::write_zeroes, asked.zeroes, asked.zeroed_bytes);
        return asked;
    }
    void hold_writes() override { disk_.hold_writes(); }
    void release_writes() override { disk_.release_writes(); }
    [[nodiscard]] const std::atomic<std::uint32_t>& writes_under_way() const override {
        return disk_.writes_under_way();
    }

private:
    // Requests have been checked, and have their offset on the disk.
    void start(IntrusiveList<BlockRequest>& requests) override {
        requests.for_each([this](const BlockRequest& request) {
            Asked& asked = asked_[index_of(request.operation)];
            asked.operations.fetch_add(1, std::memory_order_relaxed);
            asked.bytes.fetch_add(request.size, std::memory_order_relaxed);
        });
        start_on(disk_, requests);
    }

    struct Asked {
        std::atomic<std::uint64_t> operations = 0, bytes = 0;
    };
    static constexpr std::size_t index_of(BlockOperation operation) { return static_cast<std::size_t>(operation); }

    BlockDevice& disk_;
    std::array<Asked, block_operations> asked_;
};

class DiskReader final : public TableDisk {
public:
    explicit DiskReader(BlockDevice& disk) : TableDisk(disk.size(), disk.block_size()), disk_(disk) {}
    Result<> read(std::uint64_t offset, std::span<std::byte> blocks) override {
        return read_blocks(disk_, offset, blocks);
    }

private:
    BlockDevice& disk_;
};

void scan(BlockDevice& disk, std::span<std::byte> block) {
    DiskReader reader(disk);
    const auto table = read_partition_table(reader, block);
    if (!table) {
        warn("disk %s: its partition table cannot be used (%s)", disk.name(),
             table.error() == Error::device_broken ? "both copies of the GPT are damaged" : "it cannot be read");
        return;
    }
    if (table->from_backup)
        warn("disk %s: the GPT at its beginning is damaged; the copy at its end is used", disk.name());
    for (const PartitionRange& range : std::span(table->partitions).first(table->count)) {
        auto* partition = new (std::nothrow) Partition(disk, range);
        if (partition == nullptr) return warn("disk %s: no memory for its partitions", disk.name());
        register_block_device(*partition);
    }
}

void partitions() {
    // The loop also meets the partitions that it adds, and skips them.
    for_each_block_device([](BlockDevice& device) {
        if (&device.disk() != &device) return;
        auto* block = static_cast<std::byte*>(dma_allocate(device.block_size()));
        if (block == nullptr) return warn("disk %s: no memory to read its partition table", device.name());
        scan(device, std::span(block, device.block_size()));
        dma_free(block);
    });
}
TENON_INIT_STEP(filesystems, partitions);

}  // namespace
}  // namespace tenon
