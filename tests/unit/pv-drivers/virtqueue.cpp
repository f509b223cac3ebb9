// SPDX-License-Identifier: Apache-2.0
// The virtqueue against an obedient device and against hostile ones.
#include "pv-drivers/virtio/virtqueue.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "fake_device.h"

namespace {

using namespace tenon;
using namespace tenon::virtio;
using tenon::test::FakeDevice;
using tenon::test::FakeMemory;

struct Fixture {
    explicit Fixture(const QueueOptions& options)
        : memory(Virtqueue::memory_size(options)),
          queue(Virtqueue::create(options, memory.memory()).value()),
          device(memory, queue) {}

    FakeMemory memory;
    Virtqueue queue;
    FakeDevice device;
};

constexpr Piece piece(std::uint64_t address, std::uint32_t size) { return {PhysicalAddress{address}, size}; }

void* cookie(std::uintptr_t number) { return reinterpret_cast<void*>(number); }

}  // namespace

TEST_CASE("virtqueue: sizes and memory are checked") {
    FakeMemory memory(4096);
    for (const std::uint16_t size : std::initializer_list<std::uint16_t>{0, 3, 33, 0xFFFF})
        CHECK(Virtqueue::create({.size = size}, memory.memory()).error() == Error::invalid_argument);
    CHECK(Virtqueue::create({.size = 256}, memory.memory()).error() == Error::invalid_argument);  // too small
    auto shifted = memory.memory();
    shifted.bytes = shifted.bytes.subspan(8);
    CHECK(Virtqueue::create({.size = 4}, shifted).error() == Error::invalid_argument);
    CHECK(Virtqueue::create({.size = 4}, memory.memory()).has_value());
}

TEST_CASE("virtqueue: parts have the alignment of section 2.7") {
    for (const std::uint16_t size : std::initializer_list<std::uint16_t>{1, 2, 4, 256, 1024}) {
        Fixture f({.size = size, .event_index = true, .indirect_entries = 4});
        CHECK(to_integer(f.queue.addresses().descriptors) % 16 == 0);
        CHECK(to_integer(f.queue.addresses().driver) % 2 == 0);
        CHECK(to_integer(f.queue.addresses().device) % 4 == 0);
    }
}

TEST_CASE("virtqueue: a chain goes out and comes back") {
    Fixture f({.size = 8});
    const Piece out[] = {piece(0x100, 12), piece(0x200, 1500)};
    const Piece in[] = {piece(0x300, 64)};
    REQUIRE(f.queue.add(out, in, cookie(7)));
    CHECK_FALSE(f.device.has_available());  // not before publish
    CHECK(f.queue.publish());
    REQUIRE(f.device.has_available());
    const auto chain = f.device.take();
    CHECK(chain.pieces == std::vector<FakeDevice::Piece>{{0x100, 12, false}, {0x200, 1500, false}, {0x300, 64, true}});
    CHECK(f.queue.free_descriptors() == 5);
    CHECK_FALSE(f.queue.take_used().value().has_value());
    f.device.use(chain.head, 64);
    const auto used = f.queue.take_used().value();
    REQUIRE(used.has_value());
    CHECK(used->cookie == cookie(7));
    CHECK(used->written == 64);
    CHECK(f.queue.free_descriptors() == 8);
    CHECK(f.queue.chains_out() == 0);
}

TEST_CASE("virtqueue: an indirect chain takes one descriptor, a longer one goes direct") {
    Fixture f({.size = 8, .indirect_entries = 3});
    const Piece three[] = {piece(1, 1), piece(2, 2), piece(3, 3)};
    const Piece four[] = {piece(1, 1), piece(2, 2), piece(3, 3), piece(4, 4)};
    REQUIRE(f.queue.add(three, {}, cookie(1)));
    CHECK(f.queue.free_descriptors() == 7);
    REQUIRE(f.queue.add({}, three, cookie(2)));
    REQUIRE(f.queue.add(four, {}, cookie(3)));
    CHECK(f.queue.free_descriptors() == 2);
    REQUIRE(f.queue.add(std::span(four, 1), {}, cookie(4)));  // a single piece needs no table
    (void)f.queue.publish();
    CHECK(f.device.take().pieces == std::vector<FakeDevice::Piece>{{1, 1, false}, {2, 2, false}, {3, 3, false}});
    CHECK(f.device.take().pieces == std::vector<FakeDevice::Piece>{{1, 1, true}, {2, 2, true}, {3, 3, true}});
    CHECK(f.device.take().pieces.size() == 4);
    CHECK(f.device.take().pieces.size() == 1);
}

TEST_CASE("virtqueue: wrong chains are refused and change nothing") {
    Fixture f({.size = 4});
    const Piece good[] = {piece(1, 1), piece(2, 2), piece(3, 3), piece(4, 4), piece(5, 5)};
    const Piece empty[] = {piece(1, 0)};
    const Piece huge[] = {piece(1, UINT32_MAX), piece(2, UINT32_MAX)};
    CHECK(f.queue.add({}, {}, cookie(1)).error() == Error::invalid_argument);
    CHECK(f.queue.add(good, {}, nullptr).error() == Error::invalid_argument);
    CHECK(f.queue.add(empty, {}, cookie(1)).error() == Error::invalid_argument);
    CHECK(f.queue.add({}, empty, cookie(1)).error() == Error::invalid_argument);
    CHECK(f.queue.add({}, huge, cookie(1)).error() == Error::invalid_argument);
    CHECK(f.queue.add(good, {}, cookie(1)).error() == Error::invalid_argument);  // longer than the queue
    REQUIRE(f.queue.add(std::span(good, 3), {}, cookie(1)));
    CHECK(f.queue.add(std::span(good, 2), {}, cookie(2)).error() == Error::busy);
    REQUIRE(f.queue.add(std::span(good, 1), {}, cookie(2)));
    CHECK(f.queue.add(std::span(good, 1), {}, cookie(3)).error() == Error::busy);
    CHECK(f.queue.free_descriptors() == 0);
}

TEST_CASE("virtqueue: used elements that lie break the queue, for ever") {
    Fixture f({.size = 8});
    const Piece in[] = {piece(0x300, 64)};
    REQUIRE(f.queue.add({}, in, cookie(1)));
    REQUIRE(f.queue.add({}, in, cookie(2)));
    (void)f.queue.publish();
    const auto first = f.device.take();
    const auto second = f.device.take();

    SECTION("an id beyond the queue") { f.device.use(8, 0); }
    SECTION("an id far beyond the queue") { f.device.use(UINT32_MAX, 0); }
    SECTION("an id that was never given out") { f.device.use(5, 0); }
    SECTION("more bytes than the chain holds") { f.device.use(first.head, 65); }
    SECTION("the same chain twice") {
        f.device.use(first.head, 1);
        REQUIRE(f.queue.take_used().value()->cookie == cookie(1));
        f.device.use(first.head, 1);
    }
    SECTION("more used chains than are out") {
        f.device.use(first.head, 1);
        f.device.use(second.head, 1);
        f.device.use(first.head, 1);
    }
    SECTION("an index that goes backwards") { f.device.set_used_index(0xFFFF); }
    CHECK(f.queue.take_used().error() == Error::device_broken);
    CHECK(f.queue.broken());
    f.device.set_used_index(0);
    CHECK(f.queue.take_used().error() == Error::device_broken);
    CHECK(f.queue.add({}, in, cookie(3)).error() == Error::device_broken);
    CHECK_FALSE(f.queue.publish());
}

TEST_CASE("virtqueue: a middle descriptor is not a chain, nor is an unpublished chain used") {
    Fixture f({.size = 8});
    const Piece out[] = {piece(1, 1), piece(2, 2)};
    REQUIRE(f.queue.add(out, {}, cookie(1)));
    SECTION("the second descriptor of a chain as its id") {
        (void)f.queue.publish();
        const auto chain = f.device.take();
        f.device.use(chain.head + 1u, 0);
    }
    SECTION("used before it was published") { f.device.use(0, 0); }
    CHECK(f.queue.take_used().error() == Error::device_broken);
}

TEST_CASE("virtqueue: a chain without writable bytes has none written") {
    Fixture f({.size = 8});
    const Piece out[] = {piece(1, 100)};
    REQUIRE(f.queue.add(out, {}, cookie(1)));
    (void)f.queue.publish();
    f.device.use(f.device.take().head, 1);
    CHECK(f.queue.take_used().error() == Error::device_broken);
}

TEST_CASE("virtqueue: what stands in the descriptors afterwards does not matter") {
    Fixture f({.size = 4});
    const Piece out[] = {piece(1, 1), piece(2, 2), piece(3, 3)};
    REQUIRE(f.queue.add(out, {}, cookie(1)));
    (void)f.queue.publish();
    const auto chain = f.device.take();
    for (std::size_t i = 0; i < 4; ++i)
        f.memory.at<vring_desc>(f.queue.addresses().descriptors, i) = {~0ull, ~0u, 0xFFFF, 0xFFFF};
    f.device.use(chain.head, 0);
    CHECK(f.queue.take_used().value()->cookie == cookie(1));
    CHECK(f.queue.free_descriptors() == 4);
    REQUIRE(f.queue.add(out, {}, cookie(2)));
    (void)f.queue.publish();
    CHECK(f.device.take().pieces.size() == 3);
}

TEST_CASE("virtqueue: notifications without EVENT_IDX follow the flag") {
    Fixture f({.size = 8});
    const Piece out[] = {piece(1, 1)};
    CHECK_FALSE(f.queue.publish());  // nothing was added
    REQUIRE(f.queue.add(out, {}, cookie(1)));
    CHECK(f.queue.publish());
    f.device.set_used_flags(VRING_USED_F_NO_NOTIFY);
    REQUIRE(f.queue.add(out, {}, cookie(2)));
    CHECK_FALSE(f.queue.publish());
    CHECK(f.device.available_index() == 2);
}

TEST_CASE("virtqueue: notifications with EVENT_IDX come when the device's index is passed") {
    Fixture f({.size = 8, .event_index = true});
    const Piece out[] = {piece(1, 1)};
    const auto add = [&](int count) {
        for (int i = 0; i < count; ++i) REQUIRE(f.queue.add(out, {}, cookie(1)));
        return f.queue.publish();
    };
    CHECK(add(1));  // available event 0: at the first
    f.device.set_available_event(3);
    CHECK_FALSE(add(1));
    CHECK_FALSE(add(1));
    CHECK(add(2));        // passes 3
    CHECK_FALSE(add(1));  // and is not there again
}

TEST_CASE("virtqueue: interrupts are asked for and suppressed") {
    for (const bool event_index : {false, true}) {
        Fixture f({.size = 8, .event_index = event_index});
        const Piece in[] = {piece(1, 1)};
        for (int i = 0; i < 6; ++i) REQUIRE(f.queue.add({}, in, cookie(1)));
        (void)f.queue.publish();
        const auto use = [&] { f.device.use(f.device.take().head, 1); };
        const auto interrupts = [&](std::uint16_t before) {
            return event_index ? f.device.would_interrupt(before)
                               : (f.device.available_flags() & VRING_AVAIL_F_NO_INTERRUPT) == 0;
        };

        f.queue.disable_interrupts();
        use();
        CHECK_FALSE(interrupts(0));
        CHECK(f.queue.enable_interrupts());  // it has already happened
        REQUIRE(f.queue.take_used().value().has_value());
        CHECK_FALSE(f.queue.enable_interrupts());
        use();
        CHECK(interrupts(1));
        REQUIRE(f.queue.take_used().value().has_value());
        if (!event_index) continue;
        CHECK_FALSE(f.queue.enable_interrupts(2));  // only at the third from now
        use();
        CHECK_FALSE(interrupts(2));
        use();
        CHECK_FALSE(interrupts(3));
        use();
        CHECK(interrupts(4));
        CHECK(f.queue.enable_interrupts(2));
        CHECK_FALSE(f.queue.enable_interrupts(3));
    }
}

TEST_CASE("virtqueue: after a reset every chain that is out comes back once") {
    Fixture f({.size = 16, .indirect_entries = 2});
    const Piece out[] = {piece(1, 1), piece(2, 2)};
    std::set<void*> expected;
    for (std::uintptr_t i = 1; i <= 10; ++i) {
        REQUIRE(f.queue.add(out, {}, cookie(i)));
        expected.insert(cookie(i));
    }
    (void)f.queue.publish();
    f.device.use(99, 0);
    CHECK(f.queue.take_used().error() == Error::device_broken);
    std::set<void*> seen;
    while (void* unused = f.queue.take_unused()) CHECK(seen.insert(unused).second);
    CHECK(seen == expected);
    CHECK(f.queue.chains_out() == 0);
    CHECK(f.queue.free_descriptors() == 16);
}

TEST_CASE("virtqueue: 200,000 chains in random order, past the wrap of every index") {
    for (const std::uint16_t indirect : std::initializer_list<std::uint16_t>{0, 4}) {
        Fixture f({.size = 32, .event_index = true, .indirect_entries = indirect});
        std::mt19937 random(indirect + 1u);
        std::uintptr_t next = 1;
        std::vector<std::pair<FakeDevice::Chain, std::uintptr_t>> held;
        std::set<std::uintptr_t> out;
        std::vector<std::uintptr_t> order;  // as published
        while (next < 100'000) {
            const auto count = static_cast<std::uint32_t>(1 + random() % 4);
            std::vector<Piece> pieces;
            for (std::uint32_t i = 0; i < count; ++i)
                pieces.push_back(piece(next * 16 + i, 1 + static_cast<std::uint32_t>(random() % 100)));
            const std::size_t readable = random() % (count + 1);
            if (const auto added =
                    f.queue.add(std::span(pieces).first(readable), std::span(pieces).subspan(readable), cookie(next));
                added) {
                order.push_back(next);
                out.insert(next++);
            } else {
                REQUIRE(added.error() == Error::busy);
            }
            if (random() % 3 == 0) (void)f.queue.publish();
            while (f.device.has_available()) {
                held.emplace_back(f.device.take(), order.front());
                REQUIRE(held.back().first.pieces[0].address / 16 == order.front());
                order.erase(order.begin());
            }
            while (!held.empty() && random() % 2 == 0) {
                const std::size_t pick = random() % held.size();
                std::uint32_t writable = 0;
                for (const auto& p : held[pick].first.pieces) writable += p.write ? p.size : 0;
                f.device.use(held[pick].first.head, writable);
                const auto used = f.queue.take_used().value();
                REQUIRE(used->cookie == cookie(held[pick].second));
                REQUIRE(used->written == writable);
                REQUIRE(out.erase(held[pick].second) == 1);
                held.erase(held.begin() + static_cast<std::ptrdiff_t>(pick));
            }
            REQUIRE(f.queue.chains_out() == out.size());
        }
    }
}
