// SPDX-License-Identifier: Apache-2.0
// Every device against a driver that does anything, in random order: nothing outside of guest memory is touched, every
// call returns, and after a reset the device serves a driver that behaves.
#include <linux/virtio_console.h>
#include <sys/socket.h>

#include "hv/core/file_descriptor.h"
#include "hv/devices/console.h"
#include "hv/devices/net.h"
#include "hv/devices/rng.h"
#include "tests/unit/hv/balloon_fixture.h"
#include "tests/unit/hv/blk_fixture.h"
#include "tests/unit/hv/random_driver.h"

using namespace hv;
using namespace hv::test;

namespace {

constexpr int steps = 30'000;
constexpr std::uint16_t writable = VRING_DESC_F_WRITE, next = VRING_DESC_F_NEXT;

/// One writable buffer in `queue`, used by the device within the time; how many bytes it got.
std::uint32_t filled(Device& device, DeviceFixture& fixture, FakeRing& ring, std::uint32_t queue, std::uint32_t size) {
    ring.descriptor(0, DeviceFixture::buffers, size, writable);
    ring.offer(0);
    device.queue_notified(queue);
    REQUIRE(fixture.serve_until([&] { return ring.has_used(); }));
    return ring.take().len;
}

/// Reads a file until it is empty.
void drain(int file) {
    std::array<char, 70'000> bytes;
    while (read(file, bytes.data(), bytes.size()) > 0) {
    }
}

}  // namespace

TEST_CASE("hostile driver: rng") {
    const auto seed = GENERATE(range(1U, 4U));
    DeviceFixture fixture;
    RngDevice device(*fixture.loop);
    RandomDriver driver(device, fixture, seed);
    driver.act(steps);
    driver.settle();
    INFO(driver.used());
    CHECK(driver.used() > steps / 60);
    CHECK(filled(device, fixture, driver.ring(0), 0, 64) == 64);
}

TEST_CASE("hostile driver: console") {
    const auto seed = GENERATE(range(1U, 4U));
    DeviceFixture fixture;
    int output[2], input[2];
    REQUIRE(pipe2(output, O_CLOEXEC | O_NONBLOCK) == 0);
    REQUIRE(pipe2(input, O_CLOEXEC | O_NONBLOCK) == 0);
    const FileDescriptor reader(output[0]), writer(output[1]), typed(input[0]), typist(input[1]);
    ConsoleOutput console_output(writer.get(), *fixture.loop);
    const auto agent = PortSocket::create(*fixture.loop, "/nobody/opens/it").value();
    ConsoleDevice device(*fixture.loop, console_output, typed.get(), *agent);
    RandomDriver driver(device, fixture, seed);
    for (int part = 0; part != 10; ++part) {
        driver.act(steps / 10);
        drain(reader.get());
        REQUIRE(write(typist.get(), "typed", 5) > 0);
    }
    driver.settle();
    INFO(driver.used());
    CHECK(driver.used() > steps / 60);
    drain(typed.get());
    REQUIRE(write(typist.get(), "well", 4) == 4);
    CHECK(filled(device, fixture, driver.ring(0), 0, 64) == 4);
    drain(reader.get());
    REQUIRE(fixture.serve_until([&] {
        drain(reader.get());
        return !console_output.congested();
    }));
    fixture.memory.write_text(DeviceFixture::buffers, "good");
    driver.ring(1).descriptor(0, DeviceFixture::buffers, 4);
    driver.ring(1).offer(0);
    device.queue_notified(1);
    std::array<char, 64> text{};
    REQUIRE(fixture.serve_until([&] { return read(reader.get(), text.data(), text.size()) == 4; }));
    CHECK(std::string_view(text.data()) == "good");
}

TEST_CASE("hostile driver: net") {
    const auto seed = GENERATE(range(1U, 4U));
    DeviceFixture fixture;
    int pair[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    const FileDescriptor wire(pair[1]);
    NetDevice device(*fixture.loop,
                     NetBackend{NetBackend::Kind::helper, FileDescriptor(pair[0]), 1ULL << VIRTIO_NET_F_CSUM, 1500},
                     std::array<std::uint8_t, 6>{2, 0, 0, 0, 0, 1});
    RandomDriver driver(device, fixture, seed);
    std::string frame(sizeof(virtio_net_hdr_v1) + 60, 'f');
    std::fill_n(frame.begin(), sizeof(virtio_net_hdr_v1), '\0');
    for (int part = 0; part != 30; ++part) {
        driver.act(steps / 30);
        drain(wire.get());
        static_cast<void>(send(wire.get(), frame.data(), frame.size(), MSG_NOSIGNAL));
    }
    driver.settle();
    INFO(driver.used());
    CHECK(driver.used() > steps / 60);
    // Frames of before may still wait: whole ones come, and then this one's twin.
    static_cast<void>(send(wire.get(), frame.data(), frame.size(), MSG_NOSIGNAL));
    CHECK(filled(device, fixture, driver.ring(0), 0, 2048) == frame.size());
    drain(wire.get());
    fixture.memory.write(DeviceFixture::buffers, virtio_net_hdr_v1{});
    driver.ring(1).descriptor(0, DeviceFixture::buffers, sizeof(virtio_net_hdr_v1) + 60);
    driver.ring(1).offer(0);
    device.queue_notified(1);
    std::array<char, 70'000> bytes;
    REQUIRE(fixture.serve_until(
        [&] { return recv(wire.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(frame.size()); }));
}

TEST_CASE("hostile driver: balloon") {
    const auto seed = GENERATE(range(1U, 4U));
    balloon_test::Fixture fixture({.target_bytes = 16 << 20});
    RandomDriver driver(fixture.device, fixture, seed);
    driver.act(steps);
    // Only RAM was discarded, nothing of the image or of the I/O zone.
    for (const GuestPages::Range& range : fixture.discarded) {
        const auto within = [&](const GuestPages::Range& outer) {
            return range.base >= outer.base && range.base + range.size <= outer.base + outer.size;
        };
        const auto touches = [&](const GuestPages::Range& other) {
            return range.base < other.base + other.size && other.base < range.base + range.size;
        };
        REQUIRE((within(balloon_test::low) || within(balloon_test::high)));
        REQUIRE(!touches(balloon_test::image));
        REQUIRE(!touches(balloon_test::zone));
    }
    driver.settle();
    INFO(driver.used());
    CHECK(driver.used() > steps / 60);
    fixture.discarded.clear();
    fixture.memory.write(DeviceFixture::buffers, std::uint32_t{0x1000});
    driver.ring(0).descriptor(0, DeviceFixture::buffers, 4);
    driver.ring(0).offer(0);
    fixture.device.queue_notified(0);
    REQUIRE(fixture.serve_until([&] { return driver.ring(0).has_used(); }));
    REQUIRE(fixture.discarded.size() == 1);
    CHECK(fixture.discarded[0].base == 0x1000 * balloon_test::page);
}

TEST_CASE("hostile driver: disk") {
    const auto seed = GENERATE(range(1U, 4U));
    const auto kind = GENERATE(EngineKind::ring, EngineKind::synchronous);
    BlkFixture fixture(kind);
    RandomDriver driver(*fixture.device, fixture, seed);
    driver.act(steps);
    driver.settle();
    INFO(driver.used());
    CHECK(driver.used() > steps / 60);
    // A sector's way to the disk, and back to another place.
    std::array<std::byte, 512> sector;
    sector.fill(std::byte{0x5A});
    fixture.memory.write(BlkFixture::data, sector);
    const auto request = [&](std::uint32_t type, std::uint64_t data) {
        fixture.memory.write(BlkFixture::header, virtio_blk_outhdr{.type = type, .ioprio = 0, .sector = 7});
        FakeRing& ring = driver.ring(0);
        ring.descriptor(0, BlkFixture::header, 16, next, 1);
        ring.descriptor(1, data, 512, static_cast<std::uint16_t>(next | (type == VIRTIO_BLK_T_IN ? writable : 0)), 2);
        ring.descriptor(2, BlkFixture::status, 1, writable);
        ring.offer(0);
        fixture.device->queue_notified(0);
        REQUIRE(fixture.serve_until([&] { return ring.has_used(); }));
        static_cast<void>(ring.take());
        return fixture.memory.read<std::uint8_t>(BlkFixture::status);
    };
    CHECK(request(VIRTIO_BLK_T_OUT, BlkFixture::data) == VIRTIO_BLK_S_OK);
    CHECK(request(VIRTIO_BLK_T_IN, BlkFixture::data + 0x1000) == VIRTIO_BLK_S_OK);
    CHECK(fixture.memory.read<std::array<std::byte, 512>>(BlkFixture::data + 0x1000) == sector);
}
