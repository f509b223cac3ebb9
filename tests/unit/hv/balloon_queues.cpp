// SPDX-License-Identifier: Apache-2.0
// virtio-balloon: reporting, hinting and statistics.
#include "tests/unit/hv/balloon_fixture.h"

using namespace balloon_test;
using hv::BalloonStatistic;

TEST_CASE("balloon: reported ranges are discarded and counted") {
    Fixture f;
    f.activate();
    FakeRing& ring = f.rings[Fixture::reporting];
    ring.descriptor(0, 16 * mebibyte, 2 * mebibyte, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
    ring.descriptor(1, high.base + high.size - page, page, VRING_DESC_F_WRITE);
    ring.offer(0);
    f.device.queue_notified(Fixture::reporting);
    CHECK(f.device.reported_pages() == 513);
    REQUIRE(f.discarded.size() == 2);
    CHECK(f.discarded[0].base == 16 * mebibyte);
    CHECK(f.discarded[0].size == 2 * mebibyte);
    CHECK(f.discarded[1].base == high.base + high.size - page);
    CHECK(ring.take().id == 0);
    CHECK(f.device.ballooned_pages() == 0);
}

TEST_CASE("balloon: reported ranges that are not the guest's to give are left out") {
    Fixture f;
    f.activate();
    struct Wrong {
        std::uint64_t address;
        std::uint32_t size;
    };
    for (const Wrong wrong : {Wrong{0, 2 * page},                             // page 0
                              Wrong{image.base - page, 2 * page},             // into the image
                              Wrong{zone.base, page},                         // the I/O zone
                              Wrong{zone.base - page, 2 * page},              // into it
                              Wrong{low.base + low.size - page, 2 * page},    // into the hole
                              Wrong{3072 * mebibyte, page},                   // the hole
                              Wrong{high.base + high.size, page},             // beyond the end
                              Wrong{~std::uint64_t{0} - page + 1, 2 * page},  // wraps
                              Wrong{16 * mebibyte + 1, page},                 // unaligned
                              Wrong{16 * mebibyte, page - 1}, Wrong{16 * mebibyte, 1}}) {
        f.name_range(Fixture::reporting, wrong.address, wrong.size);
        CHECK(f.newly_refused() == (wrong.size + page - 1) / page);
    }
    CHECK(f.discarded.empty());
    CHECK(f.device.reported_pages() == 0);
    CHECK(f.rings[Fixture::reporting].used_index() == 11);
    CHECK(f.signals.resets == 0);
    // A good one among bad ones is taken.
    FakeRing& ring = f.rings[Fixture::reporting];
    ring.descriptor(0, zone.base, page, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
    ring.descriptor(1, 16 * mebibyte, page, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2);
    ring.descriptor(2, 0, page, VRING_DESC_F_WRITE);
    ring.offer(0);
    f.device.queue_notified(Fixture::reporting);
    CHECK(f.device.reported_pages() == 1);
}

TEST_CASE("balloon: a poison that is not zero keeps reported pages") {
    Fixture f;
    REQUIRE(f.write_config(12, 0xAAAA'AAAA));
    f.activate();
    f.name_range(Fixture::reporting, 16 * mebibyte, page);
    CHECK(f.discarded.empty());
    CHECK(f.device.reported_pages() == 0);
    CHECK(f.rings[Fixture::reporting].used_index() == 1);
    REQUIRE(f.write_config(12, 0));
    f.name_range(Fixture::reporting, 16 * mebibyte, page);
    CHECK(f.discarded.size() == 1);
    // Without the feature the value means nothing (5.5.6.6).
    f.reset();
    REQUIRE(f.write_config(12, 0xAAAA'AAAA));
    f.activate(bit(VIRTIO_BALLOON_F_PAGE_POISON));
    f.name_range(Fixture::reporting, 16 * mebibyte, page);
    CHECK(f.discarded.size() == 2);
}

TEST_CASE("balloon: a large report has its turns, in bounded pieces") {
    Fixture f;
    f.activate();
    f.name_range(Fixture::reporting, 16 * mebibyte, 200 * mebibyte);
    CHECK_FALSE(f.rings[Fixture::reporting].has_used());
    CHECK(f.discarded.size() == 1);
    CHECK(f.serve_until([&f] { return f.rings[Fixture::reporting].has_used(); }));
    CHECK(f.device.reported_pages() == 200 * mebibyte / page);
    std::uint64_t at = 16 * mebibyte;
    for (const auto& range : f.discarded) {
        CHECK(range.base == at);
        CHECK(range.size <= 16 * mebibyte);
        at += range.size;
    }
}

TEST_CASE("balloon: statistics are asked for by giving the buffer back") {
    Fixture f;
    f.activate();
    f.device.request_statistics();  // no buffer yet
    CHECK_FALSE(f.device.statistics().taken_at_ns().has_value());
    struct [[gnu::packed]] Entry {
        std::uint16_t tag;
        std::uint64_t value;
    };
    const std::array<Entry, 3> entries{Entry{4, 1000}, Entry{5, 2000}, Entry{4711, 1}};
    const auto fill = [&f](const auto& list) { std::memcpy(f.memory.at(Fixture::buffers), &list, sizeof list); };
    fill(entries);
    f.offer(Fixture::statistics, 3, Fixture::buffers, sizeof entries);
    FakeRing& ring = f.rings[Fixture::statistics];
    CHECK_FALSE(ring.has_used());  // held until there is a question
    CHECK(f.device.statistics().value(BalloonStatistic::free_memory) == 1000);
    CHECK(f.device.statistics().value(BalloonStatistic::total_memory) == 2000);
    CHECK_FALSE(f.device.statistics().value(BalloonStatistic::swap_in).has_value());

    f.device.request_statistics();
    CHECK(ring.take().id == 3);
    CHECK(f.signals.used == 1);
    f.device.request_statistics();  // asked already
    CHECK_FALSE(ring.has_used());
    // An answer replaces all figures: those that it leaves out are unknown again.
    const std::array<Entry, 1> fewer{Entry{4, 7}};
    fill(fewer);
    f.offer(Fixture::statistics, 3, Fixture::buffers, sizeof fewer);
    CHECK(f.device.statistics().value(BalloonStatistic::free_memory) == 7);
    CHECK_FALSE(f.device.statistics().value(BalloonStatistic::total_memory).has_value());
    f.reset();
    CHECK_FALSE(f.device.statistics().taken_at_ns().has_value());
    f.device.request_statistics();
}

TEST_CASE("balloon: statistics of wrong sizes are tolerated and counted") {
    for (const std::uint32_t size : {1U, 9U, 11U, 19U, 1'000'000U}) {
        Fixture f;
        f.activate();
        const std::uint64_t before = Fixture::counter("balloon.wrong_statistics");
        f.offer(Fixture::statistics, 0, Fixture::buffers, size);
        CHECK(Fixture::counter("balloon.wrong_statistics") == before + 1);
        f.device.request_statistics();
        CHECK(f.rings[Fixture::statistics].take().id == 0);
        CHECK(f.signals.resets == 0);
    }
    // A buffer that the device may only write to has no figures.
    Fixture f;
    f.activate();
    f.offer(Fixture::statistics, 0, Fixture::buffers, 100, VRING_DESC_F_WRITE);
    CHECK_FALSE(f.device.statistics().value(BalloonStatistic::free_memory).has_value());
}

TEST_CASE("balloon: a driver that gives several statistics buffers gets one back for each question") {
    Fixture f;
    f.activate();
    for (std::uint16_t i = 0; i < 5; ++i) f.offer(Fixture::statistics, i, Fixture::buffers, 10);
    FakeRing& ring = f.rings[Fixture::statistics];
    CHECK(ring.used_index() == 0);
    f.device.request_statistics();
    CHECK(ring.used_index() == 1);
    f.device.request_statistics();
    CHECK(ring.used_index() == 2);
}

TEST_CASE("balloon: statistics are polled at an interval") {
    Fixture f({.statistics_interval_s = 1});
    f.activate();
    f.offer(Fixture::statistics, 0, Fixture::buffers, 10);
    CHECK(f.device.options().statistics_interval_s == 1);
    CHECK(f.serve_until([&f] { return f.rings[Fixture::statistics].used_index() == 1; }));
    f.device.set_statistics_interval(0);
    CHECK(f.device.options().statistics_interval_s == 0);
    // The device goes while its timer runs.
    f.device.set_statistics_interval(1);
}

TEST_CASE("balloon: a round of hinting") {
    Fixture f;
    f.activate();
    const auto status = [&f] { return f.device.hinting_status(); };
    CHECK(status().host_command == VIRTIO_BALLOON_CMD_ID_STOP);
    // Hints before a round are ignored.
    f.name_range(Fixture::hinting, 16 * mebibyte, mebibyte);
    CHECK(f.device.hinted_pages() == 0);

    REQUIRE(f.device.start_hinting(true));
    const std::uint32_t round = status().host_command;
    CHECK(round >= 2);
    CHECK(f.signals.configuration == 1);
    f.name_range(Fixture::hinting, 16 * mebibyte, mebibyte);  // the guest has not taken the round up yet
    CHECK(f.device.hinted_pages() == 0);
    f.hint_command(round);
    CHECK(status().guest_command == round);
    f.name_range(Fixture::hinting, 16 * mebibyte, mebibyte);
    f.name_range(Fixture::hinting, 16 * mebibyte, mebibyte);
    CHECK(f.device.hinted_pages() == 256);
    f.name_range(Fixture::hinting, zone.base, page);
    CHECK(f.device.hinted_pages() == 256);
    CHECK(f.discarded.empty());

    f.hint_command(VIRTIO_BALLOON_CMD_ID_STOP);
    CHECK(status().host_command == VIRTIO_BALLOON_CMD_ID_DONE);
    CHECK(f.signals.configuration == 2);

    // The next round has another number, and late hints of the first are not its.
    REQUIRE(f.device.start_hinting(false));
    CHECK(status().host_command != round);
    CHECK(f.device.hinted_pages() == 0);
    f.hint_command(round);
    f.name_range(Fixture::hinting, 16 * mebibyte, mebibyte);
    CHECK(f.device.hinted_pages() == 0);
    f.hint_command(VIRTIO_BALLOON_CMD_ID_STOP);
    CHECK(status().host_command > VIRTIO_BALLOON_CMD_ID_DONE);  // not acknowledged by itself
    f.device.stop_hinting();
    CHECK(status().host_command == VIRTIO_BALLOON_CMD_ID_DONE);
}

TEST_CASE("balloon: hinting commands that make no sense") {
    Fixture f;
    f.activate();
    f.memory.write(Fixture::buffers, std::uint32_t{77});
    f.offer(Fixture::hinting, 0, Fixture::buffers, 3);  // too short
    CHECK(f.device.hinting_status().guest_command == 0);
    f.hint_command(77);
    CHECK(f.device.hinting_status().guest_command == 77);
    // The guest ends a round that the host never started: nothing changes.
    f.hint_command(VIRTIO_BALLOON_CMD_ID_STOP);
    CHECK(f.device.hinting_status().host_command == VIRTIO_BALLOON_CMD_ID_STOP);
    CHECK(f.signals.configuration == 0);
    Fixture without({.hinting = false});
    CHECK_FALSE(without.device.start_hinting(true));
}
