// SPDX-License-Identifier: Apache-2.0
// virtio over PCI, the modern interface (virtio 1.2, section 4.1), with MSI-X or an interrupt line.
#pragma once

#include <array>
#include <concepts>
#include <cstring>

#include "pv-drivers/virtio/transport.h"

namespace tenon::virtio {

/// Access to one structure; tests provide a device model. Offsets are within the structure; each call is one access of
/// that width (section 4.1.3.1).
template <typename T>
concept PciRegisters = requires(T registers, std::size_t offset, std::uint32_t value) {
    { registers.read8(offset) } -> std::same_as<std::uint8_t>;
    { registers.read16(offset) } -> std::same_as<std::uint16_t>;
    { registers.read32(offset) } -> std::same_as<std::uint32_t>;
    registers.write8(offset, static_cast<std::uint8_t>(value));
    registers.write16(offset, static_cast<std::uint16_t>(value));
    registers.write32(offset, value);
    { registers.size() } -> std::same_as<std::size_t>;
};

/// Entries of the MSI-X table, which are filled already. If both are the same, an interrupt may mean either.
struct PciVectors {
    std::uint16_t configuration;
    std::uint16_t queues;
};

template <PciRegisters Registers>
class PciTransport : public Transport {
public:
    struct Structures {
        Registers common;  ///< at least virtio_pci_common_cfg
        Registers notify;
        Registers device;  ///< size 0: none
        Registers isr;     ///< size 0: interrupts are messages
        std::uint32_t notify_multiplier;
    };

    PciTransport(std::uint32_t type, const Structures& structures, PciVectors vectors)
        : type_(type),
          common_(structures.common),
          notify_(structures.notify),
          device_(structures.device),
          isr_(structures.isr),
          notify_multiplier_(structures.notify_multiplier),
          vectors_(vectors) {}

    [[nodiscard]] const char* name() const override { return "pci"; }
    [[nodiscard]] std::uint32_t device_id() const override { return type_; }

    [[nodiscard]] std::uint64_t offered_features() override {
        common_.write32(VIRTIO_PCI_COMMON_DFSELECT, 0);
        const std::uint64_t low = common_.read32(VIRTIO_PCI_COMMON_DF);
        common_.write32(VIRTIO_PCI_COMMON_DFSELECT, 1);
        return low | static_cast<std::uint64_t>(common_.read32(VIRTIO_PCI_COMMON_DF)) << 32;
    }

    [[nodiscard]] std::uint32_t queue_limit(std::uint32_t queue) override {
        if (queue >= notify_offsets_.size() || queue >= common_.read16(VIRTIO_PCI_COMMON_NUMQ)) return 0;
        select(queue);
        return common_.read16(VIRTIO_PCI_COMMON_Q_SIZE);
    }

    [[nodiscard]] Result<> reset() override {
        common_.write8(VIRTIO_PCI_COMMON_STATUS, 0);
        // Section 4.1.4.3.2: the reset is complete when the status reads 0. Each read is an exit, so this waits long.
        for (unsigned attempt = 0; attempt < 100'000; ++attempt)
            if (status() == 0) return {};
        return fail(Error::timed_out);
    }

    void acknowledge() override {
        add_status(VIRTIO_CONFIG_S_ACKNOWLEDGE);
        add_status(VIRTIO_CONFIG_S_DRIVER);
    }

    [[nodiscard]] Result<> accept_features(std::uint64_t features) override {
        common_.write32(VIRTIO_PCI_COMMON_GFSELECT, 0);
        common_.write32(VIRTIO_PCI_COMMON_GF, static_cast<std::uint32_t>(features));
        common_.write32(VIRTIO_PCI_COMMON_GFSELECT, 1);
        common_.write32(VIRTIO_PCI_COMMON_GF, static_cast<std::uint32_t>(features >> 32));
        add_status(VIRTIO_CONFIG_S_FEATURES_OK);
        // Section 3.1.1, step 6: the device clears the bit if it does not accept the subset.
        if ((status() & VIRTIO_CONFIG_S_FEATURES_OK) == 0) return fail(Error::not_supported);
        return {};
    }

    [[nodiscard]] Result<> set_up_queue(std::uint32_t queue, std::uint16_t size,
                                        const QueueAddresses& addresses) override {
        // Section 4.1.5.1.3, in its order: MSI-X vector and addresses first, queue_enable last.
        if (queue_limit(queue) < size) return fail(Error::not_supported);
        if (common_.read16(VIRTIO_PCI_COMMON_Q_ENABLE) != 0) return fail(Error::device_broken);
        common_.write16(VIRTIO_PCI_COMMON_Q_SIZE, size);
        if (common_.read16(VIRTIO_PCI_COMMON_Q_SIZE) != size) return fail(Error::not_supported);
        // Section 4.1.5.1.2.2: reads back as another value if the device has no resources for the vector.
        if (sends_messages()) CHECK(set_vector(VIRTIO_PCI_COMMON_Q_MSIX, vectors_.queues));
        const std::uint64_t place = std::uint64_t{common_.read16(VIRTIO_PCI_COMMON_Q_NOFF)} * notify_multiplier_;
        if (place % 2 != 0 || place + 2 > notify_.size()) return fail(Error::device_broken);
        notify_offsets_[queue] = static_cast<std::uint32_t>(place);
        write64(VIRTIO_PCI_COMMON_Q_DESCLO, addresses.descriptors);
        write64(VIRTIO_PCI_COMMON_Q_AVAILLO, addresses.driver);
        write64(VIRTIO_PCI_COMMON_Q_USEDLO, addresses.device);
        common_.write16(VIRTIO_PCI_COMMON_Q_ENABLE, 1);
        return {};
    }

    [[nodiscard]] Result<> driver_ok() override {
        if (sends_messages()) CHECK(set_vector(VIRTIO_PCI_COMMON_MSIX, vectors_.configuration));
        add_status(VIRTIO_CONFIG_S_DRIVER_OK);
        return {};
    }

    void give_up() override { add_status(VIRTIO_CONFIG_S_FAILED); }

    [[nodiscard]] bool needs_reset() override { return (status() & VIRTIO_CONFIG_S_NEEDS_RESET) != 0; }
    void notify(std::uint32_t queue) override {
        notify_.write16(notify_offsets_[queue], static_cast<std::uint16_t>(queue));
    }

    void read_configuration(std::size_t offset, std::span<std::byte> bytes) override {
        // Section 4.1.4.3.1: the bytes are consistent if the generation is the same before and after. If it changes at
        // each attempt, the last bytes count.
        const std::size_t width = width_of(offset, bytes.size());
        for (unsigned attempt = 0; attempt < 16; ++attempt) {
            const std::uint8_t generation = common_.read8(VIRTIO_PCI_COMMON_CFGGENERATION);
            std::memset(bytes.data(), 0, bytes.size());
            for (std::size_t i = 0; i < bytes.size() && offset + i < device_.size();)
                i += read_part(offset + i, width, bytes.subspan(i));
            if (common_.read8(VIRTIO_PCI_COMMON_CFGGENERATION) == generation) return;
        }
    }

    void write_configuration(std::size_t offset, std::span<const std::byte> bytes) override {
        if (offset > device_.size() || bytes.size() > device_.size() - offset) return;
        const std::size_t width = width_of(offset, bytes.size());
        for (std::size_t i = 0; i < bytes.size(); i += width) {
            const std::span<const std::byte> part = bytes.subspan(i);
            if (width == 4)
                device_.write32(offset + i, value_of<std::uint32_t>(part));
            else if (width == 2)
                device_.write16(offset + i, value_of<std::uint16_t>(part));
            else
                device_.write8(offset + i, static_cast<std::uint8_t>(part.front()));
        }
    }

    void listen(Listener* listener) override { listener_ = listener; }

    void queue_interrupt() {
        if (listener_ != nullptr) listener_->queues_used();
        if (vectors_.queues == vectors_.configuration) configuration_interrupt();
    }
    void configuration_interrupt() {
        if (listener_ != nullptr) listener_->configuration_changed();
    }

    /// Serves the device when its line is active, which it may share (section 4.1.5.4): reading the status clears it,
    /// and the device releases the line. False: this device did not hold it.
    bool line_interrupt() {
        constexpr unsigned queues = 1 << 0, configuration = VIRTIO_PCI_ISR_CONFIG;
        const unsigned reasons = isr_.read8(0) & (queues | configuration);
        if (listener_ != nullptr && (reasons & queues) != 0) listener_->queues_used();
        if (listener_ != nullptr && (reasons & configuration) != 0) listener_->configuration_changed();
        return reasons != 0;
    }

private:
    [[nodiscard]] bool sends_messages() const { return isr_.size() == 0; }
    [[nodiscard]] std::uint8_t status() { return common_.read8(VIRTIO_PCI_COMMON_STATUS); }
    void add_status(unsigned bit) {
        common_.write8(VIRTIO_PCI_COMMON_STATUS, static_cast<std::uint8_t>(status() | bit));
    }
    void select(std::uint32_t queue) { common_.write16(VIRTIO_PCI_COMMON_Q_SELECT, static_cast<std::uint16_t>(queue)); }
    void write64(std::size_t low, PhysicalAddress address) {
        common_.write32(low, static_cast<std::uint32_t>(to_integer(address)));
        common_.write32(low + 4, static_cast<std::uint32_t>(to_integer(address) >> 32));
    }
    Result<> set_vector(std::size_t field, std::uint16_t vector) {
        common_.write16(field, vector);
        if (common_.read16(field) != vector) return fail(Error::no_memory);
        return {};
    }

    /// Section 4.1.3.1: a field is accessed by its own width, one of 64 bits as two of 32. Drivers access one field at
    /// a time, so its size is its width; any other size is an array of bytes.
    static std::size_t width_of(std::size_t offset, std::size_t size) {
        if (size % 4 == 0 && offset % 4 == 0) return 4;
        return size == 2 && offset % 2 == 0 ? 2 : 1;
    }
    /// Reads one unit of `width`, or a byte where the configuration ends earlier; returns how many bytes were read.
    std::size_t read_part(std::size_t offset, std::size_t width, std::span<std::byte> bytes) {
        const std::size_t left = device_.size() - offset;
        if (width == 4 && left >= 4) return put(bytes, device_.read32(offset));
        if (width == 2 && left >= 2) return put(bytes, device_.read16(offset));
        return put(bytes, device_.read8(offset));
    }
    template <typename T>
    [[nodiscard]] static T value_of(std::span<const std::byte> bytes) {
        T value;
        std::memcpy(&value, bytes.data(), sizeof(value));
        return value;
    }
    template <typename T>
    static std::size_t put(std::span<std::byte> bytes, T value) {
        std::memcpy(bytes.data(), &value, sizeof(value));
        return sizeof(value);
    }

    std::uint32_t type_;
    Registers common_;
    Registers notify_;
    Registers device_;
    Registers isr_;
    std::uint32_t notify_multiplier_;
    PciVectors vectors_;
    std::array<std::uint32_t, abi::max_queues> notify_offsets_{};
    Listener* listener_ = nullptr;
};

}  // namespace tenon::virtio
