// SPDX-License-Identifier: Apache-2.0
// The disk driver against an obedient device and against hostile ones.
#include "blk_fixture.h"

using namespace tenon;
using namespace tenon::test;
using namespace tenon::virtio;

TEST_CASE("blk driver: what the disk is comes from the configuration") {
    Fixture f;
    f.configure(4097, 4096);
    f.up();
    CHECK(f.disk->size() == 512 * 4096);  // the rest is no whole block
    CHECK(f.disk->block_size() == 4096);
    CHECK_FALSE(f.disk->read_only());
    CHECK(f.disk->part_limit() == 16);
    Fixture read_only(feature_bit(VIRTIO_BLK_F_RO));
    CHECK(read_only.up().disk->read_only());
    Fixture narrow(feature_bit(VIRTIO_BLK_F_SIZE_MAX));
    narrow.configure(2048, 512, 2, 4096);
    narrow.up();
    CHECK((narrow.disk->part_limit() == 2 && narrow.disk->part_size_limit() == 4096));
}

TEST_CASE("blk driver: a configuration that cannot be is refused") {
    Fixture f(feature_bit(VIRTIO_BLK_F_SIZE_MAX));
    SECTION("blocks of 0") { f.configure(2048, 0, 126, 65536); }
    SECTION("blocks of 1000") { f.configure(2048, 1000, 126, 65536); }
    SECTION("blocks of 2 GiB") { f.configure(2048, 1U << 31, 126, 65536); }
    SECTION("more than 2^63 bytes") { f.configure(~0ULL, 512, 126, 65536); }
    SECTION("no segments") { f.configure(2048, 512, 0, 65536); }
    SECTION("segments smaller than a block") { f.configure(2048, 512, 126, 511); }
    const auto refused = f.bring_up();
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == Error::not_supported);
}

TEST_CASE("blk driver: requests go out with one doorbell, and come back in the device's order") {
    Fixture f;
    f.up();
    Request first(BlockOperation::read, 512), second(BlockOperation::write, 4096, 1024),
        third(BlockOperation::flush, 0);
    const std::array<BlockRequest*, 3> batch{&first, &second, &third};
    const std::size_t before = f.model.notified.size();
    f.disk->submit(batch);
    CHECK(f.model.notified.size() == before + 1);
    const auto read = f.ring->take(), write = f.ring->take(), flush = f.ring->take();
    CHECK((f.header_of(read).type == VIRTIO_BLK_T_IN && f.header_of(read).sector == 1));
    CHECK((f.header_of(write).type == VIRTIO_BLK_T_OUT && f.header_of(write).sector == 8));
    CHECK(f.header_of(flush).type == VIRTIO_BLK_T_FLUSH);
    REQUIRE((read.pieces.size() == 3 && write.pieces.size() == 3 && flush.pieces.size() == 2));
    CHECK(read.pieces[1] == Ring::Piece{to_integer(to_physical(first.memory.data())), 512, true});
    CHECK(write.pieces[1] == Ring::Piece{to_integer(to_physical(second.memory.data())), 1024, false});
    f.answer(flush, VIRTIO_BLK_S_OK);
    f.answer(read, VIRTIO_BLK_S_OK, 513);
    f.answer(write, VIRTIO_BLK_S_IOERR);
    f.interrupt();
    CHECK((first.succeeded() && third.succeeded()));
    CHECK(second.failed_with(Error::io));
    const BlockStatistics counted = f.disk->statistics();
    CHECK((counted.reads == 1 && counted.read_bytes == 512 && counted.writes == 0 && counted.errors == 1 &&
           counted.flushes == 1));
}

TEST_CASE("blk driver: what cannot be asked for is refused before the device sees it") {
    Fixture f;
    f.up();
    const auto refused = [&](Request& request, Error error) {
        f.disk->submit(request);
        return request.failed_with(error) && !f.ring->has_available();
    };
    Request unaligned(BlockOperation::read, 100), short_one(BlockOperation::read, 0, 100),
        beyond(BlockOperation::read, 2048 * 512), across(BlockOperation::read, 2047 * 512, 1024),
        wrapping(BlockOperation::write, ~0ULL - 511), nothing(BlockOperation::read, 0), many(BlockOperation::read, 0),
        elsewhere(BlockOperation::read, 0);
    nothing.parts = {};
    many.list.assign(17, BlockPart{many.memory.data(), 512});
    many.parts = many.list;
    elsewhere.list[0].data = nullptr;
    elsewhere.parts = elsewhere.list;
    for (Request* request : {&unaligned, &short_one, &beyond, &across, &wrapping, &nothing, &many, &elsewhere})
        CHECK(refused(*request, Error::invalid_argument));
    Fixture read_only(feature_bit(VIRTIO_BLK_F_RO));
    read_only.up();
    Request write(BlockOperation::write, 0);
    read_only.disk->submit(write);
    CHECK(write.failed_with(Error::not_supported));
}

TEST_CASE("blk driver: more requests than the ring holds wait for room") {
    Fixture f(0, 8);
    f.up();
    std::vector<std::unique_ptr<Request>> requests;
    for (int i = 0; i < 20; ++i) {
        requests.push_back(std::make_unique<Request>(BlockOperation::read, 512ULL * static_cast<unsigned>(i)));
        f.disk->submit(*requests.back());
    }
    std::size_t served = 0;
    while (f.ring->has_available()) {
        std::vector<Ring::Chain> chains;
        while (f.ring->has_available()) chains.push_back(f.ring->take());
        CHECK(chains.size() <= 8);
        for (const auto& chain : chains) f.answer(chain, VIRTIO_BLK_S_OK, 513), ++served;
        f.interrupt();
    }
    CHECK(served == 20);
    for (const auto& request : requests) CHECK(request->succeeded());
}

TEST_CASE("blk driver: a status that was not written is an error") {
    Fixture f;
    f.up();
    Request silent(BlockOperation::read, 0), strange(BlockOperation::read, 0), unsupported(BlockOperation::flush, 0);
    for (Request* request : {&silent, &strange, &unsupported}) f.disk->submit(*request);
    f.ring->use(f.ring->take().head, 513);
    f.answer(f.ring->take(), 3);
    f.answer(f.ring->take(), VIRTIO_BLK_S_UNSUPP);
    f.interrupt();
    CHECK(silent.failed_with(Error::io));
    CHECK(strange.failed_with(Error::io));
    CHECK(unsupported.failed_with(Error::not_supported));
}

TEST_CASE("blk driver: a device that breaks is restarted, and who waited is told") {
    Fixture f;
    f.up();
    Request lost(BlockOperation::write, 0), again(BlockOperation::read, 512);
    f.disk->submit(lost);
    const auto chain = f.ring->take();
    SECTION("it asks for a reset") { f.needs_reset(); }
    SECTION("a chain that is not out") {
        f.ring->use(chain.head + 1U, 1);
        f.interrupt();
    }
    SECTION("more bytes than the chain has") {
        f.ring->use(chain.head, 5000);
        f.interrupt();
    }
    CHECK(f.broken >= 1);
    f.disk->submit(again);
    f.disk->attend();
    CHECK(lost.failed_with(Error::device_broken));
    CHECK(f.disk->writes_under_way().load() == 0);
    f.find_ring();
    if (again.completions == 0) {
        f.answer(f.ring->take(), VIRTIO_BLK_S_OK, 513);
        f.interrupt();
        CHECK(again.succeeded());
    }
    Request later(BlockOperation::flush, 0);
    f.disk->submit(later);
    f.answer(f.ring->take(), VIRTIO_BLK_S_OK);
    f.interrupt();
    CHECK(later.succeeded());
    CHECK(f.disk->statistics().restarts == 1);
}

TEST_CASE("blk driver: a device that comes back as another disk stays off") {
    Fixture f;
    f.up();
    Request lost(BlockOperation::read, 0);
    f.disk->submit(lost);
    SECTION("of other blocks") { f.configure(2048, 1024); }
    SECTION("with nonsense") { f.configure(2048, 3); }
    SECTION("of an impossible size") { f.configure(~0ULL, 512); }
    f.needs_reset();
    f.disk->attend();
    CHECK(lost.failed_with(Error::device_broken));
    Request later(BlockOperation::read, 0);
    f.disk->submit(later);
    CHECK(later.failed_with(Error::device_broken));
}

TEST_CASE("blk driver: one that breaks time and again stays off, and every request is answered") {
    Fixture f;
    f.up();
    for (int i = 0; i < 40; ++i) {
        f.needs_reset();
        f.disk->attend();
    }
    Request later(BlockOperation::write, 0);
    f.disk->submit(later);
    CHECK(later.failed_with(Error::device_broken));
}

TEST_CASE("blk driver: held writes wait, reads and flushes go on") {
    Fixture f;
    f.up();
    Request before(BlockOperation::write, 0), write(BlockOperation::write, 512), read(BlockOperation::read, 0),
        flush(BlockOperation::flush, 0);
    f.disk->submit(before);
    f.disk->hold_writes();
    CHECK(f.disk->writes_under_way().load() == 1);
    for (Request* request : {&write, &read, &flush}) f.disk->submit(*request);
    f.answer(f.ring->take(), VIRTIO_BLK_S_OK);
    f.answer(f.ring->take(), VIRTIO_BLK_S_OK, 513);
    f.answer(f.ring->take(), VIRTIO_BLK_S_OK);
    CHECK_FALSE(f.ring->has_available());
    f.interrupt();
    CHECK((before.succeeded() && read.succeeded() && flush.succeeded()));
    CHECK((write.completions == 0 && f.disk->writes_under_way().load() == 0));
    f.disk->release_writes();
    f.answer(f.ring->take(), VIRTIO_BLK_S_OK);
    f.interrupt();
    CHECK(write.succeeded());
}
