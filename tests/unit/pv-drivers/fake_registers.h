// SPDX-License-Identifier: Apache-2.0
// A virtio-mmio device's registers (virtio 1.2, section 4.2.2), which log accesses.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pv-drivers/virtio/uapi.h"
#include "pv-drivers/virtio/virtqueue.h"

namespace tenon::test {

struct FakeMmioDevice {
    std::uint32_t magic = 0x7472'6976, version = 2, id = 4;
    std::uint64_t offered = virtio::feature_bit(VIRTIO_F_VERSION_1), accepted = 0;
    bool confirms_features = true;
    bool resets = true;
    bool breaks_at_driver_ok = false;
    std::uint32_t queue_limit = 64;
    std::uint32_t queue_count = 2;
    std::uint32_t status = 0, interrupt = 0, generation = 0;
    std::uint32_t changes_while_read = 0;  // configuration reads that meet a change
    std::vector<std::uint8_t> config;
    std::vector<std::uint32_t> statuses;  // every value that was written
    std::vector<std::uint32_t> notified;
    /// Runs before each access to a register or to the configuration.
    std::function<void()> on_access;
    /// Runs at each notification, as a device that works at once.
    std::function<void(std::uint32_t queue)> on_notify;
    struct ConfigWrite {
        std::size_t offset;
        std::uint32_t value;
        std::size_t width;
        std::uint32_t status;  ///< of the device at that time
        friend bool operator==(const ConfigWrite&, const ConfigWrite&) = default;
    };
    std::vector<ConfigWrite> config_writes;
    std::map<std::uint32_t, std::uint32_t> registers;
    struct Queue {
        std::uint32_t size = 0, ready = 0;
        virtio::QueueAddresses addresses{};
    };
    std::map<std::uint32_t, Queue> queues;

    std::uint32_t read(std::size_t offset) {
        switch (offset) {
            case VIRTIO_MMIO_MAGIC_VALUE: return magic;
            case VIRTIO_MMIO_VERSION: return version;
            case VIRTIO_MMIO_DEVICE_ID: return id;
            case VIRTIO_MMIO_DEVICE_FEATURES:
                return static_cast<std::uint32_t>(offered >> (registers[VIRTIO_MMIO_DEVICE_FEATURES_SEL] * 32));
            case VIRTIO_MMIO_QUEUE_NUM_MAX: return registers[VIRTIO_MMIO_QUEUE_SEL] < queue_count ? queue_limit : 0;
            case VIRTIO_MMIO_QUEUE_READY: return queues[registers[VIRTIO_MMIO_QUEUE_SEL]].ready;
            case VIRTIO_MMIO_INTERRUPT_STATUS: return interrupt;
            case VIRTIO_MMIO_STATUS: return status;
            case VIRTIO_MMIO_CONFIG_GENERATION: return generation;
            default: return 0;
        }
    }
    std::uint8_t read_config(std::size_t offset) {
        if (changes_while_read > 0 && offset == 1) {
            --changes_while_read;
            ++generation;
            for (std::uint8_t& byte : config) ++byte;
        }
        return offset < config.size() ? config[offset] : 0;
    }
    void write_config(std::size_t offset, std::uint32_t value, std::size_t width) {
        config_writes.push_back({offset, value, width, status});
        for (std::size_t i = 0; i < width && offset + i < config.size(); ++i)
            config[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    void write(std::size_t offset, std::uint32_t value) {
        if (offset >= VIRTIO_MMIO_CONFIG) return write_config(offset - VIRTIO_MMIO_CONFIG, value, 4);
        registers[static_cast<std::uint32_t>(offset)] = value;
        switch (offset) {
            case VIRTIO_MMIO_DRIVER_FEATURES: {
                const std::uint32_t shift = registers[VIRTIO_MMIO_DRIVER_FEATURES_SEL] * 32;
                accepted = (accepted & ~(0xFFFF'FFFFull << shift)) | static_cast<std::uint64_t>(value) << shift;
                break;
            }
            case VIRTIO_MMIO_QUEUE_NUM: queues[registers[VIRTIO_MMIO_QUEUE_SEL]].size = value; break;
            case VIRTIO_MMIO_QUEUE_READY: make_ready(queues[registers[VIRTIO_MMIO_QUEUE_SEL]], value); break;
            case VIRTIO_MMIO_QUEUE_NOTIFY:
                notified.push_back(value);
                if (on_notify) on_notify(value);
                break;
            case VIRTIO_MMIO_INTERRUPT_ACK: interrupt &= ~value; break;
            case VIRTIO_MMIO_STATUS: write_status(value); break;
            default: break;
        }
    }

private:
    PhysicalAddress address_in(std::uint32_t low) {
        return PhysicalAddress{registers[low] | static_cast<std::uint64_t>(registers[low + 4]) << 32};
    }
    void make_ready(Queue& queue, std::uint32_t ready) {
        queue.ready = ready;
        queue.addresses = {address_in(VIRTIO_MMIO_QUEUE_DESC_LOW), address_in(VIRTIO_MMIO_QUEUE_AVAIL_LOW),
                           address_in(VIRTIO_MMIO_QUEUE_USED_LOW)};
    }
    void write_status(std::uint32_t value) {
        statuses.push_back(value);
        if (value == 0) {
            if (resets) status = 0, queues.clear(), accepted = 0;
            return;
        }
        status = value;
        if (!confirms_features) status &= ~static_cast<std::uint32_t>(VIRTIO_CONFIG_S_FEATURES_OK);
        if ((value & VIRTIO_CONFIG_S_DRIVER_OK) != 0 && breaks_at_driver_ok) status |= VIRTIO_CONFIG_S_NEEDS_RESET;
    }
};

/// A transport's handle: copies refer to the same device.
struct FakeRegisters {
    FakeMmioDevice* device;
    std::uint8_t read8(std::size_t offset) const { return accessed().read_config(offset - VIRTIO_MMIO_CONFIG); }
    std::uint32_t read32(std::size_t offset) const { return accessed().read(offset); }
    void write8(std::size_t offset, std::uint8_t value) const {
        accessed().write_config(offset - VIRTIO_MMIO_CONFIG, value, 1);
    }
    void write16(std::size_t offset, std::uint16_t value) const {
        accessed().write_config(offset - VIRTIO_MMIO_CONFIG, value, 2);
    }
    void write32(std::size_t offset, std::uint32_t value) const { accessed().write(offset, value); }

    [[nodiscard]] FakeMmioDevice& accessed() const {
        if (device->on_access) device->on_access();
        return *device;
    }
};

}  // namespace tenon::test
