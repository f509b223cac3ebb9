// SPDX-License-Identifier: Apache-2.0
// The balloon: bring-up, inflation and deflation, statistics; with an obedient device and with hostile ones.
#include "tests/unit/balloon/fixture.h"

using namespace tenon;
using namespace tenon::test;
using Served = Balloon::Served;

TEST_CASE("balloon: queues are numbered without gaps, for each set of features") {
    for (std::uint64_t features = 0; features != 64; ++features) {
        const QueueLayout layout(features);
        std::uint32_t next = 2;
        CHECK((layout.index(Role::inflate) == 0 && layout.index(Role::deflate) == 1));
        const std::pair<Role, unsigned> optional[] = {{Role::statistics, VIRTIO_BALLOON_F_STATS_VQ},
                                                      {Role::hinting, VIRTIO_BALLOON_F_FREE_PAGE_HINT},
                                                      {Role::reporting, VIRTIO_BALLOON_F_REPORTING}};
        for (const auto& [role, bit] : optional) {
            REQUIRE(layout.has(role) == ((features & feature_bit(bit)) != 0));
            if (layout.has(role)) CHECK(layout.index(role) == next++);
        }
        CHECK(layout.count() == next);
    }
}

TEST_CASE("balloon: with each set of features every queue does what it is for") {
    for (std::uint64_t features = 0; features != 64; ++features) {
        BalloonFixture f(features);
        CHECK(f.serve(512) == Served::idle);
        CHECK(f.device.pages.size() == 512);
        CHECK(f.serve(0) == Served::idle);
        CHECK(f.device.pages.empty());
        CHECK(f.device.statistics_out == ((features >> VIRTIO_BALLOON_F_STATS_VQ) & 1));
        f.device.set_command(2);
        f.touch_and_free(9);
        f.serve();
        CHECK(f.device.hint_commands.empty() == ((features >> VIRTIO_BALLOON_F_FREE_PAGE_HINT & 1) == 0));
        f.device.set_command(VIRTIO_BALLOON_CMD_ID_DONE);
        f.serve();
        const auto reported = f.balloon.reporter().report_batch(4, nullptr);
        CHECK(reported.has_value() == ((features >> VIRTIO_BALLOON_F_REPORTING & 1) != 0));
        CHECK(f.free_pages() == BalloonFixture::page_count);
    }
}

TEST_CASE("balloon: poison_val is 0 before DRIVER_OK, and not written unless PAGE_POISON was negotiated") {
    constexpr std::size_t poison_val = 12;
    BalloonFixture with, without(all_features & ~feature_bit(VIRTIO_BALLOON_F_PAGE_POISON));
    const auto& writes = with.device.model.config_writes;
    REQUIRE(!writes.empty());
    CHECK((writes[0].offset == poison_val && writes[0].value == 0 && writes[0].width == 4));
    CHECK((writes[0].status & VIRTIO_CONFIG_S_DRIVER_OK) == 0);
    CHECK((writes[0].status & VIRTIO_CONFIG_S_FEATURES_OK) != 0);
    for (const auto& write : without.device.model.config_writes) CHECK(write.offset != poison_val);
}

TEST_CASE("balloon: it grows and shrinks to the target, in buffers of at most 256 page numbers") {
    BalloonFixture f;
    f.device.model.notified.clear();
    CHECK(f.serve(8000) == Served::idle);
    CHECK(f.device.pages.size() == 8000);
    CHECK(f.device.actual() == 8000);
    CHECK(f.balloon.pages() == 8000);
    CHECK(f.free_pages() == BalloonFixture::page_count - 8000);
    for (const std::size_t numbers : f.device.inflate_buffers) CHECK(numbers <= 256);
    // Many buffers for each notification.
    const auto inflations = std::count(f.device.model.notified.begin(), f.device.model.notified.end(), 0u);
    CHECK(f.device.inflate_buffers.size() >= 8 * static_cast<std::size_t>(inflations));
    CHECK(host_memory().dropped.empty());  // the host held nothing for them
    CHECK(f.serve(777) == Served::idle);
    CHECK(f.device.pages.size() == 777);
    CHECK(f.device.actual() == 777);
    CHECK(f.free_pages() == BalloonFixture::page_count - 777);
    CHECK(f.serve(0) == Served::idle);
    CHECK(f.released_pages() == BalloonFixture::page_count);
    CHECK(f.released_is_zero());
    CHECK(f.allocate(14) == 0);  // all of it joined again
}

TEST_CASE("balloon: what the host holds memory for goes first, and is dropped before the device hears of it") {
    BalloonFixture f;
    f.touch_and_free(10);
    std::size_t dropped_before = 0;
    f.device.misbehave = [&](Role, Ring&, const Ring::Chain&) {
        dropped_before = host_memory().dropped.size();
        return false;
    };
    CHECK(f.serve(1024) == Served::idle);
    CHECK(dropped_before == 2);
    using Run = HostMemoryLog::Run;
    CHECK(host_memory().dropped == std::vector<Run>{{0, 512}, {512, 512}});
    CHECK(f.device.pages.size() == 1024);
    CHECK(*f.device.pages.rbegin() == 1023);
}

TEST_CASE("balloon: where the device drops pages, they no longer count as zero once they come back") {
    BalloonFixture f;
    SECTION("another hypervisor") { host_memory().guest_drops = false; }
    SECTION("a snapshot's file lies below") {
        host_memory().file_backed = true;
        f.touch_and_free(9);
    }
    CHECK(f.serve(512) == Served::idle);
    CHECK(f.serve(0) == Served::idle);
    CHECK_FALSE(f.released_is_zero());
    CHECK(f.released_pages() == BalloonFixture::page_count);
}

TEST_CASE("balloon: a target beyond RAM takes what is above the floor, and goes on when memory is freed") {
    BalloonFixture f;
    const PageIndex program = f.allocate(12);
    CHECK(f.serve(UINT32_MAX) == Served::out_of_room);
    const std::uint64_t reached = f.device.pages.size();
    CHECK(reached == BalloonFixture::page_count - 4096 - BalloonFixture::floor);
    CHECK(f.device.actual() == reached);
    CHECK(f.free_pages() == BalloonFixture::floor);
    // There is no more memory to take, and the balloon does not try again by itself.
    CHECK(f.balloon.serve() == Served::out_of_room);
    const int before = BalloonFixture::changes;
    const PageIndex page = f.allocate(0);
    f.free(page, 0);
    CHECK(BalloonFixture::changes == before);  // a page is not worth a message
    f.free(program, 12);
    CHECK(BalloonFixture::changes == before + 1);
    CHECK(f.serve() == Served::out_of_room);
    CHECK(f.device.pages.size() == reached + 4096);
}

TEST_CASE("balloon: a target that changes on the way is followed at the next step") {
    BalloonFixture f;
    f.device.misbehave = [&](Role role, Ring&, const Ring::Chain&) {
        if (role == Role::inflate) f.device.set_target(100);
        return false;
    };
    CHECK(f.serve(15000) == Served::idle);
    CHECK(f.device.pages.size() == 100);
    CHECK(f.device.actual() == 100);
}

TEST_CASE("balloon: a device that lies or stays silent is reset, and everything is the guest's again") {
    BalloonFixture f;
    REQUIRE(f.serve(1000) == Served::idle);
    const Role target_role = GENERATE(Role::inflate, Role::deflate);
    bool lying = true;
    std::function<void(Ring&, const Ring::Chain&)> lie;
    SECTION("a chain is used twice") {
        lie = [](Ring& ring, const Ring::Chain& chain) { ring.use(chain.head, 0), ring.use(chain.head, 0); };
    }
    SECTION("bytes were written to what the device only reads") {
        lie = [](Ring& ring, const Ring::Chain& chain) { ring.use(chain.head, 4); };
    }
    SECTION("a chain that was never given") {
        lie = [](Ring& ring, const Ring::Chain& chain) { ring.use(chain.head + 17u, 0); };
    }
    SECTION("more used than given") {
        lie = [](Ring& ring, const Ring::Chain&) { ring.set_used_index(40000); };
    }
    SECTION("no answer") {
        lie = [](Ring&, const Ring::Chain&) {};
    }
    SECTION("it asks for a reset") {
        lie = [&](Ring&, const Ring::Chain&) {
            f.device.break_down();
            f.device.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
            f.transport.interrupt();
        };
    }
    f.device.misbehave = [&](Role role, Ring& ring, const Ring::Chain& chain) {
        if (role != target_role || !lying) return false;
        lie(ring, chain);
        return true;
    };
    CHECK(f.serve(target_role == Role::inflate ? 3000 : 0) == Served::broken);
    CHECK(f.device.model.status == 0);  // it touches nothing any more
    CHECK_FALSE(f.balloon.device().usable());
    CHECK(f.balloon.give_memory(1 << 20) == 0);  // returns without hanging
    // The target is then read again.
    lying = false;
    f.device.pages.clear();
    f.device.set_target(2000);
    REQUIRE(f.balloon.start());
    CHECK(f.free_pages() == BalloonFixture::page_count);
    CHECK(f.device.actual() == 0);
    CHECK(f.serve() == Served::idle);
    CHECK(f.device.pages.size() == 2000);
}

TEST_CASE("balloon: DEVICE_NEEDS_RESET while inflated") {
    BalloonFixture f;
    REQUIRE(f.serve(3000) == Served::idle);
    f.device.break_down();
    f.device.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
    const int before = BalloonFixture::changes;
    f.transport.interrupt();
    CHECK(BalloonFixture::changes > before);
    CHECK(f.serve() == Served::broken);
    f.device.pages.clear();
    REQUIRE(f.balloon.start());
    CHECK(f.free_pages() == BalloonFixture::page_count);
    CHECK(f.serve() == Served::idle);
    CHECK(f.device.pages.size() == 3000);
}

TEST_CASE("balloon: a device that breaks time and again stays off, and the guest has its memory") {
    BalloonFixture f;
    f.device.misbehave = [](Role role, Ring& ring, const Ring::Chain& chain) {
        if (role != Role::inflate) return false;
        ring.use(chain.head, 1);
        return true;
    };
    f.device.set_target(1000);
    int restarts = 0;
    while (f.balloon.start()) {
        CHECK(f.serve() == Served::broken);
        REQUIRE(++restarts < 100);
    }
    CHECK(f.free_pages() == BalloonFixture::page_count);
    CHECK(f.balloon.serve() == Served::broken);
}

TEST_CASE("balloon: an allocation that would fail gets pages back, if that was agreed") {
    SECTION("with DEFLATE_ON_OOM") {
        BalloonFixture f;
        REQUIRE(f.serve(UINT32_MAX) == Served::out_of_room);
        const std::size_t before = f.device.pages.size();
        CHECK(f.balloon.give_memory(10 << 20) > 10 << 20);
        CHECK(f.device.pages.size() <= before - 2560);
        CHECK(f.device.actual() == f.device.pages.size());
        CHECK(f.balloon.give_memory(1) >= 1 << 20);  // not page by page
        while (f.balloon.give_memory(16 << 20) != 0) {
        }
        CHECK(f.device.pages.empty());
        CHECK(f.free_pages() == BalloonFixture::page_count);
        // The host gets the memory when pages are freed again.
        const int changes = BalloonFixture::changes;
        f.touch_and_free(0);
        CHECK(BalloonFixture::changes == changes + 1);
    }
    SECTION("without") {
        BalloonFixture f(all_features & ~feature_bit(VIRTIO_BALLOON_F_DEFLATE_ON_OOM));
        REQUIRE(f.serve(UINT32_MAX) == Served::out_of_room);
        const std::size_t before = f.device.pages.size();
        CHECK(f.balloon.give_memory(10 << 20) == 0);
        CHECK(f.device.pages.size() == before);
    }
}

TEST_CASE("balloon: statistics stand ready in one buffer, and are made anew when the device has used it") {
    BalloonFixture f;
    f.serve();
    f.serve();
    REQUIRE(f.device.statistics.size() == 1);
    for (int round = 0; round != 5; ++round) {
        f.device.ask_for_statistics();
        f.serve();
        f.serve();
        CHECK(f.device.statistics_out == 1);
    }
    REQUIRE(f.device.statistics.size() == 6);
    for (const auto& entries : f.device.statistics) {
        REQUIRE(entries.size() == VIRTIO_BALLOON_S_NR);
        for (std::uint16_t tag = 0; tag != VIRTIO_BALLOON_S_NR; ++tag) CHECK(entries[tag].tag == tag);
        CHECK(entries[VIRTIO_BALLOON_S_MEMTOT].val == 64 << 20);
        CHECK(entries[VIRTIO_BALLOON_S_MEMFREE].val == 48 << 20);
        CHECK(entries[VIRTIO_BALLOON_S_AVAIL].val == 48 << 20);
    }
    static_assert(sizeof(virtio_balloon_stat) == 10);
}

TEST_CASE("balloon: statistics that were on their way when the device broke are sent again") {
    BalloonFixture f;
    f.serve();
    f.device.break_down();
    f.device.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
    f.transport.interrupt();
    REQUIRE(f.serve() == Served::broken);
    f.device.statistics_out = 0;
    REQUIRE(f.balloon.start());
    f.serve();
    CHECK(f.device.statistics_out == 1);
}

TEST_CASE("held blocks: they come out whole where they fit, and are cut where they do not") {
    BalloonFixture f;
    HeldBlocks held(PageState::ballooned);
    f.zone.with([&](Zone& zone) {
        held.push(zone.pages, zone.pages.isolate_released(9, 9));
        held.push(zone.pages, zone.pages.isolate_released(3, 3));
        CHECK(held.pages() == 520);
        CHECK(held.pop(zone.pages, 0).page == no_page);
        CHECK(held.pop(zone.pages, 15).order == 3);
        const auto cut = held.pop(zone.pages, 5);
        CHECK(cut.order == 2);
        CHECK(held.pages() == 508);
        std::uint64_t sum = 0;
        for (;;) {
            const auto block = held.pop(zone.pages, UINT64_MAX);
            if (block.page == no_page) break;
            CHECK(zone.pages.record(block.page).state == PageState::isolated);
            sum += std::uint64_t{1} << block.order;
        }
        CHECK(sum == 508);
        CHECK(held.pages() == 0);
    });
}
