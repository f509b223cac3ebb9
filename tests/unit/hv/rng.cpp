// SPDX-License-Identifier: Apache-2.0
// virtio-rng.
#include "hv/devices/rng.h"

#include <linux/virtio_config.h>

#include <algorithm>

#include "tests/unit/hv/device_fixture.h"

using namespace hv;
using namespace hv::test;

namespace {

struct Fixture : DeviceFixture {
    FakeRing queue = ring(0, 8);
    RngDevice device{*loop};
    Fixture() {
        const tenon::abi::QueueSetup setup = queue.setup();
        REQUIRE(device.activate(1ULL << VIRTIO_F_VERSION_1, std::span(&setup, 1), guest, signals));
    }
    /// How many of the bytes at `offset` of the buffers are not zero.
    std::ptrdiff_t filled(std::size_t offset, std::size_t size) {
        const std::byte* begin = memory.at(buffers + offset);
        return std::count_if(begin, begin + size, [](std::byte b) { return b != std::byte{}; });
    }
};

}  // namespace

TEST_CASE("rng: a request is filled, up to the cap") {
    Fixture f;
    f.queue.descriptor(0, Fixture::buffers, 256, VRING_DESC_F_WRITE);
    f.queue.offer(0);
    f.queue.descriptor(1, Fixture::buffers + 0x1000, 512, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 2);
    f.queue.descriptor(2, Fixture::buffers + 0x2000, 1 << 20, VRING_DESC_F_WRITE);
    f.queue.offer(1);
    f.device.queue_notified(0);
    auto used = f.queue.take();
    CHECK(used.len == 256);
    CHECK(f.filled(0, 256) > 200);
    used = f.queue.take();
    CHECK(used.id == 1);
    CHECK(used.len == 1024);
    CHECK(f.filled(0x2000, 512) > 400);
    CHECK(f.filled(0x2000 + 512, 4096) == 0);
}

TEST_CASE("rng: many requests are served in turns, without another doorbell") {
    Fixture f;
    for (std::uint16_t i = 0; i < 8; ++i) {
        f.queue.descriptor(i, Fixture::buffers, 16, VRING_DESC_F_WRITE);
        f.queue.offer(i);
    }
    f.device.queue_notified(0);
    CHECK(f.queue.used_index() == 4);
    f.serve();
    CHECK(f.queue.used_index() == 8);
}

TEST_CASE("rng: nothing writable, a broken ring, a reset while there is more to do") {
    Fixture f;
    f.queue.descriptor(0, Fixture::buffers, 16);
    f.queue.offer(0);
    f.device.queue_notified(0);
    CHECK(f.queue.take().len == 0);
    f.queue.offer(8);
    f.device.queue_notified(0);
    CHECK(f.signals.resets == 1);

    Fixture g;
    for (std::uint16_t i = 0; i < 8; ++i) {
        g.queue.descriptor(i, Fixture::buffers, 16, VRING_DESC_F_WRITE);
        g.queue.offer(i);
    }
    g.device.queue_notified(0);
    g.device.reset();
    g.memory = FakeMemory(4096);
    g.serve();
    CHECK(g.signals.resets == 0);
}
