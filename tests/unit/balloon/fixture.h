// SPDX-License-Identifier: Apache-2.0
// The balloon driver over a zone of pages, and the device below it.
#pragma once

#include <functional>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

#include "balloon/balloon.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "tests/unit/balloon/host_memory.h"
#include "tests/unit/pv-drivers/fake_device.h"
#include "tests/unit/pv-drivers/fake_registers.h"
#include "tests/unit/pv-drivers/test_macros.h"

namespace tenon::test {

using namespace balloon;
using Ring = BasicFakeDevice<HostMemory>;
using virtio::feature_bit;

inline constexpr std::uint64_t all_features = wanted_features;

/// Uses buffers when it is notified, and records their contents. `misbehave` may replace that.
struct FakeBalloonDevice {
    FakeMmioDevice model;
    HostMemory memory;

    std::vector<std::size_t> inflate_buffers;  ///< page numbers in each
    std::set<std::uint32_t> pages;             ///< in the balloon
    struct Range {
        std::uint64_t first, count;
        friend bool operator==(const Range&, const Range&) = default;
    };
    std::vector<Range> reported, hinted;
    std::vector<std::size_t> report_chains;  ///< ranges in each
    std::vector<std::uint32_t> hint_commands;
    std::vector<std::vector<virtio_balloon_stat>> statistics;
    std::uint16_t statistics_head = 0;
    std::size_t statistics_out = 0;
    std::function<void()> config_changed;
    /// Called for each chain; true: it has handled the chain.
    std::function<bool(Role role, Ring& ring, const Ring::Chain& chain)> misbehave;

    explicit FakeBalloonDevice(std::uint64_t features) : layout_(features) {
        model.id = VIRTIO_ID_BALLOON;
        model.queue_limit = 128;
        model.queue_count = layout_.count();
        model.offered |= features | feature_bit(VIRTIO_RING_F_EVENT_IDX) | feature_bit(VIRTIO_RING_F_INDIRECT_DESC);
        model.config.resize(16);
        model.on_notify = [this](std::uint32_t queue) { work(queue); };
    }
    void set_config(std::size_t offset, std::uint32_t value) {
        std::memcpy(model.config.data() + offset, &value, sizeof(value));
    }
    void set_target(std::uint32_t pages_wanted) { set_config(0, pages_wanted); }
    void set_command(std::uint32_t command) {
        set_config(8, command);
        if (config_changed) config_changed();
    }
    [[nodiscard]] std::uint32_t actual() const {
        std::uint32_t value;
        std::memcpy(&value, model.config.data() + 4, sizeof(value));
        return value;
    }
    void break_down() { model.status |= VIRTIO_CONFIG_S_NEEDS_RESET; }
    Ring& ring(std::uint32_t queue) {
        // After a reset the rings begin anew in the same memory.
        const auto resets = std::count(model.statuses.begin(), model.statuses.end(), 0u);
        auto& entry = rings_[queue];
        if (entry.ring == nullptr || entry.resets != resets)
            entry = {std::make_unique<Ring>(memory, model.queues[queue].addresses, model.queues[queue].size), resets};
        return *entry.ring;
    }
    Ring& ring(Role role) { return ring(layout_.index(role)); }
    void ask_for_statistics() {
        --statistics_out;
        ring(Role::statistics).use(statistics_head, 0);
    }

private:
    template <typename T>
    std::vector<T> read(const Ring::Piece& piece) {
        std::vector<T> values(piece.size / sizeof(T));
        std::memcpy(values.data(), &memory.at<std::byte>(PhysicalAddress{piece.address}), piece.size);
        return values;
    }
    Role role_of(std::uint32_t queue) {
        for (const Role role : {Role::inflate, Role::deflate, Role::statistics, Role::hinting, Role::reporting})
            if (layout_.has(role) && layout_.index(role) == queue) return role;
        throw std::logic_error("a queue that the device does not have was notified");
    }
    void work(std::uint32_t queue) {
        Ring& ring = this->ring(queue);
        const Role role = role_of(queue);
        while (ring.has_available()) {
            const Ring::Chain chain = ring.take();
            if (misbehave && misbehave(role, ring, chain)) continue;
            serve(role, ring, chain);
        }
        ring.set_available_event(ring.available_index());  // wants to hear of the next one
    }
    void serve(Role role, Ring& ring, const Ring::Chain& chain) {
        switch (role) {
            case Role::inflate:
                for (const auto& piece : chain.pieces) {
                    if (piece.write) throw std::logic_error("inflate buffers are read");
                    inflate_buffers.push_back(piece.size / 4);
                    for (const std::uint32_t page : read<std::uint32_t>(piece))
                        if (!pages.insert(page).second) throw std::logic_error("inflated twice");
                }
                break;
            case Role::deflate:
                for (const auto& piece : chain.pieces)
                    for (const std::uint32_t page : read<std::uint32_t>(piece))
                        if (pages.erase(page) != 1) throw std::logic_error("deflated without being inflated");
                break;
            case Role::statistics:
                statistics.push_back(read<virtio_balloon_stat>(chain.pieces.at(0)));
                statistics_head = chain.head;
                ++statistics_out;
                return;  // kept until the next figures are wanted
            case Role::hinting:
                for (const auto& piece : chain.pieces) {
                    if (piece.write)
                        hinted.push_back({piece.address / page_size, piece.size / page_size});
                    else
                        hint_commands.push_back(read<std::uint32_t>(piece).at(0));
                }
                break;
            case Role::reporting:
                report_chains.push_back(chain.pieces.size());
                for (const auto& piece : chain.pieces) {
                    if (!piece.write) throw std::logic_error("reported pages are written");
                    reported.push_back({piece.address / page_size, piece.size / page_size});
                }
                break;
        }
        ring.use(chain.head, 0);
    }

    struct Entry {
        std::unique_ptr<Ring> ring;
        std::ptrdiff_t resets = 0;
    };
    QueueLayout layout_;
    std::map<std::uint32_t, Entry> rings_;
};

struct BalloonFixture {
    static constexpr PageIndex page_count = zone_size / page_size;
    static constexpr std::uint64_t floor = 1024;
    static inline int changes = 0;

    std::vector<std::byte> records = std::vector<std::byte>(PageRecords::bytes(page_count));
    LockedZone zone{"test"};
    FakeBalloonDevice device;
    virtio::MmioTransport<FakeRegisters> transport{FakeRegisters{&device.model}, 0x200};
    Balloon balloon{transport, zone, floor, {.changed = [] { ++changes; }}};

    explicit BalloonFixture(std::uint64_t features = all_features) : device(features) {
        host_memory() = {};
        changes = 0;
        zone.with([&](Zone& z) {
            z.initialize(zone_base, PageRecords(records.data(), page_count), page_count,
                         BuddyAllocator::order_count - 1);
            z.pages.add(0, page_count);
            z.released_is_zero = true;
        });
        device.config_changed = [this] {
            device.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
            transport.interrupt();
        };
        const Result<> started = balloon.start();
        REQUIRE(started);
    }
    /// Serves like the worker thread, until there is nothing to do.
    Balloon::Served serve() {
        for (int steps = 0; steps < 1000; ++steps)
            if (const auto served = balloon.serve(); served != Balloon::Served::more) return served;
        FAIL("it never comes to an end");
        return Balloon::Served::broken;
    }
    Balloon::Served serve(std::uint32_t target) {
        device.set_target(target);
        return serve();
    }
    std::uint64_t free_pages() {
        return zone.with([](Zone& z) { return z.pages.free_pages(); });
    }
    std::uint64_t released_pages() {
        return zone.with([](Zone& z) { return z.pages.released_pages(); });
    }
    bool released_is_zero() {
        return zone.with([](Zone& z) { return z.released_is_zero; });
    }
    PageIndex allocate(std::uint32_t order) {
        return zone.with([=](Zone& z) { return z.pages.allocate(order); });
    }
    void free(PageIndex page, std::uint32_t order) {
        zone.with([=](Zone& z) { z.pages.free(page, order); });
    }
    /// Memory that was touched and freed, and that the host therefore holds.
    void touch_and_free(std::uint32_t order) { free(allocate(order), order); }
};

}  // namespace tenon::test
