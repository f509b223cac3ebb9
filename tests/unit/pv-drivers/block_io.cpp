// SPDX-License-Identifier: Apache-2.0
// Large transfers, ranges and batches, through the driver to a device that has the blocks in memory.
#include "kernel/device/block_io.h"

#include <algorithm>
#include <ranges>

#include "blk_fixture.h"
#include "host_kernel.h"
#include "host_threads.h"
#include "kernel/device/block_batch.h"
#include "kernel/device/block_transfer.h"
#include "kernel/device/copy_memory.h"

using namespace tenon;
using namespace tenon::test;
using namespace tenon::virtio;

namespace {

constexpr std::uint64_t ranges = feature_bit(VIRTIO_BLK_F_DISCARD) | feature_bit(VIRTIO_BLK_F_WRITE_ZEROES);
constexpr std::size_t disk_size = 4 << 20;
constexpr auto no_sector = ~0ULL;

/// A disk that serves, whenever the driver's thread waits, all requests that are there, the last one first, and then
/// interrupts once.
struct Served : Fixture {
    std::vector<std::byte> blocks = std::vector<std::byte>(disk_size);
    std::vector<std::uint32_t> types;
    std::vector<virtio_blk_discard_write_zeroes> segments;
    std::size_t largest_batch = 0, largest_piece = 0, most_pieces = 0, batches = 0;
    std::uint64_t bad_sector = no_sector;
    bool supports_ranges = true;

    explicit Served(std::uint64_t features = 0, std::uint32_t seg_max = 126, std::uint32_t size_max = 0,
                    std::uint32_t most_sectors = 2048, std::uint32_t alignment = 8)
        : Fixture(features) {
        configure(disk_size / 512, 512, seg_max, size_max);
        virtio_blk_config config{};
        std::memcpy(&config, model.config.data(), sizeof config);
        config.max_discard_sectors = config.max_write_zeroes_sectors = most_sectors;
        config.max_discard_seg = config.max_write_zeroes_seg = 1;
        config.discard_sector_alignment = alignment;
        std::memcpy(model.config.data(), &config, sizeof config);
        up();
        while_waiting() = [this] { serve(); };
    }
    ~Served() { while_waiting() = nullptr; }

    void serve() {
        std::vector<Ring::Chain> chains;
        while (ring->has_available()) chains.push_back(ring->take());
        REQUIRE_FALSE(chains.empty());
        ++batches;
        largest_batch = std::max(largest_batch, chains.size());
        ring->set_available_event(ring->available_index());
        for (const auto& chain : std::views::reverse(chains)) perform(chain);
        interrupt();
    }
    void perform(const Ring::Chain& chain) {
        const virtio_blk_outhdr header = header_of(chain);
        types.push_back(header.type);
        most_pieces = std::max(most_pieces, chain.pieces.size() - 2);
        std::uint64_t place = header.sector * 512;
        std::uint32_t written = 1;
        std::uint8_t status = VIRTIO_BLK_S_OK;
        for (const auto& piece : std::span(chain.pieces).subspan(1, chain.pieces.size() - 2)) {
            auto* data = to_pointer<std::byte>(PhysicalAddress{piece.address});
            if (header.type == VIRTIO_BLK_T_DISCARD || header.type == VIRTIO_BLK_T_WRITE_ZEROES) {
                status = change(header.type, data, piece.size);
                continue;
            }
            largest_piece = std::max<std::size_t>(largest_piece, piece.size);
            REQUIRE(place + piece.size <= blocks.size());
            if (place <= bad_sector * 512 && bad_sector * 512 < place + piece.size) status = VIRTIO_BLK_S_IOERR;
            if (header.type == VIRTIO_BLK_T_IN)
                std::memcpy(data, &blocks[place], piece.size), written += piece.size;
            else
                std::memcpy(&blocks[place], data, piece.size);
            place += piece.size;
        }
        answer(chain, status, written);
    }
    std::uint8_t change(std::uint32_t type, const std::byte* data, std::uint32_t size) {
        virtio_blk_discard_write_zeroes segment;
        REQUIRE(size == sizeof segment);
        std::memcpy(&segment, data, size);
        segments.push_back(segment);
        if (!supports_ranges) return VIRTIO_BLK_S_UNSUPP;
        if (type == VIRTIO_BLK_T_WRITE_ZEROES)
            std::ranges::fill(std::span(blocks).subspan(segment.sector * 512, segment.num_sectors * 512ULL),
                              std::byte{0});
        return VIRTIO_BLK_S_OK;
    }
    std::size_t doorbells() { return model.notified.size(); }
};

std::vector<std::byte> pattern(std::size_t size, unsigned seed = 7) {
    std::vector<std::byte> data(size);
    for (std::size_t i = 0; i != size; ++i) data[i] = static_cast<std::byte>((i * 31 + i / 4096 + seed) & 0xFF);
    return data;
}

struct Outside {
    explicit Outside(std::span<std::byte> memory) { outside_of_dma_zone() = memory; }
    ~Outside() { outside_of_dma_zone() = {}; }
};
struct DmaBlocks {
    explicit DmaBlocks(std::size_t largest) { largest_dma_block() = largest; }
    ~DmaBlocks() { largest_dma_block() = SIZE_MAX; }
};

}  // namespace

TEST_CASE("block io: a large transfer has many requests under way, and two doorbells at most for 1 MiB") {
    Served f;
    auto out = pattern(1 << 20);
    std::vector<std::byte> in(out.size());
    {
        const Outside outside(out);
        const std::size_t before = f.doorbells();
        REQUIRE(write_blocks(*f.disk, 4096, out));
        CHECK(f.doorbells() - before <= 2);
    }
    CHECK(f.largest_batch >= 8);
    CHECK(std::ranges::equal(out, std::span(f.blocks).subspan(4096, out.size())));
    const Outside outside(in);
    const std::size_t before = f.doorbells();
    REQUIRE(read_blocks(*f.disk, 4096, in));
    CHECK(f.doorbells() - before <= 2);
    CHECK(in == out);
}

TEST_CASE("block io: memory in the zone is not copied, and requests are large") {
    Served f;
    auto out = pattern(3 << 20);
    const std::size_t before = f.doorbells();
    REQUIRE(write_blocks(*f.disk, 0, out));
    CHECK(f.doorbells() - before == 1);
    CHECK((f.types.size() == 3 && f.largest_piece == 1 << 20));
    std::vector<std::byte> in(out.size());
    REQUIRE(read_blocks(*f.disk, 0, in));
    CHECK(in == out);
}

TEST_CASE("block io: parts of any size are gathered and scattered") {
    Served f;
    auto out = pattern(200 * 1024);
    std::vector<std::byte> in(out.size());
    const auto cut = [](std::span<std::byte> memory) {
        std::vector<BlockPart> parts;
        for (std::size_t size = 1; !memory.empty(); size = size * 3 + 1) {
            const auto part = memory.first(std::min(size, memory.size()));
            parts.push_back({part.data(), part.size()});
            parts.push_back({part.data(), 0});
            memory = memory.subspan(part.size());
        }
        return parts;
    };
    REQUIRE(transfer_blocks(*f.disk, BlockOperation::write, 512, cut(out)));
    CHECK(std::ranges::equal(out, std::span(f.blocks).subspan(512, out.size())));
    REQUIRE(transfer_blocks(*f.disk, BlockOperation::read, 512, cut(in)));
    CHECK(in == out);
    // Whole blocks in the zone are one request of many parts.
    f.types.clear();
    std::vector<BlockPart> blocks;
    for (std::size_t i = 0; i != 10; ++i) blocks.push_back({in.data() + (9 - i) * 512, 512});
    REQUIRE(transfer_blocks(*f.disk, BlockOperation::read, 0, blocks));
    CHECK((f.types.size() == 1 && f.most_pieces == 10));
    CHECK(std::ranges::equal(std::span(in).subspan(9 * 512, 512), std::span(f.blocks).first(512)));
    // Not whole blocks.
    const BlockPart odd{in.data(), 100};
    CHECK(transfer_blocks(*f.disk, BlockOperation::read, 0, std::span(&odd, 1)).error() == Error::invalid_argument);
    CHECK(transfer_blocks(*f.disk, BlockOperation::read, 0, {}).has_value());
}

TEST_CASE("block io: the device's limits of parts and their sizes are kept") {
    Served f(feature_bit(VIRTIO_BLK_F_SIZE_MAX), 2, 4096);
    auto out = pattern(256 * 1024);
    std::vector<std::byte> in(out.size());
    SECTION("copied") {
        const Outside outside(out);
        REQUIRE(write_blocks(*f.disk, 0, out));
        const Outside also(in);
        REQUIRE(read_blocks(*f.disk, 0, in));
    }
    SECTION("direct") {
        REQUIRE(write_blocks(*f.disk, 0, out));
        REQUIRE(read_blocks(*f.disk, 0, in));
    }
    CHECK((f.largest_piece == 4096 && f.most_pieces == 2));
    CHECK(in == out);
}

TEST_CASE("block io: little copy memory makes small requests, none is an error") {
    Served f;
    auto out = pattern(64 * 1024);
    const Outside outside(out);
    {
        const DmaBlocks blocks(4096);
        REQUIRE(write_blocks(*f.disk, 0, out));
        CHECK(f.largest_piece == 4096);
        CHECK(std::ranges::equal(out, std::span(f.blocks).first(out.size())));
    }
    const DmaBlocks none(100);
    CHECK(write_blocks(*f.disk, 0, out).error() == Error::no_memory);
}

TEST_CASE("block io: an error ends a transfer when what is under way has ended") {
    Served f;
    auto out = pattern(2 << 20);
    const Outside outside(out);
    f.bad_sector = 700;
    CHECK(write_blocks(*f.disk, 0, out).error() == Error::io);
    const std::size_t asked = f.types.size();
    CHECK(asked < 32);
    CHECK(f.disk->writes_under_way().load() == 0);
    f.bad_sector = no_sector;
    CHECK(write_blocks(*f.disk, 0, out).has_value());
    CHECK(read_blocks(*f.disk, disk_size - 512, std::span(out).first(1024)).error() == Error::invalid_argument);
}

TEST_CASE("block io: transfers share the copy memory") {
    constexpr std::size_t piece = CopyMemory::piece_size;
    CopyMemory first(CopyMemory::Use::read, 16 * piece, 512);
    // Alone it had all: three sixteenths of 4 MiB.
    CHECK(first.count() == 12);
    CHECK(first.return_surplus(12) == 0);  // nobody waits
    const CopyMemory write(CopyMemory::Use::write, piece, 512);
    CHECK(write.count() == 1);
    std::size_t had = 0;
    while_waiting() = [&] {
        // The second one waits: the first has more than its half.
        CHECK(first.return_surplus(4) == 4);
        CHECK(first.return_surplus(12) == 0);
        had = first.count();
    };
    const CopyMemory second(CopyMemory::Use::read, 16 * piece, 512);
    while_waiting() = nullptr;
    CHECK((had == 8 && second.count() == 4));
}

TEST_CASE("block io: discards are cut to the device's limit, at its alignment") {
    Served f(ranges, 126, 0, 2048, 8);
    REQUIRE(discard_blocks(*f.disk, 512, 3 << 20));
    REQUIRE(f.segments.size() == 4);
    std::ranges::sort(f.segments, {}, &virtio_blk_discard_write_zeroes::sector);
    std::uint64_t next = 1;
    for (const auto& segment : f.segments) {
        CHECK(segment.sector == next);
        CHECK((segment.flags == 0 && segment.num_sectors <= 2048));
        next += segment.num_sectors;
        if (&segment != &f.segments.back()) CHECK(next % 8 == 0);
    }
    CHECK(next == 1 + (3 << 20) / 512);
    CHECK(f.disk->statistics().discarded_bytes == 3 << 20);
    CHECK(discard_blocks(*f.disk, 100, 512).error() == Error::invalid_argument);
    CHECK(discard_blocks(*f.disk, disk_size, 512).error() == Error::invalid_argument);
    CHECK(discard_blocks(*f.disk, ~0ULL - 511, 512).error() == Error::invalid_argument);
    f.supports_ranges = false;
    CHECK(discard_blocks(*f.disk, 0, 4096).error() == Error::not_supported);
}

TEST_CASE("block io: without the features nothing is asked of the device") {
    Served f;
    CHECK(discard_blocks(*f.disk, 0, 4096).error() == Error::not_supported);
    CHECK(f.types.empty());
    std::ranges::fill(f.blocks, std::byte{9});
    REQUIRE(write_zeroes(*f.disk, 512, (2 << 20) + 512, true));
    CHECK(std::ranges::all_of(f.types, [](std::uint32_t type) { return type == VIRTIO_BLK_T_OUT; }));
    CHECK(f.types.size() <= 34);
    CHECK((f.blocks[511] == std::byte{9} && f.blocks[512] == std::byte{0}));
    CHECK(std::ranges::all_of(std::span(f.blocks).subspan(512, (2 << 20) + 512),
                              [](std::byte byte) { return byte == std::byte{0}; }));
    CHECK(f.blocks[(2 << 20) + 1024] == std::byte{9});
    Request direct(BlockOperation::discard, 0);
    direct.parts = {};
    direct.range = 512;
    f.disk->submit(direct);
    CHECK(direct.failed_with(Error::not_supported));
}

TEST_CASE("block io: zeros are the device's work where it can") {
    Served f(ranges);
    std::ranges::fill(f.blocks, std::byte{9});
    SECTION("it can") {
        const bool may_discard = GENERATE(false, true);
        REQUIRE(write_zeroes(*f.disk, 0, 8192, may_discard));
        REQUIRE(f.segments.size() == 1);
        CHECK(f.segments[0].flags == (may_discard ? 1 : 0));
        CHECK(f.disk->statistics().zeroed_bytes == 8192);
    }
    SECTION("its storage cannot") {
        f.supports_ranges = false;
        REQUIRE(write_zeroes(*f.disk, 0, 8192, true));
    }
    CHECK((f.blocks[8191] == std::byte{0} && f.blocks[8192] == std::byte{9}));
}

TEST_CASE("block io: a batch waits for all, and each request tells its own error") {
    Served f;
    f.bad_sector = 8;
    std::vector<std::byte> memory(3 * 4096);
    std::array<BlockRequest, 4> requests;
    std::array<BlockPart, 3> parts;
    BlockBatch batch(*f.disk);
    for (std::size_t i = 0; i != 3; ++i) {
        parts[i] = {memory.data() + i * 4096, 4096};
        requests[i].operation = BlockOperation::write;
        requests[i].offset = i * 4096;
        requests[i].parts = std::span(&parts[i], 1);
        batch.add(requests[i]);
    }
    requests[3].operation = BlockOperation::read;  // without parts
    batch.add(requests[3]);
    const std::size_t before = f.doorbells();
    batch.submit();
    CHECK(f.doorbells() == before + 1);
    CHECK_FALSE(batch.wait());
    CHECK((requests[0].result.has_value() && requests[2].result.has_value()));
    CHECK(requests[1].result.error() == Error::io);
    CHECK(requests[3].result.error() == Error::invalid_argument);
    // Empty, and used again.
    CHECK(batch.wait().has_value());
    batch.add(requests[0]);
    batch.submit();
    CHECK(batch.wait().has_value());
}

TEST_CASE("blk driver: a resized disk has its new size, and blocks behind the old end") {
    Fixture f;
    f.up();
    CHECK(f.disk->size() == 2048 * 512);
    Request behind(BlockOperation::read, 2048 * 512), again(BlockOperation::read, 2048 * 512);
    f.disk->submit(behind);
    CHECK(behind.failed_with(Error::invalid_argument));
    f.configure(4096, 512);
    f.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
    f.transport.interrupt();
    CHECK(f.broken == 1);
    f.disk->attend();
    CHECK(f.disk->size() == 4096 * 512);
    f.disk->submit(again);
    f.answer(f.ring->take(), VIRTIO_BLK_S_OK, 513);
    f.interrupt();
    CHECK(again.succeeded());
    CHECK(f.disk->statistics().restarts == 0);
    // An impossible size changes nothing.
    f.configure(~0ULL, 512);
    f.disk->attend();
    CHECK(f.disk->size() == 4096 * 512);
}

TEST_CASE("blk driver: what a device says of its storage is taken as far as it can be") {
    Fixture f(ranges | feature_bit(VIRTIO_BLK_F_TOPOLOGY));
    virtio_blk_config config{};
    config.capacity = 2048;
    config.blk_size = 512;
    config.seg_max = 126;
    SECTION("sensible") {
        config.physical_block_exp = 3;
        config.alignment_offset = 7;
        config.min_io_size = 8;
        config.opt_io_size = 128;
        config.max_discard_sectors = UINT32_MAX;
        config.max_discard_seg = 1;
        config.discard_sector_alignment = 16;
    }
    SECTION("nonsense") {
        config.physical_block_exp = 255;
        config.alignment_offset = 255;
        config.min_io_size = UINT16_MAX;
        config.opt_io_size = UINT32_MAX;
        config.max_discard_sectors = 5;
        config.max_discard_seg = 0;
        config.max_write_zeroes_seg = 1;
        config.discard_sector_alignment = UINT32_MAX;
    }
    const bool sensible = config.physical_block_exp == 3;
    f.model.config.resize(sizeof config);
    std::memcpy(f.model.config.data(), &config, sizeof config);
    f.up();
    const BlockTopology& topology = f.disk->topology();
    CHECK(topology.physical_block_size == (sensible ? 4096 : 512));
    CHECK(topology.alignment_offset == (sensible ? 7 * 512 : 0));
    CHECK(topology.best_io == (sensible ? 65536 : 0));
    CHECK(f.disk->range_limits().discard == (sensible ? UINT32_MAX * 512ULL : 0));
    CHECK(f.disk->range_limits().discard_alignment == (sensible ? 8192 : 512));
    CHECK(f.disk->range_limits().write_zeroes == 0);
}

TEST_CASE("blk driver: held discards wait as writes do") {
    Served f(ranges);
    Request discard(BlockOperation::discard, 0);
    discard.parts = {};
    discard.range = 4096;
    f.disk->hold_writes();
    f.disk->submit(discard);
    CHECK_FALSE(f.ring->has_available());
    f.disk->release_writes();
    f.serve();
    CHECK(discard.succeeded());
    Request wide(BlockOperation::discard, 0), with_parts(BlockOperation::write_zeroes, 0);
    wide.parts = {};
    wide.range = 2049 * 512;
    with_parts.range = 512;
    f.disk->submit(wide);
    f.disk->submit(with_parts);
    CHECK(wide.failed_with(Error::invalid_argument));
    CHECK(with_parts.failed_with(Error::invalid_argument));
}
