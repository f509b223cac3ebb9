// SPDX-License-Identifier: Apache-2.0
// The common behaviour of devices: no work while the machine is paused.
#include "hv/devices/ring_device.h"

#include <linux/virtio_config.h>

#include <algorithm>

#include "tests/unit/hv/device_fixture.h"

using namespace hv;
using namespace hv::test;

namespace {

Counter doorbells("test.doorbells"), sent("test.sent"), suppressed("test.suppressed"), errors("test.ring_errors");

/// Returns every chain, and records their order.
class EchoDevice final : public RingDevice {
public:
    EchoDevice() : RingDevice({doorbells, sent, suppressed, errors}) {}
    ~EchoDevice() override = default;
    [[nodiscard]] const char* name() const override { return "echo"; }
    [[nodiscard]] std::uint32_t device_id() const override { return 0; }
    [[nodiscard]] std::uint64_t features() const override { return 1ULL << VIRTIO_F_VERSION_1; }
    [[nodiscard]] std::uint32_t queue_count() const override { return 2; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t) const override { return 8; }
    [[nodiscard]] std::span<const std::byte> config() const override { return {}; }

    std::vector<std::uint16_t> served;
    int quiesced_calls = 0;

protected:
    void started(std::uint64_t) override {}
    void stopped() override {}
    void quiesced() override { ++quiesced_calls; }
    void serve(std::uint32_t queue) override {
        std::array<iovec, 8> space;
        while (const auto chain = pop(queue, space)) {
            served.push_back(static_cast<std::uint16_t>(queue * 100 + chain->head));
            ring(queue)->push(chain->head, 0);
        }
        publish(queue);
    }
};

struct Fixture : DeviceFixture {
    FakeRing first = ring(0, 8), second = ring(1, 8);
    EchoDevice device;
    void activate() {
        const tenon::abi::QueueSetup setups[] = {first.setup(), second.setup()};
        REQUIRE(device.activate(1ULL << VIRTIO_F_VERSION_1, setups, guest, signals));
    }
    static void offer(FakeRing& ring, std::uint16_t head) {
        ring.descriptor(head, buffers, 16);
        ring.offer(head);
    }
};

using Order = std::vector<std::uint16_t>;

}  // namespace

TEST_CASE("ring device: what is kicked while paused is served afterwards, once and in order") {
    Fixture f;
    f.activate();
    f.offer(f.first, 0);
    f.device.queue_notified(0);
    REQUIRE(f.device.served == Order{0});
    f.device.pause();
    CHECK(f.device.quiesced_calls == 1);
    const int used = f.signals.used;
    for (std::uint16_t head = 1; head < 4; ++head) {
        f.offer(f.first, head);
        f.device.queue_notified(0);
        f.offer(f.second, head);
        f.device.queue_notified(1);
    }
    CHECK(f.device.served == Order{0});
    CHECK(f.first.used_index() == 1);
    CHECK(f.second.used_index() == 0);
    CHECK(f.signals.used == used);
    f.device.resume();
    CHECK(f.device.served == Order{0, 1, 2, 3, 101, 102, 103});
    CHECK(f.first.used_index() == 4);
    CHECK(f.second.used_index() == 3);
    CHECK(f.signals.used == used + 2);
    f.offer(f.first, 4);
    f.device.queue_notified(0);
    CHECK(f.device.served.back() == 4);
}

TEST_CASE("ring device: a chain without a kick, offered before the pause, is served after it") {
    Fixture f;
    f.activate();
    f.offer(f.second, 5);
    f.device.pause();
    CHECK(f.device.served.empty());
    f.device.resume();
    CHECK(f.device.served == Order{105});
}

TEST_CASE("ring device: pausing twice is pausing once, and a resume without a pause serves nothing twice") {
    Fixture f;
    f.activate();
    f.device.pause();
    f.device.pause();
    f.offer(f.first, 1);
    f.device.queue_notified(0);
    f.device.resume();
    f.device.resume();
    CHECK(f.device.served == Order{1});
}

TEST_CASE("ring device: before its driver is there, a pause holds nothing back but its first buffers") {
    Fixture f;
    f.device.pause();
    CHECK(f.device.quiesced_calls == 0);
    f.device.queue_notified(0);
    f.offer(f.first, 2);
    f.activate();
    CHECK(f.device.served.empty());
    f.device.resume();
    CHECK(f.device.served == Order{2});
}

TEST_CASE("ring device: a reset while paused forgets the ring") {
    Fixture f;
    f.activate();
    f.device.pause();
    f.offer(f.first, 1);
    f.device.queue_notified(0);
    f.device.reset();
    f.memory = FakeMemory(4096);
    f.device.resume();
    CHECK(f.device.served.empty());
    CHECK(f.signals.resets == 0);
}

TEST_CASE("ring device: a ring that the driver breaks while paused is found broken afterwards, not before") {
    Fixture f;
    f.activate();
    f.device.pause();
    f.first.put(99);
    f.first.show(1);
    f.device.queue_notified(0);
    CHECK(f.signals.resets == 0);
    f.device.resume();
    CHECK(f.signals.resets == 1);
    CHECK(f.device.served.empty());
}
