// SPDX-License-Identifier: Apache-2.0
// A driver that takes random actions, any that a guest can, with the same sequence in every run.
#pragma once

#include <linux/virtio_config.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "tests/unit/hv/device_fixture.h"

namespace hv::test {

/// Most values that it writes are nearly right, so that they pass the first check: rings at valid addresses,
/// descriptors in memory, plausible lengths; any of them may be wrong. The sanitizers see what a device does outside of
/// the fixture's memory.
class RandomDriver {
public:
    RandomDriver(Device& device, DeviceFixture& fixture, std::uint32_t seed)
        : device_(device), fixture_(fixture), random_(seed) {
        make_rings(16, 0);
    }

    void act(int steps) {
        for (int step = 0; step != steps; ++step) {
            // A broken device waits for its reset, and does nothing that could be wrong before.
            if (broken_ != fixture_.signals.resets && below(4) == 0) restart();
            switch (below(48)) {
                case 0: restart(); break;
                case 1: paused_ ? device_.resume() : device_.pause(), paused_ = !paused_; break;
                case 2: configure(); break;
                case 3: scribble(); break;
                case 4: fixture_.serve(below(4) == 0 ? 300'000 : 1'000); break;
                default: offer(); break;
            }
        }
    }

    /// Resets the device, whatever its state, and makes valid rings.
    void settle() {
        if (std::exchange(paused_, false)) device_.resume();
        device_.reset();
        std::vector<tenon::abi::QueueSetup> setups;
        make_rings(16, 0);
        for (const FakeRing& ring : rings_) setups.push_back(ring.setup());
        REQUIRE(device_.activate(1ULL << VIRTIO_F_VERSION_1, setups, fixture_.guest, fixture_.signals));
    }
    /// Chains that the device has used, or nearly: scribbled numbers are among it.
    [[nodiscard]] std::uint64_t used() const { return used_; }
    [[nodiscard]] FakeRing& ring(std::uint32_t queue) { return rings_[queue]; }

private:
    std::uint32_t below(std::uint32_t limit) { return number() % limit; }
    std::uint32_t number() { return static_cast<std::uint32_t>(random_()); }
    std::uint64_t any() { return std::uint64_t{number()} << 32 | number(); }

    /// An empty one for each queue: of `largest` entries, or fewer by up to 2^(spread - 1).
    void make_rings(std::uint32_t largest, std::uint32_t spread) {
        for (FakeRing& ring : rings_) used_ += ring.used_index();
        rings_.clear();
        for (std::uint32_t i = 0; i != device_.queue_count(); ++i) {
            const std::uint32_t most = std::min(largest, device_.queue_size(i));
            const std::uint32_t size = std::max(most >> (spread != 0 ? below(spread) : 0), 1U);
            FakeRing& ring = rings_.emplace_back(fixture_.ring(i, static_cast<std::uint16_t>(size)));
            ring.show(0);
            ring.available_flags(0);
            ring.want_event_after(0);
            fixture_.memory.write(ring.used(), std::uint32_t{0});
        }
    }

    void restart() {
        broken_ = fixture_.signals.resets;
        device_.reset();
        std::vector<tenon::abi::QueueSetup> setups;
        make_rings(32, 6);
        for (const FakeRing& ring : rings_) {
            tenon::abi::QueueSetup setup = ring.setup();
            switch (below(40)) {
                case 0: setup.size = static_cast<std::uint16_t>(number()); break;
                case 1: setup.descriptors = address(); break;
                case 2: setup.driver = address(); break;
                case 3: setup.device = address(); break;
                default: break;
            }
            setups.push_back(setup);
        }
        const std::uint64_t features = (device_.features() & any()) | 1ULL << VIRTIO_F_VERSION_1;
        static_cast<void>(device_.activate(features, setups, fixture_.guest, fixture_.signals));
    }

    void configure() {
        const std::array<std::byte, 8> bytes = std::bit_cast<std::array<std::byte, 8>>(any());
        const std::size_t size = device_.config().size();
        if (size == 0) return;
        const std::uint64_t offset = below(static_cast<std::uint32_t>(size));
        const std::size_t count = std::min<std::size_t>(1U << below(4), size - offset);
        static_cast<void>(device_.write_config(offset, std::span(bytes).first(count)));
    }

    /// Random bytes anywhere, also in the rings and in memory that the device has written.
    void scribble() {
        for (std::uint32_t i = below(8); i-- > 0;) {
            const bool in_a_ring = below(2) == 0;
            const std::uint64_t place = in_a_ring ? rings_[below(device_.queue_count())].place + below(0x1000)
                                                  : FakeMemory::base + below(DeviceFixture::memory_size);
            fixture_.memory.write(place, static_cast<std::uint8_t>(number()));
        }
    }

    std::uint64_t address() {
        switch (below(200)) {
            case 0: return any();
            case 1: return fixture_.memory.end() - below(64);
            case 2: return FakeMemory::base - below(64);
            default: return DeviceFixture::buffers + below(0x200) * 0x200;
        }
    }
    std::uint32_t length() {
        static constexpr std::uint32_t usual[] = {1, 4, 8, 12, 16, 24, 512, 526, 2048, 4096, 0x10000};
        switch (below(200)) {
            case 0: return number();
            case 1: return 0;
            default: return usual[below(std::size(usual))];
        }
    }

    void offer() {
        const std::uint32_t queue = below(device_.queue_count());
        FakeRing& ring = rings_[queue];
        // Small numbers in front of a buffer are what requests and messages begin with.
        const std::uint64_t first = address() & ~std::uint64_t{0x1FF};
        if (first >= DeviceFixture::buffers && first + 16 <= fixture_.memory.end() && below(4) != 0)
            fixture_.memory.write(first, std::array<std::uint32_t, 4>{below(14), below(3), below(2100), below(2)});
        // The device ignores a driver after an error until it is reset, so most chains are valid.
        if (static_cast<std::uint16_t>(ring.next - ring.used_index()) >= ring.size && below(50) != 0) return;
        const std::uint32_t count = 1 + below(std::min<std::uint32_t>(4, ring.size));
        const std::uint32_t readable = below(count + 1);
        const auto head = static_cast<std::uint16_t>(below(ring.size));
        for (std::uint32_t i = 0; i != count; ++i) {
            unsigned flags = i + 1 != count ? VRING_DESC_F_NEXT : 0;
            if (i >= readable || below(200) == 0) flags |= VRING_DESC_F_WRITE;
            if (below(200) == 0) flags |= VRING_DESC_F_INDIRECT;
            const std::uint32_t following = below(200) == 0 ? number() : (head + i + 1U) % ring.size;
            ring.descriptor(static_cast<std::uint16_t>((head + i) % ring.size), i == 0 ? first : address(),
                            i == 0 && below(2) == 0 ? 16 : length(), static_cast<std::uint16_t>(flags),
                            static_cast<std::uint16_t>(following));
        }
        ring.put(below(200) == 0 ? static_cast<std::uint16_t>(number()) : head);
        ring.show(below(200) == 0 ? static_cast<std::uint16_t>(number()) : ring.next);
        if (below(3) != 0) device_.queue_notified(queue);
    }

    Device& device_;
    DeviceFixture& fixture_;
    std::mt19937 random_;
    std::vector<FakeRing> rings_;
    bool paused_ = false;
    std::uint64_t used_ = 0;
    int broken_ = 0;  ///< how often the device had asked for a reset when it was reset
};

}  // namespace hv::test
