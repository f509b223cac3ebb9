// SPDX-License-Identifier: Apache-2.0
// The mmio transport, and through it the life of a device.
#include <array>
#include <functional>

#include "fake_registers.h"
#include "pv-drivers/virtio/device.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "test_macros.h"

namespace {

using namespace tenon;
using namespace tenon::virtio;
using tenon::test::FakeMmioDevice;
using tenon::test::FakeRegisters;

using FakeMmio = MmioTransport<FakeRegisters>;
constexpr std::size_t page = 0x200;

class TestDevice final : public Device {
public:
    explicit TestDevice(Transport& transport) : Device(transport) {}
    void negotiated() override {
        if (configure) configure(*this);
    }
    std::function<void(TestDevice&)> configure;
    using Device::has_feature, Device::publish_and_notify, Device::queue, Device::read_configuration, Device::restart,
        Device::running, Device::set_queues, Device::shut_down, Device::start, Device::write_configuration;
    void queues_used() override { ++used; }
    void status_changed() override { ++changed; }
    int used = 0, changed = 0;
};

struct Fixture {
    FakeMmioDevice model;
    FakeMmio transport{FakeRegisters{&model}, page};
    TestDevice device{transport};
    Result<> start() {
        static constexpr std::array<Device::QueueWish, 2> wishes{{{.size = 32}, {.size = 256, .indirect_entries = 4}}};
        return device.start({.required = 1, .optional = 2}, wishes);
    }
    Fixture() { model.offered |= 1 | 2 | 4 | ring_features; }
};

}  // namespace

TEST_CASE("mmio: only a modern device of a known type is present") {
    FakeMmioDevice model;
    CHECK(FakeMmio(FakeRegisters{&model}, page).present());
    CHECK_FALSE(FakeMmio(FakeRegisters{&model}, 0x100).present());
    SECTION("magic") { model.magic = 0; }
    SECTION("legacy") { model.version = 1; }
    SECTION("empty slot") { model.id = 0; }
    CHECK_FALSE(FakeMmio(FakeRegisters{&model}, page).present());
}

TEST_CASE("mmio: a device is brought up in the order of section 3.1.1") {
    Fixture f;
    REQUIRE(f.start());
    CHECK(f.model.statuses == std::vector<std::uint32_t>{0, 1, 3, 11, 15});
    CHECK(f.model.accepted == (feature_bit(VIRTIO_F_VERSION_1) | ring_features | 3));
    CHECK(f.model.queues[0].size == 32);
    CHECK(f.model.queues[1].size == 64);  // the device has no more
    CHECK((f.model.queues[0].ready == 1 && f.model.queues[1].ready == 1));
    CHECK(f.device.running());
    CHECK(f.device.has_feature(1));
    CHECK_FALSE(f.device.has_feature(2));
    f.device.shut_down();
    CHECK(f.model.status == 0);
    CHECK_FALSE(f.device.running());
}

TEST_CASE("mmio: what a device refuses or lacks is an error, and it ends reset") {
    Fixture f;
    auto expected = Error::not_supported;
    SECTION("features are not confirmed") { f.model.confirms_features = false; }
    SECTION("a required feature is missing") { f.model.offered &= ~1ull; }
    SECTION("a legacy device") { f.model.offered &= ~feature_bit(VIRTIO_F_VERSION_1); }
    SECTION("a queue is missing") { f.model.queue_count = 1; }
    SECTION("it breaks at DRIVER_OK") {
        f.model.breaks_at_driver_ok = true;
        expected = Error::device_broken;
    }
    CHECK(f.start().error() == expected);
    CHECK_FALSE(f.device.running());
    CHECK(f.model.status == 0);
}

TEST_CASE("mmio: a device that does not reset is given up") {
    Fixture f;
    f.model.resets = false;
    f.model.status = 1;
    CHECK(f.start().error() == Error::timed_out);
}

TEST_CASE("mmio: configuration is read as one state") {
    Fixture f;
    f.model.config = {1, 1, 1, 1};
    f.model.changes_while_read = 3;
    REQUIRE(f.start());
    CHECK(f.device.read_configuration<std::uint32_t>(0) == 0x04040404);
    CHECK(f.device.read_configuration<std::uint32_t>(2) == 0x0404);
    CHECK(f.device.read_configuration<std::uint32_t>(0x1000) == 0);
    f.model.changes_while_read = UINT32_MAX;  // changes for ever: read, not waited for
    (void)f.device.read_configuration<std::uint32_t>(0);
}

TEST_CASE("mmio: a configuration field is written in its own width, and within the register page only") {
    Fixture f;
    REQUIRE(f.start());
    using Write = FakeMmioDevice::ConfigWrite;
    f.device.write_configuration<std::uint8_t>(3, 0x12);
    f.device.write_configuration<std::uint16_t>(2, 0x1234);
    f.device.write_configuration<std::uint32_t>(4, 0x12345678);
    f.device.write_configuration<std::uint64_t>(8, 0x1122334455667788);
    CHECK(f.model.config_writes == std::vector<Write>{{3, 0x12, 1, 15},
                                                      {2, 0x1234, 2, 15},
                                                      {4, 0x12345678, 4, 15},
                                                      {8, 0x55667788, 4, 15},
                                                      {12, 0x11223344, 4, 15}});
    f.model.config_writes.clear();
    f.device.write_configuration<std::uint32_t>(page - VIRTIO_MMIO_CONFIG - 2, 1);
    f.device.write_configuration<std::uint32_t>(SIZE_MAX - 4, 1);
    CHECK(f.model.config_writes.empty());
}

TEST_CASE(
    "mmio: between FEATURES_OK and DRIVER_OK a driver configures its device and states its queues, at each start") {
    Fixture f;
    f.device.configure = [&](TestDevice& device) {
        CHECK(device.has_feature(0));
        device.write_configuration<std::uint32_t>(0, 7);
        static constexpr Device::QueueWish one{.size = 16};
        device.set_queues(std::span(&one, 1));
    };
    REQUIRE(f.start());
    REQUIRE(f.device.restart([](std::uint32_t, void*) {}));
    using Write = FakeMmioDevice::ConfigWrite;
    CHECK(f.model.config_writes == std::vector<Write>{{0, 7, 4, 11}, {0, 7, 4, 11}});
    CHECK(f.model.queues[0].size == 16);
    CHECK(f.model.queues[1].ready == 0);
}

TEST_CASE("mmio: interrupts are acknowledged and told apart") {
    Fixture f;
    f.transport.interrupt();  // there is no listener yet
    REQUIRE(f.start());
    f.transport.interrupt();
    CHECK((f.device.used == 0 && f.device.changed == 0));
    f.model.interrupt = VIRTIO_MMIO_INT_VRING;
    f.transport.interrupt();
    CHECK((f.device.used == 1 && f.device.changed == 0 && f.model.interrupt == 0));
    f.model.interrupt = VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG;
    f.transport.interrupt();
    CHECK((f.device.used == 2 && f.device.changed == 1 && f.model.interrupt == 0));
    CHECK(f.device.running());
}

TEST_CASE("device: DEVICE_NEEDS_RESET stops it, a restart gives every chain back and starts anew") {
    Fixture f;
    REQUIRE(f.start());
    const Piece piece{PhysicalAddress{0x1000}, 16};
    int cookies[3];
    for (int& cookie : cookies) REQUIRE(f.device.queue(1).add({}, std::span(&piece, 1), &cookie));
    f.device.publish_and_notify(1);
    CHECK(f.model.notified == std::vector<std::uint32_t>{1});
    f.model.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
    f.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
    f.transport.interrupt();
    CHECK(f.device.changed == 1);
    CHECK_FALSE(f.device.running());
    std::size_t lost = 0;
    REQUIRE(f.device.restart([&](std::uint32_t index, void*) { lost += index; }));
    CHECK(lost == 3);
    CHECK(f.device.running());
    CHECK(f.device.queue(1).chains_out() == 0);
    CHECK(f.model.status == 15);
}

TEST_CASE("device: one that breaks time and again stays off") {
    Fixture f;
    REQUIRE(f.start());
    int restarts = 0;
    while (f.device.restart([](std::uint32_t, void*) {})) REQUIRE(++restarts < 100);
    CHECK_FALSE(f.device.running());
    CHECK(f.model.status == 0);
}
