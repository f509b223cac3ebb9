// SPDX-License-Identifier: Apache-2.0
// The registers of virtio-mmio, used as specified and otherwise. Section numbers are those of virtio 1.2.
#include <random>

#include "tests/unit/hv/mmio_fixture.h"

using mmio_test::Fixture;
using mmio_test::version_1;

TEST_CASE("mmio: identity and features") {
    Fixture f;
    CHECK(f.read(VIRTIO_MMIO_MAGIC_VALUE) == 0x7472'6976);
    CHECK(f.read(VIRTIO_MMIO_VERSION) == 2);
    CHECK(f.read(VIRTIO_MMIO_DEVICE_ID) == 4);
    CHECK(f.read(VIRTIO_MMIO_DEVICE_FEATURES) == 0x21);
    f.write(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
    CHECK(f.read(VIRTIO_MMIO_DEVICE_FEATURES) == 1);
    f.write(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
    CHECK(f.read(VIRTIO_MMIO_DEVICE_FEATURES) == 0);
    f.write(VIRTIO_MMIO_QUEUE_SEL, 1);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_NUM_MAX) == 64);
    f.write(VIRTIO_MMIO_QUEUE_SEL, 2);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_NUM_MAX) == 0);
    f.write(VIRTIO_MMIO_QUEUE_SEL, 0xFFFF'FFFF);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_NUM_MAX) == 0);
    CHECK(f.read(VIRTIO_MMIO_SHM_LEN_LOW) == 0xFFFF'FFFF);
}

TEST_CASE("mmio: initialisation by the book") {
    Fixture f;
    f.to_driver_ok();
    CHECK(f.status() == 15);
    CHECK(f.device.activations == 1);
    CHECK(f.device.accepted == version_1);
    REQUIRE(f.device.setups.size() == 2);
    CHECK(f.device.setups[0].size == 256);
    CHECK(f.device.setups[0].descriptors == 0x1'0000'1000);
    CHECK(f.device.setups[0].driver == 0x2'0000'2000);
    CHECK(f.device.setups[0].device == 0x3'0000'3000);
    CHECK(f.device.setups[1].size == 0);  // not set up: not used
    f.write(VIRTIO_MMIO_QUEUE_NOTIFY, 1);
    f.mmio.ring(0);
    CHECK(f.device.notified == std::vector<std::uint32_t>{1, 0});
    f.write(VIRTIO_MMIO_QUEUE_NOTIFY, 2);
    f.write(VIRTIO_MMIO_QUEUE_NOTIFY, 0xFFFF'FFFF);
    CHECK(f.device.notified.size() == 2);
}

TEST_CASE("mmio: status bits come in order, and none goes but by reset (2.1.1)") {
    Fixture f;
    for (const std::uint32_t first : {2U, 4U, 8U, 3U, 15U, 11U, 0x10U, 0x101U}) {
        f.write(VIRTIO_MMIO_STATUS, first);
        CHECK(f.status() == 0);
    }
    f.write(VIRTIO_MMIO_STATUS, 1);
    CHECK(f.status() == 1);
    f.write(VIRTIO_MMIO_STATUS, 2);  // takes ACKNOWLEDGE back
    CHECK(f.status() == 1);
    f.write(VIRTIO_MMIO_STATUS, 5);  // DRIVER_OK before DRIVER
    CHECK(f.status() == 1);
    f.write(VIRTIO_MMIO_STATUS, 3);
    f.accept(version_1);
    f.write(VIRTIO_MMIO_STATUS, 7);  // DRIVER_OK before FEATURES_OK
    CHECK(f.status() == 3);
    CHECK(f.device.activations == 0);
    f.write(VIRTIO_MMIO_STATUS, 11);
    f.write(VIRTIO_MMIO_STATUS, 15);
    f.write(VIRTIO_MMIO_STATUS, 15);  // again: nothing happens
    CHECK(f.device.activations == 1);
    f.write(VIRTIO_MMIO_STATUS, 11);
    CHECK(f.status() == 15);
}

TEST_CASE("mmio: a driver that gave up only comes back by reset") {
    Fixture f;
    f.to_features_ok();
    f.add_status(VIRTIO_CONFIG_S_FAILED);
    CHECK(f.status() == (11 | VIRTIO_CONFIG_S_FAILED));
    f.add_status(VIRTIO_CONFIG_S_DRIVER_OK);
    CHECK(f.device.activations == 0);
    f.set_up_queue(0, 256);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 0);
    f.to_driver_ok();
    CHECK(f.device.activations == 1);
}

TEST_CASE("mmio: features that were not offered, or without VERSION_1, are not accepted (3.1.1)") {
    constexpr std::uint64_t wrong[] = {0x21, version_1 | 2, version_1 | 1ULL << 63, 0};
    for (const std::uint64_t features : wrong) {
        Fixture f;
        f.add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
        f.add_status(VIRTIO_CONFIG_S_DRIVER);
        f.accept(features);
        f.add_status(VIRTIO_CONFIG_S_FEATURES_OK);
        CHECK(f.status() == 3);
    }
    Fixture f;
    f.accept(version_1 | 2);  // before DRIVER: no effect
    f.to_features_ok();
    f.accept(version_1 | 0x21);  // after FEATURES_OK: no effect
    f.add_status(VIRTIO_CONFIG_S_DRIVER_OK);
    CHECK(f.device.accepted == version_1);
}

TEST_CASE("mmio: queues are set up between FEATURES_OK and DRIVER_OK, with sizes that are allowed") {
    Fixture f;
    f.set_up_queue(0, 256);
    f.write(VIRTIO_MMIO_STATUS, 1);
    f.write(VIRTIO_MMIO_STATUS, 3);
    f.set_up_queue(0, 256);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 0);
    f.to_features_ok();
    for (const std::uint32_t size : {0U, 3U, 512U, 0x8000'0000U, 0xFFFF'FFFFU}) {
        f.set_up_queue(0, size);
        CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 0);
    }
    f.set_up_queue(2, 64);  // there is no such queue
    CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 0);
    f.set_up_queue(1, 128);  // larger than this one may be
    CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 0);
    f.set_up_queue(1, 32);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 1);
    f.write(VIRTIO_MMIO_QUEUE_NUM, 64);  // ready: not to be changed (4.2.3.2)
    f.write(VIRTIO_MMIO_QUEUE_DESC_LOW, 0x9000);
    f.add_status(VIRTIO_CONFIG_S_DRIVER_OK);
    CHECK(f.device.setups[1].size == 32);
    CHECK(f.device.setups[1].descriptors == 0x1'0000'1000);
    f.set_up_queue(0, 256);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 0);
}

TEST_CASE("mmio: reset forgets everything, and resets an active device only") {
    Fixture f;
    f.write(VIRTIO_MMIO_STATUS, 0);
    CHECK(f.device.resets == 0);
    f.to_driver_ok();
    f.device.signals->used_buffers();
    f.write(VIRTIO_MMIO_STATUS, 0);
    CHECK(f.device.resets == 1);
    CHECK(f.status() == 0);
    CHECK(f.read(VIRTIO_MMIO_INTERRUPT_STATUS) == 0);
    f.write(VIRTIO_MMIO_QUEUE_SEL, 0);
    CHECK(f.read(VIRTIO_MMIO_QUEUE_READY) == 0);
    f.mmio.ring(0);
    CHECK(f.device.notified.empty());
    f.to_driver_ok();
    CHECK(f.device.activations == 2);
}

TEST_CASE("mmio: an interrupt is raised once until it is acknowledged") {
    Fixture f;
    f.to_driver_ok();
    f.device.signals->used_buffers();
    f.device.signals->used_buffers();
    CHECK(f.interrupts == 1);
    CHECK(f.read(VIRTIO_MMIO_INTERRUPT_STATUS) == 1);
    f.write(VIRTIO_MMIO_INTERRUPT_ACK, 0xFFFF'FFFE);
    CHECK(f.read(VIRTIO_MMIO_INTERRUPT_STATUS) == 1);
    f.write(VIRTIO_MMIO_INTERRUPT_ACK, 1);
    CHECK(f.read(VIRTIO_MMIO_INTERRUPT_STATUS) == 0);
    f.device.signals->used_buffers();
    CHECK(f.interrupts == 2);
    f.device.signals->configuration_changed();
    CHECK(f.interrupts == 3);
    CHECK(f.read(VIRTIO_MMIO_INTERRUPT_STATUS) == 3);
}

TEST_CASE("mmio: a configuration that changes has another generation, and the driver is told") {
    Fixture f;
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG, 1) == 1);
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG + 2, 2) == 0x0403);
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG, 8) == 0x0605'0403'0201);
    f.to_driver_ok();
    const std::uint32_t generation = f.read(VIRTIO_MMIO_CONFIG_GENERATION);
    f.device.config_bytes[0] = 9;
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG, 1) == 1);  // not half of it: what the guest sees changes at one moment
    f.device.signals->configuration_changed();
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG, 1) == 9);
    CHECK(f.read(VIRTIO_MMIO_CONFIG_GENERATION) != generation);
    CHECK(f.read(VIRTIO_MMIO_INTERRUPT_STATUS) == VIRTIO_MMIO_INT_CONFIG);
}

TEST_CASE("mmio: a change while the device was inactive is told at its activation") {
    Fixture f;
    f.device.config_bytes[5] = 7;
    f.to_driver_ok();
    CHECK(f.interrupts == 1);
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG + 5, 1) == 7);
}

TEST_CASE("mmio: a driver writes its part of the configuration, and nothing else") {
    Fixture f;
    const auto byte = [&f](std::uint64_t offset) { return f.mmio.read(VIRTIO_MMIO_CONFIG + offset, 1); };
    f.mmio.write(VIRTIO_MMIO_CONFIG + 4, 2, 0xFFFF'BBAA);
    CHECK(byte(4) == 0xAA);
    CHECK(byte(5) == 0xBB);
    f.mmio.write(VIRTIO_MMIO_CONFIG + 5, 1, 0xCC);
    CHECK(byte(5) == 0xCC);
    CHECK(f.read(VIRTIO_MMIO_CONFIG_GENERATION) == 0);  // not a change by the device
    const auto before = f.device.config_bytes;
    f.mmio.write(VIRTIO_MMIO_CONFIG, 4, 0);      // the device's own
    f.mmio.write(VIRTIO_MMIO_CONFIG + 4, 4, 0);  // beyond the end
    f.mmio.write(VIRTIO_MMIO_CONFIG + 5, 2, 0);
    f.mmio.write(VIRTIO_MMIO_CONFIG + 6, 1, 0);
    f.mmio.write(VIRTIO_MMIO_CONFIG + 4, 8, 0);
    f.mmio.write(VIRTIO_MMIO_CONFIG + 4, 3, 0);  // no width of a store
    f.mmio.write(VIRTIO_MMIO_CONFIG + 4, 0, 0);
    f.mmio.write(VIRTIO_MMIO_CONFIG + 4, 64, 0);
    f.mmio.write(hv::MmioTransport::size - 1, 8, 0);
    CHECK(f.device.config_bytes == before);
    // A reset reaches a device that was only configured.
    CHECK(f.device.resets == 0);
    f.write(VIRTIO_MMIO_STATUS, 0);
    CHECK(f.device.resets == 1);
    f.write(VIRTIO_MMIO_STATUS, 0);
    CHECK(f.device.resets == 1);
}

TEST_CASE("mmio: rings that are not acceptable, or break later, end in DEVICE_NEEDS_RESET (2.1.2)") {
    Fixture f;
    f.device.acceptable = false;
    f.to_driver_ok();
    CHECK(f.status() == (15 | VIRTIO_CONFIG_S_NEEDS_RESET));
    CHECK(f.read(VIRTIO_MMIO_INTERRUPT_STATUS) == VIRTIO_MMIO_INT_CONFIG);
    f.mmio.ring(0);
    CHECK(f.device.notified.empty());
    f.write(VIRTIO_MMIO_STATUS, 0);
    CHECK(f.status() == 0);
    f.device.acceptable = true;
    f.to_driver_ok();
    CHECK(f.status() == 15);
    f.device.signals->needs_reset();
    CHECK(f.status() == (15 | VIRTIO_CONFIG_S_NEEDS_RESET));
    f.add_status(VIRTIO_CONFIG_S_FAILED);
    CHECK(f.status() == (15 | VIRTIO_CONFIG_S_NEEDS_RESET | VIRTIO_CONFIG_S_FAILED));
}

TEST_CASE("mmio: accesses of other widths and places read zeros and change nothing") {
    Fixture f;
    CHECK(f.mmio.read(VIRTIO_MMIO_MAGIC_VALUE, 1) == 0);
    CHECK(f.mmio.read(VIRTIO_MMIO_MAGIC_VALUE, 8) == 0);
    CHECK(f.mmio.read(VIRTIO_MMIO_VERSION + 1, 4) == 0);
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG + 6, 1) == 0);
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG + 4, 4) == 0x0605);
    CHECK(f.mmio.read(4095, 8) == 0);
    CHECK(f.read(0xF0) == 0);
    f.mmio.write(VIRTIO_MMIO_STATUS, 1, 1);
    f.mmio.write(VIRTIO_MMIO_STATUS, 8, 1);
    f.mmio.write(VIRTIO_MMIO_CONFIG, 4, 0xFFFF'FFFF);
    f.write(VIRTIO_MMIO_MAGIC_VALUE, 0);
    CHECK(f.status() == 0);
    CHECK(f.mmio.read(VIRTIO_MMIO_CONFIG, 1) == 1);
    CHECK(f.read(VIRTIO_MMIO_MAGIC_VALUE) == 0x7472'6976);
}

TEST_CASE("mmio: random accesses never activate a device with features or queues it did not offer") {
    Fixture f;
    std::mt19937 random(4711);
    const std::uint32_t offsets[] = {0x14, 0x20, 0x24, 0x30, 0x38, 0x44, 0x50, 0x64,
                                     0x70, 0x80, 0x84, 0x90, 0x94, 0xA0, 0xA4, 0x100};
    const std::uint32_t values[] = {0, 1, 2, 3, 11, 15, 0x21, 64, 128, 256, 512, 0x80, 0xFFFF'FFFF};
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t offset = random() % 20 == 0 ? random() % 4096 : offsets[random() % std::size(offsets)];
        const std::uint32_t width = random() % 10 == 0 ? 1U << random() % 4 : 4;
        if (random() % 4 == 0)
            static_cast<void>(f.mmio.read(offset, width));
        else
            f.mmio.write(offset, width, values[random() % std::size(values)]);
        if (f.device.signals == nullptr) continue;
        REQUIRE((f.device.accepted & ~f.device.features()) == 0);
        REQUIRE((f.device.accepted & version_1) != 0);
        REQUIRE(f.device.setups.size() == 2);
        REQUIRE(f.device.setups[0].size <= 256);
        REQUIRE(f.device.setups[1].size <= 64);
    }
    for (const std::uint32_t queue : f.device.notified) REQUIRE(queue < 2);
    CHECK(f.device.activations > 0);
}
