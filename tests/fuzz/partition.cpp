// SPDX-License-Identifier: Apache-2.0
// Fuzzes the partition tables' readers: what they find lies on the disk, they read no block beyond it, and they end.
// The input's first byte chooses the block size; checksums are put right where the input says so, or no GPT would ever
// pass.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "kernel/partition/crc32.h"
#include "kernel/partition/partition_table.h"

namespace {

using namespace tenon;

void require(bool condition) {
    if (!condition) std::abort();
}

class Disk final : public TableDisk {
public:
    Disk(std::vector<std::byte>& bytes, std::uint32_t block) : TableDisk(bytes.size(), block), bytes_(bytes) {}
    Result<> read(std::uint64_t offset, std::span<std::byte> blocks) override {
        require(offset % block_size == 0 && offset <= size && blocks.size() <= size - offset);
        require(++reads_ < 20'000);
        std::memcpy(blocks.data(), bytes_.data() + offset, blocks.size());
        return {};
    }

private:
    std::vector<std::byte>& bytes_;
    unsigned reads_ = 0;
};

template <typename T>
T load(const std::byte* place) {
    T value;
    std::memcpy(&value, place, sizeof(value));
    return value;
}

/// Puts the checksums of the header at `place` right.
void seal(std::vector<std::byte>& bytes, std::size_t place, std::uint32_t block) {
    if (place + 92 > bytes.size()) return;
    std::byte* header = bytes.data() + place;
    const std::uint64_t entries = load<std::uint64_t>(header + 72);
    const std::uint64_t size = std::uint64_t{load<std::uint32_t>(header + 80)} * load<std::uint32_t>(header + 84);
    if (entries <= bytes.size() / block && size <= bytes.size() - entries * block) {
        Crc32 crc;
        crc.add(std::span(bytes).subspan(entries * block, size));
        const std::uint32_t value = crc.value();
        std::memcpy(header + 88, &value, sizeof(value));
    }
    const std::uint32_t header_size = load<std::uint32_t>(header + 12);
    if (header_size > bytes.size() - place) return;
    std::memset(header + 16, 0, 4);
    Crc32 crc;
    crc.add(std::span(bytes).subspan(place, header_size));
    const std::uint32_t value = crc.value();
    std::memcpy(header + 16, &value, sizeof(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::uint32_t block = (data[0] & 1) != 0 ? 4096 : 512;
    const bool sealed = (data[0] & 2) != 0;
    std::vector<std::byte> bytes(std::max<std::size_t>(size - 1, 128 * block) / block * block);
    std::memcpy(bytes.data(), data + 1, std::min(size - 1, bytes.size()));
    if (sealed) {
        seal(bytes, block, block);
        seal(bytes, bytes.size() - block, block);
    }
    Disk disk(bytes, block);
    std::vector<std::byte> scratch(block);
    const auto table = read_partition_table(disk, scratch);
    if (!table) return 0;
    require(table->count <= most_partitions);
    for (const PartitionRange& range : std::span(table->partitions).first(table->count))
        require(range.number != 0 && range.size != 0 && range.offset != 0 && range.offset <= disk.size &&
                range.size <= disk.size - range.offset);
    return 0;
}
