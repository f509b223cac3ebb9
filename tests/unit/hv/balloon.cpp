// SPDX-License-Identifier: Apache-2.0
// virtio-balloon: inflating and deflating, and drivers that make false claims.
#include "tests/unit/hv/balloon_fixture.h"

using namespace balloon_test;

TEST_CASE("balloon: what the device says of itself") {
    Fixture f;
    CHECK(f.device.device_id() == 5);
    CHECK((f.device.features() & 0x3F) == 0x3F);
    CHECK(f.device.queue_count() == 5);
    CHECK(f.device.config().size() == 16);

    // Queues are numbered over what is offered.
    Fixture without_hinting({.hinting = false});
    CHECK((without_hinting.device.features() & 0x3F) == 0x37);
    CHECK(without_hinting.device.queue_count() == 4);
    without_hinting.activate();
    without_hinting.name_range(3, 16 * mebibyte, 2 * mebibyte);
    CHECK(without_hinting.device.reported_pages() == 512);

    Fixture least({.deflate_on_oom = false, .hinting = false, .reporting = false});
    // PAGE_POISON is offered only with a queue on which pages are given.
    CHECK((least.device.features() & 0x3F) == 0x03);
    CHECK(least.device.queue_count() == 3);
}

TEST_CASE("balloon: a target is told, also one set before the driver came") {
    Fixture f({.target_bytes = 8 * mebibyte});
    CHECK(f.config_field<std::uint32_t>(0) == 2048);
    f.device.set_target(4096);
    CHECK(f.signals.configuration == 0);
    CHECK(f.config_field<std::uint32_t>(0) == 4096);
    f.activate();
    f.device.set_target(256);
    f.device.set_target(256);  // nothing new
    CHECK(f.signals.configuration == 1);
    CHECK(f.device.target_pages() == 256);
    f.reset();
    CHECK(f.device.target_pages() == 256);
}

TEST_CASE("balloon: pages go in and out, and runs of them are discarded at once") {
    Fixture f;
    f.activate();
    f.name_frames(Fixture::inflate, {0x2000, 0x2001, 0x2002, 0x3002, 0x3001, 0x3000, 0x5000, 0x10'0000});
    CHECK(f.device.ballooned_pages() == 8);
    REQUIRE(f.discarded.size() == 4);
    CHECK(f.discarded[0].base == 0x2000 * page);
    CHECK(f.discarded[0].size == 3 * page);
    CHECK(f.discarded[1].base == 0x3000 * page);
    CHECK(f.discarded[1].size == 3 * page);
    CHECK(f.discarded[2].size == page);
    CHECK(f.discarded[3].base == high.base);
    CHECK(f.rings[0].take().len == 0);
    CHECK(f.signals.used == 1);
    CHECK(f.newly_refused() == 0);

    f.name_frames(Fixture::deflate, {0x3001, 0x10'0000});
    CHECK(f.device.ballooned_pages() == 6);
    CHECK(f.discarded.size() == 4);
    f.name_frames(Fixture::inflate, {0x3001});
    CHECK(f.device.ballooned_pages() == 7);
    CHECK(f.newly_refused() == 0);
}

TEST_CASE("balloon: frames that are not the guest's to give are refused one by one") {
    Fixture f;
    f.activate();
    const auto frame = [](std::uint64_t address) { return static_cast<std::uint32_t>(address / page); };
    const std::vector<std::uint32_t> wrong = {0,  // below RAM
                                              frame(image.base),
                                              frame(image.base + image.size - page),
                                              frame(zone.base),
                                              frame(zone.base + zone.size - page),
                                              frame(low.base + low.size),  // the hole
                                              frame(high.base - page),
                                              frame(high.base + high.size),
                                              0x7FFF'FFFF,
                                              0x8000'0000,
                                              0xFFFF'FFFF};
    f.name_frames(Fixture::inflate, wrong);
    CHECK(f.newly_refused() == wrong.size());
    CHECK(f.discarded.empty());
    f.name_frames(Fixture::deflate, wrong);
    CHECK(f.newly_refused() == wrong.size());
    CHECK(f.device.ballooned_pages() == 0);
    CHECK(f.signals.resets == 0);

    // Between valid ones they only break a run.
    f.name_frames(Fixture::inflate, {frame(image.base - page), frame(image.base), frame(image.base + image.size), 1});
    CHECK(f.newly_refused() == 1);
    CHECK(f.device.ballooned_pages() == 3);
    CHECK(f.discarded.size() == 3);
}

TEST_CASE("balloon: twice, and never inflated") {
    Fixture f;
    f.activate();
    f.name_frames(Fixture::inflate, {0x4000, 0x4000, 0x4000});
    CHECK(f.device.ballooned_pages() == 1);
    CHECK(f.newly_refused() == 2);
    REQUIRE(f.discarded.size() == 1);
    CHECK(f.discarded[0].size == page);
    f.name_frames(Fixture::deflate, {0x4001, 0x4000, 0x4000});
    CHECK(f.device.ballooned_pages() == 0);
    CHECK(f.newly_refused() == 2);
    // Further claims of the driver have no effect.
    CHECK(f.write_config(4, 0xFFFF'FFFF));
    CHECK(f.device.ballooned_pages() == 0);
}

TEST_CASE("balloon: arrays of any length and cut") {
    Fixture f;
    f.activate();
    const std::uint64_t odd_before = Fixture::counter("balloon.odd_arrays");
    // One frame number over three descriptors of 1, 2 and 1 bytes, then half a number.
    f.memory.write(Fixture::buffers, std::uint64_t{0x4242});
    FakeRing& ring = f.rings[Fixture::inflate];
    ring.descriptor(0, Fixture::buffers, 1, VRING_DESC_F_NEXT, 1);
    ring.descriptor(1, Fixture::buffers + 1, 2, VRING_DESC_F_NEXT, 2);
    ring.descriptor(2, Fixture::buffers + 3, 1, VRING_DESC_F_NEXT, 3);
    ring.descriptor(3, Fixture::buffers, 2);
    ring.offer(0);
    f.device.queue_notified(Fixture::inflate);
    CHECK(f.device.ballooned_pages() == 1);
    CHECK(Fixture::counter("balloon.odd_arrays") == odd_before + 1);
    f.offer(Fixture::inflate, 0, Fixture::buffers, 3);
    CHECK(Fixture::counter("balloon.odd_arrays") == odd_before + 2);
    // A chain without a readable part is returned.
    f.offer(Fixture::inflate, 0, Fixture::buffers, 64, VRING_DESC_F_WRITE);
    CHECK(ring.used_index() == 3);
    CHECK(f.device.ballooned_pages() == 1);
    CHECK(f.signals.resets == 0);
    // Length 0 breaks the ring, as on every queue.
    f.offer(Fixture::inflate, 0, Fixture::buffers, 0);
    CHECK(f.signals.resets == 1);
}

TEST_CASE("balloon: an array outside of the memory for devices breaks the ring") {
    for (const std::uint64_t place : {std::uint64_t{0}, 16 * mebibyte, ~std::uint64_t{0} - 2}) {
        Fixture f;
        f.activate();
        f.name_frames(Fixture::inflate, {0x4000});
        f.offer(Fixture::inflate, 1, place, 64);
        CHECK(f.signals.resets == 1);
        // Pages in the balloon stay there until the reset.
        CHECK(f.device.ballooned_pages() == 1);
        f.reset();
        CHECK(f.device.ballooned_pages() == 0);
        f.activate();
        f.name_frames(Fixture::inflate, {0x4000});
        CHECK(f.device.ballooned_pages() == 1);
    }
}

TEST_CASE("balloon: a flood has its turns, and each is bounded") {
    Fixture f;
    f.activate();
    // 128 chains of 256 frames each, all different.
    FakeRing& ring = f.rings[Fixture::inflate];
    for (std::uint16_t i = 0; i < 128; ++i) {
        for (std::uint32_t j = 0; j < 256; ++j)
            f.memory.write(Fixture::buffers + i * 1024U + j * 4, std::uint32_t{0x1000 + i * 256U + j});
        ring.descriptor(i, Fixture::buffers + i * 1024U, 1024);
        ring.put(i);
    }
    ring.show(ring.next);
    f.device.queue_notified(Fixture::inflate);
    const std::uint64_t after_one = f.device.ballooned_pages();
    CHECK(after_one > 0);
    CHECK(after_one <= 4096);
    // Doorbells do not buy more.
    for (int i = 0; i < 1000; ++i) f.device.queue_notified(Fixture::inflate);
    CHECK(f.device.ballooned_pages() == after_one);
    CHECK(f.serve_until([&ring] { return ring.used_index() == 128; }));
    CHECK(f.device.ballooned_pages() == 128 * 256);
}

TEST_CASE("balloon: a chain over the same bytes many times has its turns") {
    Fixture f;
    f.activate();
    // 127 descriptors of 1 MiB: 33 million frame numbers in one chain, all 0.
    FakeRing& ring = f.rings[Fixture::deflate];
    for (std::uint16_t i = 0; i < 127; ++i)
        ring.descriptor(i, Fixture::buffers, 1 << 20, i < 126 ? VRING_DESC_F_NEXT : std::uint16_t{0},
                        static_cast<std::uint16_t>(i + 1));
    ring.offer(0);
    f.device.queue_notified(Fixture::deflate);
    CHECK_FALSE(ring.has_used());
    f.serve();
    CHECK_FALSE(ring.has_used());
    // A reset in the middle of it: nothing is touched any more.
    f.device.reset();
    f.memory = hv::test::FakeMemory(4096);
    f.serve();
    CHECK(f.signals.resets == 0);
}

TEST_CASE("balloon: a reset forgets what the driver did") {
    Fixture f;
    CHECK(f.write_config(12, 7));
    f.activate();
    CHECK(f.config_field<std::uint32_t>(12) == 7);  // written before DRIVER_OK, and kept
    CHECK(f.write_config(4, 100));
    f.name_frames(Fixture::inflate, {0x4000});
    f.reset();
    CHECK(f.config_field<std::uint32_t>(4) == 0);
    CHECK(f.config_field<std::uint32_t>(12) == 0);
    CHECK(f.device.ballooned_pages() == 0);
}

TEST_CASE("balloon: configuration writes are of whole fields, and of the driver's") {
    Fixture f;
    const std::array<std::byte, 16> bytes{std::byte{1}};
    const auto write = [&](std::uint64_t offset, std::size_t size) {
        return f.device.write_config(offset, std::span(bytes).first(size));
    };
    CHECK(write(4, 4));
    CHECK(write(12, 4));
    for (const std::uint64_t offset : {0ULL, 8ULL, 5ULL, 6ULL, 16ULL, ~0ULL, ~0ULL - 3}) CHECK_FALSE(write(offset, 4));
    for (const std::size_t size : {0U, 1U, 2U, 3U, 5U, 8U, 12U}) CHECK_FALSE(write(4, size));
    CHECK(f.config_field<std::uint32_t>(0) == 0);
    CHECK(f.config_field<std::uint32_t>(8) == 0);
}
