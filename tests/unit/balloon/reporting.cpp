// SPDX-License-Identifier: Apache-2.0
// Free page reporting and hinting.
#include "tests/unit/balloon/fixture.h"

using namespace tenon;
using namespace tenon::test;
using Served = Balloon::Served;

namespace {

constexpr std::uint64_t without(unsigned bit) { return all_features & ~feature_bit(bit); }
int told = 0;
void tell() { ++told; }

}  // namespace

TEST_CASE("reporting: where the guest drops pages itself, the device is not asked") {
    BalloonFixture f;
    f.touch_and_free(12);
    f.device.model.notified.clear();
    std::uint64_t sum = 0;
    while (const std::uint64_t pages = f.balloon.reporter().report_batch(4, nullptr).value()) sum += pages;
    CHECK(sum == 4096);
    CHECK(host_memory().dropped.size() == 8);
    CHECK(f.device.model.notified.empty());
    CHECK(f.device.reported.empty());
    CHECK(f.released_pages() == BalloonFixture::page_count);
    CHECK(f.released_is_zero());
    // A lost device does not undo the drops, and the guest continues without reports.
    f.balloon.device().give_up();
    f.touch_and_free(9);
    CHECK(f.balloon.reporter().report_batch(4, nullptr).error() == Error::not_supported);
    CHECK(host_memory().dropped.size() == 8);
}

TEST_CASE("reporting: free blocks go out in pieces of at most 2 MiB, and come back as released") {
    BalloonFixture f;
    host_memory().guest_drops = false;
    f.touch_and_free(12);
    std::uint64_t sum = 0;
    for (;;) {
        const auto pages = f.balloon.reporter().report_batch(4, nullptr);
        REQUIRE(pages);
        if (*pages == 0) break;
        sum += *pages;
    }
    CHECK(sum == 4096);
    CHECK(f.device.reported.size() == 8);
    for (const auto& range : f.device.reported) CHECK(range.count == 512);
    CHECK(host_memory().dropped.empty());
    CHECK(f.released_pages() == BalloonFixture::page_count);
    CHECK_FALSE(f.released_is_zero());
    CHECK(f.balloon.reporter().pages_away() == 0);
    CHECK(f.allocate(14) == 0);
}

TEST_CASE("reporting: the records of what is free in one piece are given back too") {
    BalloonFixture f;
    f.touch_and_free(12);
    while (f.balloon.reporter().report_batch(4, nullptr).value() != 0) {
    }
    CHECK(host_memory().dropped_records >= 4096 * sizeof(PageRecord) - page_size);
    CHECK(f.allocate(14) == 0);
}

TEST_CASE("reporting: small blocks are left alone until everything is asked for, and the next large one is told") {
    BalloonFixture f;
    host_memory().guest_drops = false;
    const PageIndex small = f.allocate(3), large = f.allocate(4);
    f.free(small, 3);
    told = 0;
    CHECK(f.balloon.reporter().report_batch(4, tell) == 0u);
    CHECK(f.device.reported.empty());
    CHECK(told == 0);
    f.free(large, 4);
    CHECK(told == 1);
    CHECK(f.balloon.reporter().report_batch(0, nullptr) == 24u);
    CHECK(f.device.reported.size() == 2);
    CHECK(f.device.report_chains == std::vector<std::size_t>{2});  // one chain
    CHECK(f.released_pages() == BalloonFixture::page_count);
}

TEST_CASE("reporting: no more than a quarter of what is free is away at a time") {
    BalloonFixture f;
    host_memory().guest_drops = false;
    f.touch_and_free(14);
    std::uint64_t away = 0;
    f.device.misbehave = [&](Role, Ring&, const Ring::Chain&) {
        away = f.balloon.reporter().pages_away();
        CHECK(f.free_pages() == BalloonFixture::page_count - away);
        return false;
    };
    CHECK(f.balloon.reporter().report_batch(4, nullptr) == BalloonFixture::page_count / 4);
    CHECK(away == BalloonFixture::page_count / 4);
}

TEST_CASE("reporting: where the device drops pages, what comes back may hold anything") {
    BalloonFixture f;
    host_memory().guest_drops = false;
    f.touch_and_free(9);
    CHECK(f.balloon.reporter().report_batch(4, nullptr) == 512u);
    CHECK_FALSE(f.released_is_zero());
}

TEST_CASE("reporting: a device that breaks leaves the pages free, and not as released") {
    BalloonFixture f;
    host_memory().guest_drops = false;
    f.touch_and_free(9);
    f.device.misbehave = [](Role, Ring& ring, const Ring::Chain& chain) {
        ring.use(chain.head, 0);
        ring.use(chain.head, 0);
        return true;
    };
    const auto pages = f.balloon.reporter().report_batch(4, nullptr);
    // The first used element counts; the wrong one is found at the next look.
    if (pages) CHECK(f.balloon.reporter().report_batch(0, nullptr).value_or(0) == 0);
    CHECK(f.free_pages() == BalloonFixture::page_count);
    CHECK(f.balloon.reporter().pages_away() == 0);
    CHECK(f.balloon.serve() == Served::broken);
}

TEST_CASE("reporting: no answer ends in a reset, with interrupts masked too") {
    BalloonFixture f;
    f.device.misbehave = [](Role, Ring&, const Ring::Chain&) { return true; };
    const PageRun run{64, 4};
    SECTION("as a thread") { CHECK(f.balloon.reporter().tell_device(std::span(&run, 1)).error() == Error::timed_out); }
    SECTION("masked") {
        const interrupts::Masked masked;
        CHECK(f.balloon.reporter().tell_device(std::span(&run, 1)).error() == Error::timed_out);
    }
    CHECK(f.device.model.status == 0);
    CHECK_FALSE(f.balloon.reporter().may_report());
}

TEST_CASE("reporting: pages in use, only if a reported page keeps its zeros") {
    const PageRun run{64, 4};
    BalloonFixture with, without_poison(without(VIRTIO_BALLOON_F_PAGE_POISON)),
        without_reporting(without(VIRTIO_BALLOON_F_REPORTING));
    CHECK(with.balloon.reporter().may_report_in_use());
    CHECK(without_poison.balloon.reporter().may_report());
    CHECK_FALSE(without_poison.balloon.reporter().may_report_in_use());
    CHECK_FALSE(without_reporting.balloon.reporter().may_report_in_use());
    CHECK(without_reporting.balloon.reporter().tell_device(std::span(&run, 1)).error() == Error::not_supported);
    {
        const interrupts::Masked masked;
        CHECK(with.balloon.reporter().tell_device(std::span(&run, 1)));
    }
    CHECK(with.device.reported == std::vector<FakeBalloonDevice::Range>{{64, 4}});
    CHECK(host_memory().dropped.empty());  // the caller drops pages in use itself, or leaves that to the device
}

TEST_CASE("reporting: what cannot be is refused, and nothing is dropped") {
    BalloonFixture f;
    std::vector<PageRun> runs(most_reported_runs + 1, PageRun{0, 1});
    SECTION("too many runs") {}
    SECTION("an empty run") { runs = {{0, 1}, {4, 0}}; }
    SECTION("too long a run") { runs = {{0, most_reported_pages + 1}}; }
    CHECK(f.balloon.reporter().tell_device(runs).error() == Error::invalid_argument);
    CHECK(host_memory().dropped.empty());
    CHECK(f.device.reported.empty());
}

TEST_CASE("reporting: a queue shorter than the report takes it in several chains") {
    FakeBalloonDevice device(all_features);
    BalloonFixture f;
    f.device.model.queue_limit = 8;
    f.device.model.offered &= ~feature_bit(VIRTIO_RING_F_INDIRECT_DESC);
    REQUIRE(f.balloon.start());
    std::vector<PageRun> runs;
    for (PageIndex i = 0; i != most_reported_runs; ++i) runs.push_back({i * 8, 2});
    REQUIRE(f.balloon.reporter().tell_device(runs));
    CHECK(f.device.reported.size() == most_reported_runs);
    CHECK(f.device.report_chains == std::vector<std::size_t>{8, 8, 8, 8});
    CHECK(f.serve(8000) == Served::idle);  // inflation too
    CHECK(f.device.pages.size() == 8000);
}

TEST_CASE("hinting: a round names itself, sends free blocks, and says that it is over") {
    BalloonFixture f;
    f.touch_and_free(12);
    f.device.set_command(7);
    CHECK(f.serve() == Served::idle);
    CHECK(f.device.hint_commands == std::vector<std::uint32_t>{7, 0});
    CHECK(f.device.hinted.size() == 8);
    CHECK(f.free_pages() == BalloonFixture::page_count - 4096);
    // The same command does not begin another round, and STOP keeps the pages where they are.
    f.serve();
    f.device.set_command(VIRTIO_BALLOON_CMD_ID_STOP);
    f.serve();
    CHECK(f.device.hint_commands.size() == 2);
    CHECK(f.free_pages() == BalloonFixture::page_count - 4096);
    f.device.set_command(VIRTIO_BALLOON_CMD_ID_DONE);
    f.serve();
    CHECK(f.free_pages() == BalloonFixture::page_count);
    CHECK(f.released_pages() == BalloonFixture::page_count - 4096);  // their contents are unknown
    f.device.set_command(8);
    f.serve();
    CHECK(f.device.hint_commands == std::vector<std::uint32_t>{7, 0, 8, 0});
}

TEST_CASE("hinting: a round that the device ends is left, another one is begun") {
    BalloonFixture f;
    f.touch_and_free(14);
    f.device.misbehave = [&](Role role, Ring&, const Ring::Chain& chain) {
        if (role == Role::hinting && chain.pieces.at(0).write) f.device.set_command(VIRTIO_BALLOON_CMD_ID_STOP);
        return false;
    };
    f.device.set_command(2);
    f.serve();
    CHECK(f.device.hint_commands == std::vector<std::uint32_t>{2, 0});
    CHECK(f.device.hinted.size() <= BlockBatch::capacity);
    f.device.misbehave = nullptr;
    f.device.set_command(3);
    f.serve();
    CHECK(f.device.hint_commands == std::vector<std::uint32_t>{2, 0, 3, 0});
}

TEST_CASE("hinting: what the configuration says without a notification means nothing, as on QEMU") {
    BalloonFixture f;
    f.touch_and_free(14);
    f.device.misbehave = [&](Role role, Ring&, const Ring::Chain&) {
        if (role == Role::hinting) f.device.set_config(8, VIRTIO_BALLOON_CMD_ID_STOP);
        return false;
    };
    f.device.set_command(2);
    f.serve();
    CHECK(f.device.hinted.size() > BlockBatch::capacity / 2);
    CHECK(f.free_pages() < BalloonFixture::floor + 1024);
    f.serve();
    CHECK(f.device.hint_commands == std::vector<std::uint32_t>{2, 0});
}

TEST_CASE("hinting: the floor stays free, and an allocation gets hinted pages back") {
    BalloonFixture f(without(VIRTIO_BALLOON_F_DEFLATE_ON_OOM));
    f.touch_and_free(14);
    f.device.set_command(2);
    f.serve();
    CHECK(f.free_pages() >= BalloonFixture::floor);
    CHECK(f.free_pages() < BalloonFixture::floor + 1024);
    CHECK(f.balloon.give_memory(1) > 0);
    CHECK(f.free_pages() == BalloonFixture::page_count);
}

TEST_CASE("hinting: a device that breaks in a round") {
    BalloonFixture f;
    f.touch_and_free(12);
    f.device.misbehave = [](Role role, Ring& ring, const Ring::Chain& chain) {
        if (role != Role::hinting || !chain.pieces.at(0).write) return false;
        ring.use(chain.head, UINT32_MAX);  // more than the buffer holds
        return true;
    };
    f.device.set_command(2);
    CHECK(f.serve() == Served::broken);
    f.device.misbehave = nullptr;
    f.device.set_command(VIRTIO_BALLOON_CMD_ID_STOP);
    REQUIRE(f.balloon.start());
    CHECK(f.free_pages() == BalloonFixture::page_count);
    CHECK(f.serve() == Served::idle);
}
