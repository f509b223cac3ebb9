// SPDX-License-Identifier: Apache-2.0
// Registers of a virtio-pci device (virtio 1.2, section 4.1.4), which watch over the width of each access.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pv-drivers/virtio/uapi.h"
#include "pv-drivers/virtio/virtqueue.h"

namespace tenon::test {

struct FakeVirtioPci {
    std::uint64_t offered = virtio::feature_bit(VIRTIO_F_VERSION_1), accepted = 0;
    bool confirms_features = true, resets = true, breaks_at_driver_ok = false, has_vectors = true;
    bool keeps_queue_size = true;
    std::uint16_t queue_limit = 64, queue_count = 2;
    std::uint16_t notify_offset = 1;  // of queue n: n times this
    std::uint8_t status = 0, generation = 0;
    std::uint8_t isr = 0;                  // holds the line while it is not 0
    std::uint32_t changes_while_read = 0;  // configuration reads that meet a change
    std::vector<std::uint8_t> config;
    std::vector<unsigned> statuses;  // every value that was written
    std::vector<std::pair<std::size_t, unsigned>> notified;
    std::vector<std::pair<std::size_t, std::size_t>> config_reads, config_writes;  // offset, width
    std::vector<std::string> violations;
    std::uint16_t configuration_vector = VIRTIO_MSI_NO_VECTOR;
    struct Queue {
        std::uint16_t size = 0, enabled = 0, vector = VIRTIO_MSI_NO_VECTOR;
        std::map<std::size_t, std::uint32_t> addresses;
    };
    std::map<unsigned, Queue> queues;
    std::uint32_t device_select = 0, driver_select = 0;
    std::uint16_t queue_select = 0;

    static std::size_t width_of(std::size_t offset) {
        if (offset < VIRTIO_PCI_COMMON_MSIX || offset >= VIRTIO_PCI_COMMON_Q_DESCLO) return 4;
        return offset == VIRTIO_PCI_COMMON_STATUS || offset == VIRTIO_PCI_COMMON_CFGGENERATION ? 1 : 2;
    }
    Queue& selected() {
        Queue& queue = queues[queue_select];
        if (queue.size == 0 && queue_select < queue_count) queue.size = queue_limit;
        return queue;
    }
    std::uint32_t read_common(std::size_t offset, std::size_t width) {
        check_width(offset, width);
        switch (offset) {
            case VIRTIO_PCI_COMMON_DF:
                return device_select < 2 ? static_cast<std::uint32_t>(offered >> (32 * device_select)) : 0;
            case VIRTIO_PCI_COMMON_MSIX: return configuration_vector;
            case VIRTIO_PCI_COMMON_NUMQ: return queue_count;
            case VIRTIO_PCI_COMMON_STATUS: return status;
            case VIRTIO_PCI_COMMON_CFGGENERATION: return generation;
            case VIRTIO_PCI_COMMON_Q_SIZE: return selected().size;
            case VIRTIO_PCI_COMMON_Q_MSIX: return selected().vector;
            case VIRTIO_PCI_COMMON_Q_ENABLE: return selected().enabled;
            case VIRTIO_PCI_COMMON_Q_NOFF: return static_cast<std::uint16_t>(notify_offset * queue_select);
            default: violations.push_back("read of " + std::to_string(offset)); return 0;
        }
    }
    void write_common(std::size_t offset, std::uint32_t value, std::size_t width) {
        check_width(offset, width);
        const auto half = static_cast<std::uint16_t>(value);
        if (offset > VIRTIO_PCI_COMMON_Q_SELECT && selected().enabled != 0)
            violations.push_back("write to a queue in use");
        switch (offset) {
            case VIRTIO_PCI_COMMON_DFSELECT: device_select = value; break;
            case VIRTIO_PCI_COMMON_GFSELECT: driver_select = value; break;
            case VIRTIO_PCI_COMMON_GF:
                accepted = (accepted & ~(0xFFFF'FFFFull << 32 * driver_select)) | std::uint64_t{value}
                                                                                      << 32 * driver_select;
                break;
            case VIRTIO_PCI_COMMON_MSIX: configuration_vector = has_vectors ? half : VIRTIO_MSI_NO_VECTOR; break;
            case VIRTIO_PCI_COMMON_STATUS: write_status(static_cast<std::uint8_t>(value)); break;
            case VIRTIO_PCI_COMMON_Q_SELECT: queue_select = half; break;
            case VIRTIO_PCI_COMMON_Q_SIZE:
                if (keeps_queue_size) selected().size = half;
                break;
            case VIRTIO_PCI_COMMON_Q_MSIX: selected().vector = has_vectors ? half : VIRTIO_MSI_NO_VECTOR; break;
            case VIRTIO_PCI_COMMON_Q_ENABLE:
                // Section 4.1.4.3.2: a driver must not write 0.
                if (half != 1) violations.push_back("queue_enable");
                selected().enabled = half;
                break;
            default:
                if (offset < VIRTIO_PCI_COMMON_Q_DESCLO) violations.push_back("write to " + std::to_string(offset));
                selected().addresses[offset] = value;
        }
    }
    [[nodiscard]] PhysicalAddress address(unsigned queue, std::size_t low) {
        auto& words = queues[queue].addresses;
        return PhysicalAddress{words[low] | std::uint64_t{words[low + 4]} << 32};
    }
    std::uint32_t read_config(std::size_t offset, std::size_t width) {
        config_reads.emplace_back(offset, width);
        if (offset % width != 0 || offset + width > config.size()) violations.push_back("configuration");
        if (changes_while_read > 0) {
            --changes_while_read;
            ++generation;
            for (std::uint8_t& byte : config) ++byte;
        }
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < width && offset + i < config.size(); ++i)
            value |= std::uint32_t{config[offset + i]} << 8 * i;
        return value;
    }
    void write_config(std::size_t offset, std::uint32_t value, std::size_t width) {
        config_writes.emplace_back(offset, width);
        if (offset % width != 0 || offset + width > config.size()) violations.push_back("configuration");
        for (std::size_t i = 0; i < width && offset + i < config.size(); ++i)
            config[offset + i] = static_cast<std::uint8_t>(value >> 8 * i);
    }

private:
    void check_width(std::size_t offset, std::size_t width) {
        if (width_of(offset) != width)
            violations.push_back("access of " + std::to_string(width) + " bytes at " + std::to_string(offset));
    }
    void write_status(std::uint8_t value) {
        statuses.push_back(value);
        if (value == 0) {
            if (!resets) return;
            status = 0, accepted = 0, queue_select = 0;
            queues.clear();
            configuration_vector = VIRTIO_MSI_NO_VECTOR;
            return;
        }
        status = value;
        if (!confirms_features) status &= static_cast<std::uint8_t>(~VIRTIO_CONFIG_S_FEATURES_OK);
        if ((value & VIRTIO_CONFIG_S_DRIVER_OK) != 0 && breaks_at_driver_ok) status |= VIRTIO_CONFIG_S_NEEDS_RESET;
    }
};

/// A transport's handle of one structure: copies refer to the same device.
struct FakePciRegisters {
    enum class Kind { common, notify, device, isr };
    FakeVirtioPci* model;
    Kind kind;
    std::size_t bytes;

    [[nodiscard]] std::size_t size() const { return bytes; }
    [[nodiscard]] std::uint8_t read8(std::size_t offset) const { return static_cast<std::uint8_t>(read(offset, 1)); }
    [[nodiscard]] std::uint16_t read16(std::size_t offset) const { return static_cast<std::uint16_t>(read(offset, 2)); }
    [[nodiscard]] std::uint32_t read32(std::size_t offset) const { return read(offset, 4); }
    void write8(std::size_t offset, std::uint8_t value) const { write(offset, value, 1); }
    void write16(std::size_t offset, std::uint16_t value) const { write(offset, value, 2); }
    void write32(std::size_t offset, std::uint32_t value) const { write(offset, value, 4); }

private:
    [[nodiscard]] std::uint32_t read(std::size_t offset, std::size_t width) const {
        if (offset + width > bytes) model->violations.push_back("read beyond a structure");
        if (kind == Kind::common) return model->read_common(offset, width);
        if (kind == Kind::device) return model->read_config(offset, width);
        if (kind == Kind::isr && offset == 0 && width == 1) return std::exchange(model->isr, std::uint8_t{0});
        model->violations.push_back("read of a notification register, or beside the interrupt status");
        return 0;
    }
    void write(std::size_t offset, std::uint32_t value, std::size_t width) const {
        if (offset + width > bytes) model->violations.push_back("write beyond a structure");
        if (kind == Kind::common) model->write_common(offset, value, width);
        if (kind == Kind::device) model->write_config(offset, value, width);
        if (kind != Kind::notify) return;
        if (width != 2) model->violations.push_back("width of a notification");
        model->notified.emplace_back(offset, value);
    }
};

}  // namespace tenon::test
