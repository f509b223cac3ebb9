// SPDX-License-Identifier: Apache-2.0
// A balloon with a driver that may break every rule, and RAM that only records which ranges were discarded.
#pragma once

#include "hv/devices/balloon.h"
// After hv's headers, as it brings the tests' CHECK.
#include <linux/virtio_config.h>

#include <array>
#include <utility>
#include <vector>

#include "tests/unit/hv/device_fixture.h"

namespace balloon_test {

using hv::GuestPages;
using hv::test::FakeRing;

inline constexpr std::uint64_t page = 4096;
inline constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t bit(unsigned feature) { return 1ULL << feature; }

/// RAM of 256 MiB from the second page on, and 64 MiB above a hole; an image and an I/O zone are in the first part.
inline constexpr GuestPages::Range low{page, 256 * mebibyte - page};
inline constexpr GuestPages::Range high{4096 * mebibyte, 64 * mebibyte};
inline constexpr GuestPages::Range image{2 * mebibyte, mebibyte};
inline constexpr GuestPages::Range zone{240 * mebibyte, 16 * mebibyte};

struct Fixture : hv::test::DeviceFixture {
    static constexpr std::uint32_t inflate = 0, deflate = 1, statistics = 2, hinting = 3, reporting = 4;

    explicit Fixture(const hv::BalloonOptions& options = {}) : device(*loop, options) {
        device.attach(pages);
        for (unsigned i = 0; i < device.queue_count(); ++i) rings.push_back(ring(i, 128));
    }
    void activate(std::uint64_t without = 0) {
        std::vector<tenon::abi::QueueSetup> setups;
        for (const FakeRing& ring : rings) setups.push_back(ring.setup());
        REQUIRE(device.activate(device.features() & ~without & ~bit(VIRTIO_RING_F_EVENT_IDX), setups, guest, signals));
    }
    /// The driver's part of a reset.
    void reset() {
        device.reset();
        for (FakeRing& ring : rings) {
            ring.next = ring.seen = 0;
            ring.show(0);
            memory.write(ring.used(), std::uint32_t{0});
        }
    }
    /// Offers an array of frame numbers as one buffer, and rings.
    void name_frames(std::uint32_t queue, const std::vector<std::uint32_t>& frames) {
        std::memcpy(memory.at(buffers), frames.data(), frames.size() * sizeof frames[0]);
        offer(queue, 0, buffers, static_cast<std::uint32_t>(frames.size() * sizeof frames[0]));
    }
    void offer(std::uint32_t queue, std::uint16_t head, std::uint64_t address, std::uint32_t size,
               std::uint16_t flags = 0) {
        rings[queue].descriptor(head, address, size, flags);
        rings[queue].offer(head);
        device.queue_notified(queue);
    }
    void name_range(std::uint32_t queue, std::uint64_t address, std::uint32_t size) {
        offer(queue, 0, address, size, VRING_DESC_F_WRITE);
    }
    void hint_command(std::uint32_t command) {
        memory.write(buffers, command);
        offer(hinting, 0, buffers, sizeof command);
    }
    /// hv's counters now, which belong to the whole process.
    static std::uint64_t counter(std::string_view name) {
        std::uint64_t value = 0;
        hv::Counter::for_each([&](const hv::Counter& counter) {
            if (name == counter.name()) value = counter.value();
        });
        return value;
    }
    [[nodiscard]] std::uint64_t newly_refused() {
        const std::uint64_t now = counter("balloon.pages_refused");
        return now - std::exchange(refused_before, now);
    }
    template <typename T>
    [[nodiscard]] T config_field(std::size_t offset) const {
        T value;
        std::memcpy(&value, device.config().data() + offset, sizeof value);
        return value;
    }
    bool write_config(std::uint64_t offset, std::uint32_t value) {
        return device.write_config(offset, std::as_bytes(std::span(&value, 1)));
    }

    std::vector<GuestPages::Range> discarded;
    GuestPages pages{std::array{low, high}, std::array{image, zone},
                     [this](const GuestPages::Range& range) { discarded.push_back(range); }};
    hv::BalloonDevice device;
    std::vector<FakeRing> rings;
    std::uint64_t refused_before = counter("balloon.pages_refused");
};

}  // namespace balloon_test
