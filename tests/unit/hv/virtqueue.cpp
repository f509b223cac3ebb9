// SPDX-License-Identifier: Apache-2.0
// The device's side of split rings: valid and invalid actions of drivers.
#include "hv/devices/virtqueue.h"

#include <linux/virtio_config.h>

#include <array>
#include <catch2/catch.hpp>

#include "tests/unit/hv/fake_driver.h"

using namespace hv;
using hv::test::FakeMemory;
using hv::test::FakeRing;

namespace {

constexpr std::uint64_t version_1 = 1ULL << VIRTIO_F_VERSION_1;
constexpr std::uint64_t indirect = version_1 | 1ULL << VIRTIO_RING_F_INDIRECT_DESC;
constexpr std::uint64_t event_index = version_1 | 1ULL << VIRTIO_RING_F_EVENT_IDX;
constexpr std::uint16_t next_flag = VRING_DESC_F_NEXT;
constexpr std::uint16_t write_flag = VRING_DESC_F_WRITE;
constexpr std::uint16_t indirect_flag = VRING_DESC_F_INDIRECT;
constexpr std::uint64_t ring_place = FakeMemory::base;
constexpr std::uint64_t buffer = FakeMemory::base + 0x8000;
constexpr std::uint64_t table = FakeMemory::base + 0x4000;

struct Fixture {
    FakeMemory memory;
    FakeRing ring{memory, 8, ring_place};
    GuestMemory guest = memory.guest();
    std::array<iovec, 256> space;

    Virtqueue queue(std::uint64_t features = version_1) {
        auto created = Virtqueue::create(ring.setup(), 256, features, guest);
        REQUIRE(created.has_value());
        return *created;
    }
    /// The error with which the chain at `head` is refused.
    RingError refused(std::uint16_t head, std::uint64_t features = version_1) {
        Virtqueue tested = queue(features);
        ring.offer(head);
        const auto chain = tested.pop(space);
        REQUIRE_FALSE(chain.has_value());
        return chain.error();
    }
    void table_entry(std::uint32_t index, std::uint64_t address, std::uint32_t length, std::uint16_t flags = 0,
                     std::uint16_t following = 0) {
        memory.write(table + index * sizeof(vring_desc), vring_desc{address, length, flags, following});
    }
};

std::expected<Virtqueue, RingError> create(const tenon::abi::QueueSetup& setup, FakeMemory& memory,
                                           std::uint32_t largest = 256) {
    const GuestMemory guest = memory.guest();
    return Virtqueue::create(setup, largest, version_1, guest);
}

}  // namespace

TEST_CASE("virtqueue: a setup that is not acceptable") {
    FakeMemory memory;
    const FakeRing ring{memory, 8, ring_place};
    const auto refused = [&memory](tenon::abi::QueueSetup setup) { return create(setup, memory).error(); };

    for (const std::uint32_t size : {0U, 3U, 12U, 512U, 32768U, 65536U, 0x8000'0000U, 0xFFFF'FFFFU}) {
        auto setup = ring.setup();
        setup.size = size;
        CHECK(refused(setup) == RingError::queue_size);
    }
    auto setup = ring.setup();
    setup.descriptors += 8;
    CHECK(refused(setup) == RingError::ring_misaligned);
    setup = ring.setup();
    setup.driver += 1;
    CHECK(refused(setup) == RingError::ring_misaligned);
    setup = ring.setup();
    setup.device += 2;
    CHECK(refused(setup) == RingError::ring_misaligned);

    for (const std::uint64_t place : std::initializer_list<std::uint64_t>{0, FakeMemory::base - 16, memory.end() - 16,
                                                                          memory.end(), ~std::uint64_t{15}}) {
        setup = ring.setup();
        setup.descriptors = place;
        CHECK(refused(setup) == RingError::ring_outside_memory);
        setup = ring.setup();
        setup.driver = place & ~1ULL;
        CHECK(refused(setup) == RingError::ring_outside_memory);
        setup = ring.setup();
        setup.device = place & ~3ULL;
        CHECK(refused(setup) == RingError::ring_outside_memory);
    }
    CHECK(create(ring.setup(), memory).has_value());
    // A ring of one, at the very end of memory.
    CHECK(create({1, 0, memory.end() - 64, memory.end() - 32, memory.end() - 16}, memory).has_value());
}

TEST_CASE("virtqueue: chains are given as the driver made them") {
    Fixture f;
    Virtqueue queue = f.queue();
    CHECK_FALSE(queue.pop(f.space)->has_value());

    f.ring.descriptor(5, buffer, 100, next_flag, 2);
    f.ring.descriptor(2, buffer + 4096, 7, next_flag | write_flag, 7);
    f.ring.descriptor(7, f.memory.end() - 1, 1, write_flag);
    f.ring.offer(5);
    const auto popped = queue.pop(f.space);
    REQUIRE(popped.has_value());
    REQUIRE(popped->has_value());
    const Chain& chain = **popped;
    CHECK(chain.head == 5);
    CHECK(chain.readable_bytes == 100);
    CHECK(chain.writable_bytes == 8);
    REQUIRE(chain.readable.size() == 1);
    REQUIRE(chain.writable.size() == 2);
    CHECK(chain.readable[0].iov_base == f.memory.at(buffer));
    CHECK(chain.writable[1].iov_base == f.memory.at(f.memory.end() - 1));
    CHECK_FALSE(queue.pop(f.space)->has_value());

    CHECK_FALSE(queue.publish());
    queue.push(5, 8);
    CHECK(f.ring.used_index() == 0);
    CHECK(queue.publish());
    CHECK(f.ring.used_index() == 1);
    const vring_used_elem used = f.ring.take();
    CHECK(used.id == 5);
    CHECK(used.len == 8);
    CHECK_FALSE(queue.publish());
}

TEST_CASE("virtqueue: a chain as long as the queue, and not longer") {
    Fixture f;
    for (std::uint16_t i = 0; i < 8; ++i)
        f.ring.descriptor(i, buffer + i * 64U, 64, i < 7 ? next_flag : std::uint16_t{0},
                          static_cast<std::uint16_t>(i + 1));
    Virtqueue queue = f.queue();
    f.ring.offer(0);
    CHECK(queue.pop(f.space).value()->readable.size() == 8);
}

TEST_CASE("virtqueue: loops end") {
    Fixture f;
    f.ring.descriptor(0, buffer, 1, next_flag, 0);
    CHECK(f.refused(0) == RingError::chain_too_long);
    Fixture g;
    for (std::uint16_t i = 0; i < 8; ++i)
        g.ring.descriptor(i, buffer, 1, next_flag, static_cast<std::uint16_t>((i + 1) % 8));
    CHECK(g.refused(3) == RingError::chain_too_long);
}

TEST_CASE("virtqueue: indices out of range") {
    for (const std::uint16_t head : std::initializer_list<std::uint16_t>{8, 255, 0x7FFF, 0xFFFF})
        CHECK(Fixture().refused(head) == RingError::head_out_of_range);
    for (const std::uint16_t following : std::initializer_list<std::uint16_t>{8, 256, 0xFFFF}) {
        Fixture f;
        f.ring.descriptor(0, buffer, 1, next_flag, following);
        CHECK(f.refused(0) == RingError::next_out_of_range);
    }
    // Without NEXT the field means nothing.
    Fixture f;
    f.ring.descriptor(0, buffer, 1, 0, 0xFFFF);
    Virtqueue queue = f.queue();
    f.ring.offer(0);
    CHECK(queue.pop(f.space).value().has_value());
}

TEST_CASE("virtqueue: the available index runs ahead") {
    for (const std::uint16_t index : std::initializer_list<std::uint16_t>{9, 0x7FFF, 0x8000, 0xFFFF}) {
        Fixture f;
        f.ring.descriptor(0, buffer, 1);
        Virtqueue queue = f.queue();
        f.ring.show(index);
        CHECK(queue.pop(f.space).error() == RingError::too_many_available);
    }
    // Chains that are in flight count: eight are out, and the driver shows a ninth.
    Fixture f;
    f.ring.descriptor(0, buffer, 1);
    Virtqueue queue = f.queue();
    for (int i = 0; i < 8; ++i) f.ring.put(0);
    f.ring.show(8);
    for (int i = 0; i < 8; ++i) CHECK(queue.pop(f.space)->has_value());
    f.ring.show(9);
    CHECK(queue.pop(f.space).error() == RingError::too_many_available);
    // One chain is back, so the ring can hold a ninth.
    queue.push(0, 0);
    CHECK(queue.pop(f.space)->has_value());
}

TEST_CASE("virtqueue: buffers outside of memory") {
    FakeMemory memory;
    const struct {
        std::uint64_t address;
        std::uint32_t length;
    } wrong[] = {
        {0, 1},
        {FakeMemory::base - 1, 2},
        {memory.end(), 1},
        {memory.end() - 1, 2},
        {FakeMemory::base, 0xFFFF'FFFF},
        {~0ULL, 1},
        {~0ULL - 4095, 8192},
        {1ULL << 40, 1},
        {0x8000'0000'0000'0000, 16},
    };
    for (const auto& [address, length] : wrong) {
        for (const std::uint16_t flags : std::initializer_list<std::uint16_t>{std::uint16_t{0}, write_flag}) {
            Fixture f;
            f.ring.descriptor(0, address, length, flags);
            CHECK(f.refused(0) == RingError::buffer_outside_memory);
        }
    }
    Fixture f;
    f.ring.descriptor(0, buffer, 0);
    CHECK(f.refused(0) == RingError::buffer_empty);
}

TEST_CASE("virtqueue: readable buffers come first") {
    Fixture f;
    f.ring.descriptor(0, buffer, 1, write_flag | next_flag, 1);
    f.ring.descriptor(1, buffer, 1);
    CHECK(f.refused(0) == RingError::readable_after_writable);
}

TEST_CASE("virtqueue: a chain of 4 GiB") {
    FakeMemory memory(32 << 20);
    FakeRing ring{memory, 256, ring_place};
    for (std::uint16_t i = 0; i < 256; ++i)
        ring.descriptor(i, FakeMemory::base + (1 << 20), 17 << 20, next_flag, static_cast<std::uint16_t>(i + 1));
    const GuestMemory guest = memory.guest();
    auto queue = Virtqueue::create(ring.setup(), 256, version_1, guest);
    ring.offer(0);
    std::array<iovec, 256> space;
    CHECK(queue->pop(space).error() == RingError::chain_too_large);
}

TEST_CASE("virtqueue: indirect tables") {
    Fixture f;
    // A direct descriptor, then a table (2.7.5.3.2); the WRITE flag of the one that points at the table means nothing.
    f.table_entry(0, buffer, 10, next_flag, 2);
    f.table_entry(2, buffer + 64, 20, write_flag);
    f.ring.descriptor(1, buffer, 5, next_flag, 4);
    f.ring.descriptor(4, table, 3 * sizeof(vring_desc), indirect_flag | write_flag);
    Virtqueue queue = f.queue(indirect);
    f.ring.offer(1);
    const Chain chain = queue.pop(f.space).value().value();
    CHECK(chain.head == 1);
    CHECK(chain.readable.size() == 2);
    CHECK(chain.readable_bytes == 15);
    CHECK(chain.writable_bytes == 20);

    // A table at an odd address is legal.
    f.memory.write(table + 1, vring_desc{buffer, 3, 0, 0});
    f.ring.descriptor(0, table + 1, sizeof(vring_desc), indirect_flag);
    f.ring.offer(0);
    CHECK(queue.pop(f.space).value()->readable_bytes == 3);
}

TEST_CASE("virtqueue: indirect tables that break the rules") {
    Fixture unwanted;
    unwanted.ring.descriptor(0, table, 16, indirect_flag);
    CHECK(unwanted.refused(0, version_1) == RingError::indirect_not_negotiated);

    for (const std::uint32_t length : {0U, 1U, 15U, 17U, 9 * 16U, 0xFFFF'FFF0U}) {
        Fixture f;
        f.ring.descriptor(0, table, length, indirect_flag);
        CHECK(f.refused(0, indirect) == RingError::indirect_size);
    }
    Fixture with_next;
    with_next.ring.descriptor(0, table, 16, indirect_flag | next_flag, 1);
    CHECK(with_next.refused(0, indirect) == RingError::indirect_with_next);

    Fixture nested;
    nested.table_entry(0, table, 16, indirect_flag);
    nested.ring.descriptor(0, table, 16, indirect_flag);
    CHECK(nested.refused(0, indirect) == RingError::indirect_nested);

    Fixture outside;
    outside.ring.descriptor(0, outside.memory.end() - 16, 32, indirect_flag);
    CHECK(outside.refused(0, indirect) == RingError::buffer_outside_memory);

    Fixture beyond;
    beyond.table_entry(0, buffer, 1, next_flag, 2);
    beyond.ring.descriptor(0, table, 32, indirect_flag);
    CHECK(beyond.refused(0, indirect) == RingError::next_out_of_range);

    Fixture loop;
    loop.table_entry(0, buffer, 1, next_flag, 0);
    loop.ring.descriptor(0, table, 16, indirect_flag);
    CHECK(loop.refused(0, indirect) == RingError::chain_too_long);

    // Direct and indirect descriptors together are no more than the queue's size.
    Fixture together;
    for (std::uint16_t i = 0; i < 8; ++i)
        together.table_entry(i, buffer, 1, i < 7 ? next_flag : std::uint16_t{0}, static_cast<std::uint16_t>(i + 1));
    together.ring.descriptor(0, buffer, 1, next_flag, 1);
    together.ring.descriptor(1, table, 8 * 16, indirect_flag);
    CHECK(together.refused(0, indirect) == RingError::chain_too_long);
}

TEST_CASE("virtqueue: indices wrap around") {
    Fixture f;
    f.ring.descriptor(3, buffer, 1, write_flag);
    Virtqueue queue = f.queue();
    for (int i = 0; i < 70'000; ++i) {
        f.ring.offer(3);
        const auto chain = queue.pop(f.space);
        REQUIRE((chain && *chain));
        queue.push((*chain)->head, 1);
        REQUIRE(queue.publish());
        REQUIRE(f.ring.take().id == 3);
    }
    CHECK(f.ring.used_index() == static_cast<std::uint16_t>(70'000));
}

TEST_CASE("virtqueue: chains that are given back come again") {
    Fixture f;
    for (std::uint16_t i = 0; i < 3; ++i) {
        f.ring.descriptor(i, buffer, i + 1U);
        f.ring.offer(i);
    }
    Virtqueue queue = f.queue();
    for (int i = 0; i < 3; ++i) CHECK(queue.pop(f.space)->has_value());
    queue.unpop(2);
    CHECK(queue.pop(f.space).value()->head == 1);
    CHECK(queue.pop(f.space).value()->head == 2);
    CHECK_FALSE(queue.pop(f.space)->has_value());
}

TEST_CASE("virtqueue: interrupts and doorbells by flags") {
    Fixture f;
    f.ring.descriptor(0, buffer, 1);
    Virtqueue queue = f.queue();
    const auto round = [&] {
        f.ring.offer(0);
        REQUIRE(queue.pop(f.space)->has_value());
        queue.push(0, 0);
        return queue.publish();
    };
    CHECK(round());
    f.ring.available_flags(VRING_AVAIL_F_NO_INTERRUPT);
    CHECK_FALSE(round());
    f.ring.available_flags(0);
    CHECK(round());

    queue.suppress_doorbells();
    CHECK(f.ring.used_flags() == VRING_USED_F_NO_NOTIFY);
    CHECK_FALSE(queue.resume_doorbells());
    CHECK(f.ring.used_flags() == 0);
    queue.suppress_doorbells();
    f.ring.offer(0);
    CHECK(queue.resume_doorbells());
}

TEST_CASE("virtqueue: interrupts and doorbells by event index") {
    Fixture f;
    f.ring.descriptor(0, buffer, 1);
    Virtqueue queue = f.queue(event_index);
    const auto round = [&](int count) {
        for (int i = 0; i < count; ++i) {
            f.ring.offer(0);
            REQUIRE(queue.pop(f.space)->has_value());
            queue.push(0, 0);
        }
        return queue.publish();
    };
    // The driver wants an interrupt for the third, counted from 0.
    f.ring.want_event_after(2);
    CHECK_FALSE(round(2));
    CHECK(round(1));
    CHECK_FALSE(round(1));
    f.ring.want_event_after(5);
    CHECK(round(4));
    // The flag means nothing with this feature.
    f.ring.available_flags(VRING_AVAIL_F_NO_INTERRUPT);
    f.ring.want_event_after(8);
    CHECK(round(1));

    CHECK_FALSE(queue.resume_doorbells());
    CHECK(f.ring.doorbell_after() == 9);
    queue.suppress_doorbells();
    f.ring.offer(0);
    CHECK(f.ring.doorbell_after() == 9);
    CHECK(queue.resume_doorbells());
}

TEST_CASE("virtqueue: every error has a text") {
    for (int i = 0; i <= static_cast<int>(RingError::indirect_size); ++i)
        CHECK(std::string_view(ring_error_text(static_cast<RingError>(i))) != "unknown");
}
