// SPDX-License-Identifier: Apache-2.0
// virtio over memory-mapped registers, version 2 (virtio 1.2, section 4.2).
#pragma once

#include <concepts>
#include <cstring>

#include "pv-drivers/virtio/transport.h"

namespace tenon::virtio {

/// Register access; tests provide a device model. Offsets are those of section 4.2.2.
template <typename T>
concept MmioRegisters = requires(T registers, std::size_t offset, std::uint32_t value) {
    { registers.read8(offset) } -> std::same_as<std::uint8_t>;
    { registers.read32(offset) } -> std::same_as<std::uint32_t>;
    registers.write8(offset, static_cast<std::uint8_t>(value));
    registers.write16(offset, static_cast<std::uint16_t>(value));
    registers.write32(offset, value);
};

inline constexpr std::uint32_t mmio_magic = 0x7472'6976;  // "virt"
inline constexpr std::uint32_t mmio_version = 2;          // 1 is the legacy interface

template <MmioRegisters Registers>
class MmioTransport : public Transport {
public:
    /// `size`: bytes of the register page.
    MmioTransport(Registers registers, std::size_t size) : registers_(registers), size_(size) {}

    /// Section 4.2.3.1.1: checks magic, version and device, and touches nothing else.
    [[nodiscard]] bool present() {
        return size_ > VIRTIO_MMIO_CONFIG && registers_.read32(VIRTIO_MMIO_MAGIC_VALUE) == mmio_magic &&
               registers_.read32(VIRTIO_MMIO_VERSION) == mmio_version && registers_.read32(VIRTIO_MMIO_DEVICE_ID) != 0;
    }

    [[nodiscard]] const char* name() const override { return "mmio"; }
    [[nodiscard]] std::uint32_t device_id() const override { return registers_.read32(VIRTIO_MMIO_DEVICE_ID); }

    [[nodiscard]] std::uint64_t offered_features() override {
        registers_.write32(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
        const std::uint64_t low = registers_.read32(VIRTIO_MMIO_DEVICE_FEATURES);
        registers_.write32(VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
        return low | static_cast<std::uint64_t>(registers_.read32(VIRTIO_MMIO_DEVICE_FEATURES)) << 32;
    }

    [[nodiscard]] std::uint32_t queue_limit(std::uint32_t queue) override {
        registers_.write32(VIRTIO_MMIO_QUEUE_SEL, queue);
        return registers_.read32(VIRTIO_MMIO_QUEUE_NUM_MAX);
    }

    [[nodiscard]] Result<> reset() override {
        registers_.write32(VIRTIO_MMIO_STATUS, 0);
        // Section 4.2.2.1: the reset is complete when the status reads 0. Each read is an exit, so this waits long.
        for (unsigned attempt = 0; attempt < 100'000; ++attempt)
            if (registers_.read32(VIRTIO_MMIO_STATUS) == 0) return {};
        return fail(Error::timed_out);
    }

    void acknowledge() override {
        add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
        add_status(VIRTIO_CONFIG_S_DRIVER);
    }

    [[nodiscard]] Result<> accept_features(std::uint64_t features) override {
        registers_.write32(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
        registers_.write32(VIRTIO_MMIO_DRIVER_FEATURES, static_cast<std::uint32_t>(features));
        registers_.write32(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
        registers_.write32(VIRTIO_MMIO_DRIVER_FEATURES, static_cast<std::uint32_t>(features >> 32));
        add_status(VIRTIO_CONFIG_S_FEATURES_OK);
        // Section 3.1.1, step 6: the device clears the bit if it does not accept the subset.
        if ((status() & VIRTIO_CONFIG_S_FEATURES_OK) == 0) return fail(Error::not_supported);
        return {};
    }

    [[nodiscard]] Result<> set_up_queue(std::uint32_t queue, std::uint16_t size,
                                        const QueueAddresses& addresses) override {
        // Section 4.2.3.2, in its order.
        registers_.write32(VIRTIO_MMIO_QUEUE_SEL, queue);
        if (registers_.read32(VIRTIO_MMIO_QUEUE_READY) != 0) return fail(Error::device_broken);
        if (registers_.read32(VIRTIO_MMIO_QUEUE_NUM_MAX) < size) return fail(Error::not_supported);
        registers_.write32(VIRTIO_MMIO_QUEUE_NUM, size);
        write64(VIRTIO_MMIO_QUEUE_DESC_LOW, addresses.descriptors);
        write64(VIRTIO_MMIO_QUEUE_AVAIL_LOW, addresses.driver);
        write64(VIRTIO_MMIO_QUEUE_USED_LOW, addresses.device);
        registers_.write32(VIRTIO_MMIO_QUEUE_READY, 1);
        return {};
    }

    [[nodiscard]] Result<> driver_ok() override {
        add_status(VIRTIO_CONFIG_S_DRIVER_OK);
        return {};
    }

    void give_up() override { add_status(VIRTIO_CONFIG_S_FAILED); }

    [[nodiscard]] bool needs_reset() override { return (status() & VIRTIO_CONFIG_S_NEEDS_RESET) != 0; }
    void notify(std::uint32_t queue) override { registers_.write32(VIRTIO_MMIO_QUEUE_NOTIFY, queue); }

    void read_configuration(std::size_t offset, std::span<std::byte> bytes) override {
        // Section 4.2.2.1: the bytes are consistent if the generation is the same before and after. If it changes at
        // each attempt, the last bytes count.
        for (unsigned attempt = 0; attempt < 16; ++attempt) {
            const std::uint32_t generation = registers_.read32(VIRTIO_MMIO_CONFIG_GENERATION);
            for (std::size_t i = 0; i < bytes.size(); ++i) {
                const std::size_t place = VIRTIO_MMIO_CONFIG + offset + i;
                bytes[i] = place < size_ ? std::byte{registers_.read8(place)} : std::byte{0};
            }
            if (registers_.read32(VIRTIO_MMIO_CONFIG_GENERATION) == generation) return;
        }
    }

    void write_configuration(std::size_t offset, std::span<const std::byte> bytes) override {
        const std::size_t place = VIRTIO_MMIO_CONFIG + offset;
        if (place > size_ || bytes.size() > size_ - place) return;
        // Section 4.2.2.2: a field is written in its own width; one of 64 bits as two of 32.
        if (bytes.size() == 2) return registers_.write16(place, value_of<std::uint16_t>(bytes));
        if (bytes.size() % sizeof(std::uint32_t) == 0) {
            for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint32_t))
                registers_.write32(place + i, value_of<std::uint32_t>(bytes.subspan(i, sizeof(std::uint32_t))));
            return;
        }
        for (std::size_t i = 0; i < bytes.size(); ++i)
            registers_.write8(place + i, static_cast<std::uint8_t>(bytes[i]));
    }

    void listen(Listener* listener) override { listener_ = listener; }

    /// Serves the device's interrupt (section 4.2.3.3): acknowledges the reasons that it has read, and repeats this
    /// until there are none. The line is edge-triggered: a reason that arrives between reading and acknowledging keeps
    /// the line high, and would never cause another edge.
    void interrupt() {
        for (unsigned attempt = 0; attempt < 16; ++attempt) {
            const std::uint32_t reasons = registers_.read32(VIRTIO_MMIO_INTERRUPT_STATUS);
            if (reasons == 0) return;
            registers_.write32(VIRTIO_MMIO_INTERRUPT_ACK, reasons & (VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG));
            if (listener_ == nullptr) continue;
            if ((reasons & VIRTIO_MMIO_INT_VRING) != 0) listener_->queues_used();
            if ((reasons & VIRTIO_MMIO_INT_CONFIG) != 0) listener_->configuration_changed();
        }
    }

private:
    template <typename T>
    [[nodiscard]] static T value_of(std::span<const std::byte> bytes) {
        T value;
        std::memcpy(&value, bytes.data(), sizeof(value));
        return value;
    }
    [[nodiscard]] std::uint32_t status() { return registers_.read32(VIRTIO_MMIO_STATUS); }
    void add_status(std::uint32_t bit) { registers_.write32(VIRTIO_MMIO_STATUS, status() | bit); }
    void write64(std::size_t low, PhysicalAddress address) {
        registers_.write32(low, static_cast<std::uint32_t>(to_integer(address)));
        registers_.write32(low + 4, static_cast<std::uint32_t>(to_integer(address) >> 32));
    }

    mutable Registers registers_;
    std::size_t size_;
    Listener* listener_ = nullptr;
};

}  // namespace tenon::virtio
