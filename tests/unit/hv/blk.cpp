// SPDX-License-Identifier: Apache-2.0
// virtio-blk: valid and invalid requests of drivers.
#include <utility>

#include "tests/unit/hv/blk_fixture.h"

using namespace hv;
using namespace hv::test;

TEST_CASE("blk: configuration and features") {
    const BlkFixture f;
    virtio_blk_config config{};
    const auto bytes = f.device->config();
    REQUIRE(bytes.size() <= 128);  // what a device page has room for
    std::memcpy(&config, bytes.data(), bytes.size());
    CHECK(config.capacity == BlkFixture::image_size / 512);
    CHECK(config.blk_size == 512);
    CHECK(config.seg_max == 126);
    CHECK((f.device->features() >> VIRTIO_BLK_F_FLUSH & 1) == 1);
    CHECK((f.device->features() >> VIRTIO_BLK_F_RO & 1) == 0);
    const BlkFixture read_only(EngineKind::ring, true);
    CHECK((read_only.device->features() >> VIRTIO_BLK_F_RO & 1) == 1);
    CHECK((read_only.device->features() >> VIRTIO_BLK_F_DISCARD & 1) == 0);
}

TEST_CASE("blk: what is written is in the file, and is read back") {
    const auto kind = GENERATE(EngineKind::ring, EngineKind::synchronous);
    const std::uint64_t features = GENERATE(BlkFixture::all_features, 1ULL << VIRTIO_F_VERSION_1);
    BlkFixture f(kind, false, features);
    const std::string text(8192, 'x');
    f.memory.write_text(BlkFixture::data, text);
    CHECK(f.status_after(VIRTIO_BLK_T_OUT, 8, 8192) == VIRTIO_BLK_S_OK);
    CHECK(f.queue.take().len == 1);
    CHECK(f.on_disk(4096, 8192) == text);
    CHECK(f.on_disk(0, 4096) == std::string(4096, '\0'));
    CHECK(f.status_after(VIRTIO_BLK_T_FLUSH, 0) == VIRTIO_BLK_S_OK);
    (void)f.queue.take();
    CHECK(f.status_after(VIRTIO_BLK_T_IN, 9, 1024, BlkFixture::data + 0x8000) == VIRTIO_BLK_S_OK);
    CHECK(f.queue.take().len == 1025);
    CHECK(f.memory.text(BlkFixture::data + 0x8000, 1024) == std::string(1024, 'x'));
}

TEST_CASE("blk: forty requests at once, with one doorbell") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous));
    for (std::uint16_t i = 0; i < 40; ++i) {
        f.memory.write_text(BlkFixture::data + 512U * i, std::string(512, static_cast<char>('A' + i)));
        f.request(VIRTIO_BLK_T_OUT, i, BlkFixture::data + 512U * i, 512, i);
    }
    REQUIRE(f.serve_all());
    for (std::uint16_t i = 0; i < 40; ++i) {
        CHECK(f.memory.read<std::uint8_t>(BlkFixture::status + i) == VIRTIO_BLK_S_OK);
        CHECK(f.on_disk(512 * i, 512) == std::string(512, static_cast<char>('A' + i)));
    }
}

TEST_CASE("blk: a header spread over descriptors, and data in many parts") {
    BlkFixture f;
    f.memory.write(BlkFixture::header, virtio_blk_outhdr{.type = VIRTIO_BLK_T_OUT, .ioprio = 0, .sector = 2});
    f.memory.write_text(BlkFixture::data, std::string(512, 'p'));
    // 5 bytes, then 11 of the header with 100 of the data behind it as the driver laid them out, then the rest.
    f.memory.write_text(BlkFixture::header + 16, std::string(100, 'q'));
    f.queue.descriptor(0, BlkFixture::header, 5, BlkFixture::next, 1);
    f.queue.descriptor(1, BlkFixture::header + 5, 111, BlkFixture::next, 2);
    f.queue.descriptor(2, BlkFixture::data, 412, BlkFixture::next, 3);
    f.queue.descriptor(3, BlkFixture::status, 1, BlkFixture::write);
    f.queue.offer(0);
    REQUIRE(f.serve_all());
    CHECK(f.memory.read<std::uint8_t>(BlkFixture::status) == VIRTIO_BLK_S_OK);
    CHECK(f.on_disk(1024, 512) == std::string(100, 'q') + std::string(412, 'p'));
}

TEST_CASE("blk: a request larger than one operation of the host's") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous));
    // Four times the same memory: descriptors may say so.
    f.memory.write_text(BlkFixture::data, std::string(1 << 18, 'l'));
    f.memory.write(BlkFixture::header, virtio_blk_outhdr{.type = VIRTIO_BLK_T_OUT, .ioprio = 0, .sector = 0});
    f.queue.descriptor(0, BlkFixture::header, 16, BlkFixture::next, 1);
    for (std::uint16_t i = 1; i <= 4; ++i)
        f.queue.descriptor(i, BlkFixture::data, 1 << 18, BlkFixture::next, static_cast<std::uint16_t>(i + 1));
    f.queue.descriptor(5, BlkFixture::status, 1, BlkFixture::write);
    f.queue.offer(0);
    REQUIRE(f.serve_all());
    CHECK(f.memory.read<std::uint8_t>(BlkFixture::status) == VIRTIO_BLK_S_OK);
    CHECK(f.on_disk(0, BlkFixture::image_size) == std::string(BlkFixture::image_size, 'l'));
    // Read as one segment and a half, so that an operation ends inside of one.
    f.memory.write(BlkFixture::header, virtio_blk_outhdr{.type = VIRTIO_BLK_T_IN, .ioprio = 0, .sector = 1});
    f.queue.descriptor(0, BlkFixture::header, 16, BlkFixture::next, 1);
    f.queue.descriptor(1, BlkFixture::data, (1 << 20) - 512, BlkFixture::next | BlkFixture::write, 2);
    f.queue.descriptor(2, BlkFixture::status, 1, BlkFixture::write);
    f.queue.offer(0);
    REQUIRE(f.serve_all());
    CHECK(f.memory.read<std::uint8_t>(BlkFixture::status) == VIRTIO_BLK_S_OK);
}

TEST_CASE("blk: requests that cannot be are refused, one by one") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous));
    constexpr std::uint64_t sectors = BlkFixture::image_size / 512;
    CHECK(f.status_after(VIRTIO_BLK_T_IN, sectors, 512) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, sectors - 1, 1024) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, ~0ULL, 512) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_OUT, ~0ULL / 512, 512) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_OUT, 0, 511) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, 0, 513) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, 0) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_OUT, 0) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(77, 0) == VIRTIO_BLK_S_UNSUPP);
    CHECK(f.on_disk(0, 4096) == std::string(4096, '\0'));
    CHECK(f.status_after(VIRTIO_BLK_T_IN, sectors - 1, 512) == VIRTIO_BLK_S_OK);
    CHECK(f.signals.resets == 0);
}

TEST_CASE("blk: chains of a wrong shape") {
    BlkFixture f;
    f.memory.write(BlkFixture::header, virtio_blk_outhdr{.type = VIRTIO_BLK_T_IN, .ioprio = 0, .sector = 0});
    f.memory.write(BlkFixture::status, BlkFixture::untouched);
    std::uint8_t expected = BlkFixture::untouched;
    SECTION("no status byte") {
        f.queue.descriptor(0, BlkFixture::header, 16, BlkFixture::next, 1);
        f.queue.descriptor(1, BlkFixture::data, 512);
    }
    SECTION("a header of 15 bytes") {
        f.queue.descriptor(0, BlkFixture::header, 15, BlkFixture::next, 1);
        f.queue.descriptor(1, BlkFixture::status, 1, BlkFixture::write);
        expected = VIRTIO_BLK_S_IOERR;
    }
    SECTION("a header that the device may write") {
        f.queue.descriptor(0, BlkFixture::header, 16, BlkFixture::next | BlkFixture::write, 1);
        f.queue.descriptor(1, BlkFixture::status, 1, BlkFixture::write);
        expected = VIRTIO_BLK_S_IOERR;
    }
    SECTION("data to write in a read") {
        f.queue.descriptor(0, BlkFixture::header, 528, BlkFixture::next, 1);
        f.queue.descriptor(1, BlkFixture::status, 1, BlkFixture::write);
        expected = VIRTIO_BLK_S_IOERR;
    }
    f.queue.offer(0);
    REQUIRE(f.serve_all());
    CHECK(f.queue.take().len == 0);
    CHECK(f.memory.read<std::uint8_t>(BlkFixture::status) == expected);
    CHECK(f.signals.resets == 0);
}

TEST_CASE("blk: a broken ring stops the device, and it starts again") {
    BlkFixture f;
    f.request(VIRTIO_BLK_T_IN, 0, BlkFixture::data, 512);
    f.queue.descriptor(5, f.memory.end(), 16);
    f.queue.offer(5);
    f.device->queue_notified(0);
    CHECK(f.signals.resets == 1);
    f.device->reset();
    std::memset(f.memory.at(FakeMemory::base), 0, 0x10000);
    f.queue.next = f.queue.seen = 0;
    f.activate(BlkFixture::all_features);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, 0, 512) == VIRTIO_BLK_S_OK);
}

TEST_CASE("blk: a reset waits for what is under way, and nothing is touched afterwards") {
    BlkFixture f;
    // Flushes and writes go to the kernel's workers, so they are not done when the doorbell has been served.
    for (std::uint16_t i = 0; i < 20; ++i)
        f.request(i % 2 == 0 ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN, i * 64U, BlkFixture::data, 32768, i);
    f.device->queue_notified(0);
    f.device->reset();
    f.memory.write_text(BlkFixture::data, std::string(32768, 'n'));
    f.serve();
    CHECK(f.memory.text(BlkFixture::data, 32768) == std::string(32768, 'n'));
}

namespace {

/// A slow storage: operations end when the device waits for them, or when the test says so.
class SlowEngine final : public IoEngine {
public:
    void queue(std::uint32_t tag, const IoOperation& operation) override { queued.emplace_back(tag, operation); }
    [[nodiscard]] bool submit() override { return true; }
    void wait() override {
        ++waits;
        finish();
    }
    /// Ends them all, with `error` (negative) instead of their size.
    void fail(std::int32_t error) {
        for (const auto& [tag, operation] : std::exchange(queued, {})) listener_->io_completed(tag, error);
        listener_->io_batch_completed();
    }
    void finish() {
        while (!queued.empty()) {
            const auto [tag, operation] = queued.front();
            queued.erase(queued.begin());
            listener_->io_completed(tag, static_cast<std::int32_t>(operation.size));
        }
        listener_->io_batch_completed();
    }
    std::vector<std::pair<std::uint32_t, IoOperation>> queued;
    int waits = 0;
};

struct SlowFixture : BlkFixture {
    SlowEngine* engine = nullptr;
    SlowFixture() : BlkFixture(EngineKind::synchronous) {
        device.reset();
        auto image = DiskImage::open(file.path, false);
        REQUIRE(image.has_value());
        auto made = std::make_unique<SlowEngine>();
        engine = made.get();
        device = std::make_unique<BlkDevice>(*loop, 0, std::move(*image), std::move(made), "serial");
        activate(all_features);
    }
};

}  // namespace

TEST_CASE("blk: a request that the storage ends while the machine is paused is answered at resume") {
    SlowFixture f;
    // One whose operation is the whole, and one that needs another operation after the first.
    f.request(VIRTIO_BLK_T_IN, 0, SlowFixture::data, 512, 0);
    f.device->queue_notified(0);
    REQUIRE(f.engine->queued.size() == 1);
    f.device->pause();
    // No buffer is written to from here on.
    CHECK(f.engine->queued.empty());
    CHECK(f.queue.used_index() == 0);
    CHECK(f.memory.read<std::uint8_t>(SlowFixture::status) == SlowFixture::untouched);
    f.device->resume();
    CHECK(f.serve_until([&f] { return f.queue.used_index() == 1; }));
    CHECK(f.memory.read<std::uint8_t>(SlowFixture::status) == VIRTIO_BLK_S_OK);
    // The slot is free again, once.
    for (int i = 0; i < 300; ++i) {
        f.request(VIRTIO_BLK_T_IN, 0, SlowFixture::data, 512, 0);
        f.device->queue_notified(0);
        f.engine->finish();
        REQUIRE(f.queue.used_index() == static_cast<std::uint16_t>(i + 2));
    }
}

TEST_CASE("blk: a request of several operations goes on after a pause where it stood") {
    SlowFixture f;
    // 2 MiB of the same memory: an operation has 1 MiB at most.
    constexpr std::uint16_t parts = 32;
    REQUIRE(truncate(f.file.path, 4 << 20) == 0);
    f.device.reset();
    auto image = DiskImage::open(f.file.path, false);
    REQUIRE(image.has_value());
    auto made = std::make_unique<SlowEngine>();
    f.engine = made.get();
    f.device = std::make_unique<BlkDevice>(*f.loop, 0, std::move(*image), std::move(made), "serial");
    f.activate(SlowFixture::all_features);
    f.memory.write(SlowFixture::header, virtio_blk_outhdr{.type = VIRTIO_BLK_T_IN, .ioprio = 0, .sector = 0});
    f.queue.descriptor(0, SlowFixture::header, 16, SlowFixture::next, 1);
    for (std::uint16_t i = 1; i <= parts; ++i)
        f.queue.descriptor(i, SlowFixture::data, 65536, SlowFixture::next | SlowFixture::write,
                           static_cast<std::uint16_t>(i + 1));
    f.queue.descriptor(parts + 1, SlowFixture::status, 1, SlowFixture::write);
    f.queue.offer(0);
    f.device->queue_notified(0);
    REQUIRE(f.engine->queued.size() == 1);
    f.device->pause();
    CHECK(f.engine->queued.empty());
    f.device->resume();
    REQUIRE(f.engine->queued.size() == 1);
    CHECK(f.engine->queued.front().second.offset == 1 << 20);
    f.engine->finish();
    CHECK(f.serve_until([&f] { return f.queue.used_index() == 1; }));
}

TEST_CASE("blk: a reset during a pause forgets what the storage had ended") {
    SlowFixture f;
    f.request(VIRTIO_BLK_T_IN, 0, SlowFixture::data, 512, 0);
    f.device->queue_notified(0);
    f.device->pause();
    f.device->reset();
    f.device->resume();
    f.serve();
    CHECK(f.queue.used_index() == 0);
}

TEST_CASE("blk: after a flush that failed none succeeds, and other requests go on") {
    SlowFixture f;
    const auto status_if = [&f](std::uint32_t type, std::int32_t error, std::uint32_t size) {
        f.request(type, 0, SlowFixture::data, size);
        f.device->queue_notified(0);
        REQUIRE(f.engine->queued.size() == 1);
        if (error != 0)
            f.engine->fail(error);
        else
            f.engine->finish();
        return f.memory.read<std::uint8_t>(SlowFixture::status);
    };
    CHECK(status_if(VIRTIO_BLK_T_FLUSH, 0, 0) == VIRTIO_BLK_S_OK);
    // A write that fails is told by itself.
    CHECK(status_if(VIRTIO_BLK_T_OUT, -ENOSPC, 512) == VIRTIO_BLK_S_IOERR);
    CHECK(status_if(VIRTIO_BLK_T_FLUSH, 0, 0) == VIRTIO_BLK_S_OK);
    CHECK(status_if(VIRTIO_BLK_T_FLUSH, -EIO, 0) == VIRTIO_BLK_S_IOERR);
    CHECK(status_if(VIRTIO_BLK_T_FLUSH, 0, 0) == VIRTIO_BLK_S_IOERR);
    CHECK(status_if(VIRTIO_BLK_T_OUT, 0, 512) == VIRTIO_BLK_S_OK);
    CHECK(status_if(VIRTIO_BLK_T_IN, 0, 512) == VIRTIO_BLK_S_OK);
    // Nor for the next driver.
    f.device->reset();
    std::memset(f.memory.at(FakeMemory::base), 0, 0x10000);
    f.queue.next = f.queue.seen = 0;
    f.activate(SlowFixture::all_features);
    CHECK(status_if(VIRTIO_BLK_T_FLUSH, 0, 0) == VIRTIO_BLK_S_IOERR);
}

TEST_CASE("blk: a resized image has another capacity, of which the driver hears") {
    BlkFixture f;
    const auto capacity = [&f] {
        std::uint64_t value = 0;
        std::memcpy(&value, f.device->config().data(), sizeof value);
        return value;
    };
    constexpr std::uint64_t old_end = BlkFixture::image_size / 512;
    CHECK(f.status_after(VIRTIO_BLK_T_IN, old_end, 512) == VIRTIO_BLK_S_IOERR);
    REQUIRE(f.device->reread_size());
    CHECK(f.signals.configuration == 0);
    REQUIRE(truncate(f.file.path, 2 * BlkFixture::image_size) == 0);
    REQUIRE(f.device->reread_size());
    CHECK((f.signals.configuration == 1 && capacity() == 2 * old_end));
    CHECK(f.status_after(VIRTIO_BLK_T_OUT, old_end, 512) == VIRTIO_BLK_S_OK);
    // What cannot be a size changes nothing.
    REQUIRE(truncate(f.file.path, 1001) == 0);
    CHECK(f.device->reread_size().error().kind == ErrorKind::usage);
    REQUIRE(truncate(f.file.path, 0) == 0);
    CHECK(f.device->reread_size().error().kind == ErrorKind::usage);
    CHECK((f.signals.configuration == 1 && capacity() == 2 * old_end));
    REQUIRE(truncate(f.file.path, 4096) == 0);
    REQUIRE(f.device->reread_size());
    CHECK(capacity() == 8);
    CHECK(f.status_after(VIRTIO_BLK_T_OUT, 8, 512) == VIRTIO_BLK_S_IOERR);
}

TEST_CASE("blk: requests beyond the limit wait until there is none") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous));
    constexpr std::uint64_t hour_ms = 3'600'000;
    // Requests of 512 bytes; one that is larger than the bucket passes.
    const TokenLimit two{.size = 2, .refill_ms = hour_ms}, kibibyte{.size = 1024, .refill_ms = hour_ms},
        byte{.size = 1, .refill_ms = hour_ms};
    const auto [limits, passed] =
        GENERATE_COPY(std::pair(RateLimits{.bandwidth = {}, .operations = two, .peak = 0}, 2),
                      std::pair(RateLimits{.bandwidth = kibibyte, .operations = {}, .peak = 0}, 2),
                      std::pair(RateLimits{.bandwidth = byte, .operations = {}, .peak = 0}, 1));
    f.device->limit(limits);
    for (std::uint16_t i = 0; i != 4; ++i) f.request(VIRTIO_BLK_T_OUT, i, BlkFixture::data, 512, i);
    f.device->queue_notified(0);
    REQUIRE(f.serve_until([&f, expected = passed] { return f.queue.used_index() == expected; }));
    f.device->queue_notified(0);
    f.serve(20'000'000);
    CHECK(f.queue.used_index() == passed);
    SECTION("the others pass without a limit") {
        f.device->limit({});
        CHECK(f.serve_until([&] { return f.queue.used_index() == 4; }));
    }
    SECTION("and with a larger one") {
        f.device->limit({.bandwidth = TokenLimit{.size = 1 << 20, .refill_ms = 1}, .operations = {}, .peak = 0});
        CHECK(f.serve_until([&] { return f.queue.used_index() == 4; }));
    }
    SECTION("over a pause") {
        f.device->pause();
        f.device->limit({});
        f.serve(20'000'000);
        CHECK(f.queue.used_index() == passed);
        f.device->resume();
        CHECK(f.serve_until([&] { return f.queue.used_index() == 4; }));
    }
    SECTION("a reset forgets them") {
        f.device->reset();
        f.device->limit({});
        f.serve(20'000'000);
        CHECK(f.queue.used_index() == passed);
    }
}

TEST_CASE("blk: a large request passes in parts, each within the limit") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous));
    constexpr std::uint32_t part = 1 << 20;
    REQUIRE(truncate(f.file.path, 3 * part) == 0);
    REQUIRE(f.device->reread_size().has_value());
    f.device->limit({.bandwidth = TokenLimit{.size = part + 1, .refill_ms = 3'600'000}, .operations = {}, .peak = 0});
    const auto large = [&f] {
        f.memory.write(BlkFixture::header, virtio_blk_outhdr{.type = VIRTIO_BLK_T_OUT, .ioprio = 0, .sector = 0});
        f.queue.descriptor(0, BlkFixture::header, 16, BlkFixture::next, 1);
        for (std::uint16_t i = 1; i <= 3; ++i)
            f.queue.descriptor(i, BlkFixture::data, part, BlkFixture::next, static_cast<std::uint16_t>(i + 1));
        f.queue.descriptor(4, BlkFixture::status, 1, BlkFixture::write);
        f.queue.offer(0);
        f.device->queue_notified(0);
    };
    f.memory.write_text(BlkFixture::data, std::string(part, 'p'));
    large();
    // Two parts pass: the second one's first byte is there.
    REQUIRE(f.serve_until([&f, last = std::string("p")] { return f.on_disk(2 * part - 1, 1) == last; }));
    f.serve(20'000'000);
    CHECK(f.queue.used_index() == 0);
    CHECK(f.on_disk(2 * part, 1) == std::string(1, '\0'));
    SECTION("the rest passes without the limit") {
        f.device->limit({});
        REQUIRE(f.serve_until([&f] { return f.queue.used_index() == 1; }));
        CHECK(f.on_disk(3 * part - 1, 1) == "p");
    }
    SECTION("after a reset every slot is free again") {
        f.device->reset();
        f.device->limit({});
        std::memset(f.memory.at(FakeMemory::base), 0, 0x10000);
        f.queue.next = f.queue.seen = 0;
        f.activate(BlkFixture::all_features);
        for (std::uint16_t i = 0; i != 42; ++i) f.request(VIRTIO_BLK_T_IN, i, BlkFixture::data, 512, i);
        CHECK(f.serve_all());
    }
}

TEST_CASE("blk: a read-only disk takes no writes") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous), true);
    CHECK(f.status_after(VIRTIO_BLK_T_OUT, 0, 512) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_DISCARD, 0, 16) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_FLUSH, 0) == VIRTIO_BLK_S_OK);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, 0, 512) == VIRTIO_BLK_S_OK);
}

TEST_CASE("blk: the serial number, filled up with zeros") {
    BlkFixture f;
    f.memory.write_text(BlkFixture::data, std::string(30, '#'));
    CHECK(f.status_after(VIRTIO_BLK_T_GET_ID, 0, 20) == VIRTIO_BLK_S_OK);
    CHECK(f.queue.take().len == 21);
    CHECK(f.memory.text(BlkFixture::data, 22) == std::string("serial") + std::string(14, '\0') + "##");
}

TEST_CASE("blk: discard and write zeroes") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous));
    if ((f.device->features() >> VIRTIO_BLK_F_DISCARD & 1) == 0) return;  // a file system without holes
    f.memory.write_text(BlkFixture::data, std::string(16384, 'd'));
    REQUIRE(f.status_after(VIRTIO_BLK_T_OUT, 0, 16384) == VIRTIO_BLK_S_OK);
    const auto range = [&](std::uint32_t type, std::uint64_t sector, std::uint32_t count, std::uint32_t flags = 0) {
        f.memory.write(BlkFixture::data,
                       virtio_blk_discard_write_zeroes{.sector = sector, .num_sectors = count, .flags = flags});
        return f.status_after(type, 0, 16);
    };
    CHECK(range(VIRTIO_BLK_T_DISCARD, 8, 8) == VIRTIO_BLK_S_OK);
    CHECK(range(VIRTIO_BLK_T_WRITE_ZEROES, 16, 8, VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) == VIRTIO_BLK_S_OK);
    CHECK(f.on_disk(0, 16384) == std::string(4096, 'd') + std::string(8192, '\0') + std::string(4096, 'd'));
    const std::uint8_t kept = range(VIRTIO_BLK_T_WRITE_ZEROES, 24, 4);
    CHECK((kept == VIRTIO_BLK_S_OK || kept == VIRTIO_BLK_S_UNSUPP));  // not every file system can
    CHECK(range(VIRTIO_BLK_T_DISCARD, 0, 0) == VIRTIO_BLK_S_IOERR);
    CHECK(range(VIRTIO_BLK_T_DISCARD, ~0ULL, 2) == VIRTIO_BLK_S_IOERR);
    CHECK(range(VIRTIO_BLK_T_DISCARD, 2040, 9) == VIRTIO_BLK_S_IOERR);
    CHECK(range(VIRTIO_BLK_T_DISCARD, 0, 8, VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) == VIRTIO_BLK_S_UNSUPP);
    CHECK(range(VIRTIO_BLK_T_WRITE_ZEROES, 0, 8, 2) == VIRTIO_BLK_S_UNSUPP);
    CHECK(f.status_after(VIRTIO_BLK_T_DISCARD, 0, 32) == VIRTIO_BLK_S_IOERR);
    CHECK(f.on_disk(0, 4096) == std::string(4096, 'd'));
}

TEST_CASE("blk: an image that was made shorter gives errors, not a wait") {
    BlkFixture f(GENERATE(EngineKind::ring, EngineKind::synchronous));
    REQUIRE(truncate(f.file.path, 4096) == 0);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, 64, 512) == VIRTIO_BLK_S_IOERR);
    CHECK(f.status_after(VIRTIO_BLK_T_IN, 0, 512) == VIRTIO_BLK_S_OK);
}

TEST_CASE("disk image: locks and shapes") {
    const ImageFile file(8192);
    {
        const auto writer = DiskImage::open(file.path, false);
        REQUIRE(writer.has_value());
        CHECK(writer->size == 8192);
        CHECK(DiskImage::open(file.path, false).error().kind == ErrorKind::in_use);
        CHECK(DiskImage::open(file.path, true).error().kind == ErrorKind::in_use);
    }
    const auto reader = DiskImage::open(file.path, true);
    REQUIRE(reader.has_value());
    CHECK(DiskImage::open(file.path, true).has_value());
    CHECK(DiskImage::open(file.path, false).error().kind == ErrorKind::in_use);
    CHECK(DiskImage::open("/nowhere/disk.raw", false).error().kind == ErrorKind::not_found);
    CHECK(DiskImage::open("/tmp", true).error().kind == ErrorKind::usage);
    CHECK(DiskImage::open("/dev/null", false).error().kind == ErrorKind::usage);
    const ImageFile odd(4097), empty(0);
    CHECK(DiskImage::open(odd.path, false).error().message.find("4097 bytes, not a multiple of 512") !=
          std::string::npos);
    CHECK(DiskImage::open(empty.path, false).error().kind == ErrorKind::usage);
}
