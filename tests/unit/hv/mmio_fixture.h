// SPDX-License-Identifier: Apache-2.0
// A device that records calls, and a driver that follows the specification, for tests of virtio-mmio.
#pragma once

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "hv/devices/mmio.h"

namespace mmio_test {

inline constexpr std::uint64_t version_1 = 1ULL << VIRTIO_F_VERSION_1;

class FakeDevice final : public hv::Device {
public:
    [[nodiscard]] std::uint32_t device_id() const override { return 4; }
    [[nodiscard]] const char* name() const override { return "fake0"; }
    [[nodiscard]] std::uint64_t features() const override { return version_1 | 0x21; }
    [[nodiscard]] std::uint32_t queue_count() const override { return 2; }
    [[nodiscard]] std::uint32_t queue_size(std::uint32_t queue) const override { return queue == 0 ? 256 : 64; }
    [[nodiscard]] std::span<const std::byte> config() const override { return std::as_bytes(std::span(config_bytes)); }
    /// The last two bytes are the driver's.
    [[nodiscard]] bool write_config(std::uint64_t offset, std::span<const std::byte> bytes) override {
        if (offset < 4) return false;
        std::memcpy(config_bytes.data() + offset, bytes.data(), bytes.size());
        return true;
    }
    [[nodiscard]] bool activate(std::uint64_t features, std::span<const tenon::abi::QueueSetup> queues,
                                const hv::GuestMemory&, hv::DeviceSignals& s) override {
        ++activations;
        accepted = features;
        setups.assign(queues.begin(), queues.end());
        signals = &s;
        return acceptable;
    }
    void queue_notified(std::uint32_t queue) override { notified.push_back(queue); }
    void pause() override {}
    void resume() override {}
    void reset() override {
        ++resets;
        signals = nullptr;
    }

    std::array<std::uint8_t, 6> config_bytes = {1, 2, 3, 4, 5, 6};
    bool acceptable = true;
    int activations = 0, resets = 0;
    std::uint64_t accepted = 0;
    std::vector<tenon::abi::QueueSetup> setups;
    std::vector<std::uint32_t> notified;
    hv::DeviceSignals* signals = nullptr;
};

struct Fixture : hv::MmioHost {
    void raise_interrupt() override { ++interrupts; }
    void run_on_loop(const std::function<void()>& work) override { work(); }

    std::uint32_t read(std::uint64_t offset) { return static_cast<std::uint32_t>(mmio.read(offset, 4)); }
    void write(std::uint64_t offset, std::uint32_t value) { mmio.write(offset, 4, value); }
    std::uint32_t status() { return read(VIRTIO_MMIO_STATUS); }
    void add_status(std::uint32_t bit) { write(VIRTIO_MMIO_STATUS, status() | bit); }
    void accept(std::uint64_t features) {
        write(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
        write(VIRTIO_MMIO_DRIVER_FEATURES, static_cast<std::uint32_t>(features));
        write(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
        write(VIRTIO_MMIO_DRIVER_FEATURES, static_cast<std::uint32_t>(features >> 32));
    }
    void to_features_ok() {
        write(VIRTIO_MMIO_STATUS, 0);
        add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
        add_status(VIRTIO_CONFIG_S_DRIVER);
        accept(version_1);
        add_status(VIRTIO_CONFIG_S_FEATURES_OK);
        REQUIRE(status() == 11);
    }
    void set_up_queue(std::uint32_t queue, std::uint32_t size) {
        write(VIRTIO_MMIO_QUEUE_SEL, queue);
        write(VIRTIO_MMIO_QUEUE_NUM, size);
        write(VIRTIO_MMIO_QUEUE_DESC_LOW, 0x1000);
        write(VIRTIO_MMIO_QUEUE_DESC_HIGH, 1);
        write(VIRTIO_MMIO_QUEUE_AVAIL_LOW, 0x2000);
        write(VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 2);
        write(VIRTIO_MMIO_QUEUE_USED_LOW, 0x3000);
        write(VIRTIO_MMIO_QUEUE_USED_HIGH, 3);
        write(VIRTIO_MMIO_QUEUE_READY, 1);
    }
    void to_driver_ok() {
        to_features_ok();
        set_up_queue(0, 256);
        add_status(VIRTIO_CONFIG_S_DRIVER_OK);
    }

    FakeDevice device;
    hv::GuestMemory memory{{}};
    int interrupts = 0;
    hv::MmioTransport mmio{device, memory, *this};
};

}  // namespace mmio_test
