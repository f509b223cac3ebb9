// SPDX-License-Identifier: Apache-2.0
// The disk driver on a device of the test's own.
#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "fake_device.h"
#include "fake_registers.h"
#include "pv-drivers/blk/blk.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "test_macros.h"

namespace tenon::test {

using namespace tenon::virtio;

using Ring = BasicFakeDevice<HostMemory>;

struct Fixture {
    FakeMmioDevice model;
    MmioTransport<FakeRegisters> transport{FakeRegisters{&model}, 0x200};
    HostMemory memory;
    std::unique_ptr<Blk> disk;
    std::unique_ptr<Ring> ring;
    int broken = 0;

    explicit Fixture(std::uint64_t features = 0, std::uint32_t queue_limit = 64) {
        model.id = VIRTIO_ID_BLOCK;
        model.queue_limit = queue_limit;
        model.queue_count = 1;
        model.offered |= features | feature_bit(9) | feature_bit(VIRTIO_BLK_F_SEG_MAX) |
                         feature_bit(VIRTIO_BLK_F_BLK_SIZE) | feature_bit(VIRTIO_RING_F_EVENT_IDX) |
                         feature_bit(VIRTIO_RING_F_INDIRECT_DESC);
        configure(2048, 512);
    }
    ~Fixture() {
        if (disk && disk->linked()) detail::block_devices().remove(*disk);
    }
    void configure(std::uint64_t capacity, std::uint32_t block_size, std::uint32_t seg_max = 126,
                   std::uint32_t size_max = 0) {
        virtio_blk_config config{};
        config.capacity = capacity;
        config.blk_size = block_size;
        config.seg_max = seg_max;
        config.size_max = size_max;
        model.config.resize(sizeof(config));
        std::memcpy(model.config.data(), &config, sizeof(config));
    }
    [[nodiscard]] Result<> bring_up() {
        const auto made = Blk::create(
            transport, [](void* self) { ++static_cast<Fixture*>(self)->broken; }, this);
        if (!made) return fail(made.error());
        disk.reset(*made);
        find_ring();
        return {};
    }
    Fixture& up() {
        REQUIRE(bring_up());
        return *this;
    }
    void find_ring() { ring = std::make_unique<Ring>(memory, model.queues[0].addresses, model.queues[0].size); }
    void interrupt() {
        model.interrupt = VIRTIO_MMIO_INT_VRING;
        transport.interrupt();
    }
    void needs_reset() {
        model.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
        model.interrupt = VIRTIO_MMIO_INT_CONFIG;
        transport.interrupt();
    }
    virtio_blk_outhdr header_of(const Ring::Chain& chain) {
        virtio_blk_outhdr header;
        std::memcpy(&header, to_pointer(PhysicalAddress{chain.pieces.front().address}), sizeof(header));
        return header;
    }
    void answer(const Ring::Chain& chain, std::uint8_t status, std::uint32_t written = 1) {
        *to_pointer<std::uint8_t>(PhysicalAddress{chain.pieces.back().address}) = status;
        ring->use(chain.head, written);
    }
};

struct Request : BlockRequest {
    alignas(16) std::array<std::byte, 4096> memory{};
    std::vector<BlockPart> list;
    int completions = 0;

    Request(BlockOperation what, std::uint64_t where, std::size_t bytes = 512) {
        operation = what;
        offset = where;
        if (what != BlockOperation::flush) list.push_back({memory.data(), bytes});
        parts = list;
        completed = [](BlockRequest& request) { ++static_cast<Request&>(request).completions; };
    }
    [[nodiscard]] bool failed_with(Error error) const { return completions == 1 && !result && result.error() == error; }
    [[nodiscard]] bool succeeded() const { return completions == 1 && result.has_value(); }
};

}  // namespace tenon::test
