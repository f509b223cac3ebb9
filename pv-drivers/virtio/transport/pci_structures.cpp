// SPDX-License-Identifier: Apache-2.0
// The vendor-specific capabilities of a virtio device.
#include "pv-drivers/virtio/transport/pci_structures.h"

#include <algorithm>
#include <array>

#include "kernel/pci/bar.h"
#include "kernel/pci/capability.h"
#include "kernel/pci/free_address.h"
#include "kernel/pci/msix.h"
#include "pv-drivers/virtio/uapi.h"

namespace tenon::virtio {

namespace {

/// A device may claim any length for a structure: longer ones are cut to this.
constexpr std::uint64_t longest_structure = 2 << 20;

/// The function's bars. Each is read once.
class Bars {
public:
    Bars(pci::ConfigurationSpace& space, pci::Location function, abi::MemoryRange hole, std::uint64_t limit)
        : space_(space), function_(function), hole_(hole), limit_(limit) {}

    /// Size 0: it cannot be used.
    abi::MemoryRange range(std::uint8_t index) {
        if (index >= ranges_.size()) return {};
        if (!ranges_[index]) ranges_[index] = place(index);
        return *ranges_[index];
    }
    /// A bar is needed that has no address, and could be given none.
    [[nodiscard]] bool lack_address() const { return lack_address_; }

private:
    abi::MemoryRange place(std::uint8_t index) {
        Result<abi::MemoryRange> range = pci::read_bar(space_, function_, index);
        if (!range) return {};
        if (range->base != 0 && range->base < limit_ && range->size <= limit_ - range->base) return *range;
        const Result<std::uint64_t> address =
            function_.bus == 0 ? pci::find_free_address(space_, hole_, range->size) : fail(Error::not_supported);
        if (!address) {
            lack_address_ = true;
            return {};
        }
        pci::write_bar(space_, function_, index, *address);
        return {*address, range->size};
    }

    pci::ConfigurationSpace& space_;
    pci::Location function_;
    abi::MemoryRange hole_;
    std::uint64_t limit_;
    std::array<std::optional<abi::MemoryRange>, pci::bar_count> ranges_{};
    bool lack_address_ = false;
};

/// A part of a bar, cut to longest_structure. Size 0: it is not inside the bar, too short, or misaligned.
abi::MemoryRange part_of(const abi::MemoryRange& bar, std::uint64_t offset, std::uint64_t length,
                         std::uint64_t shortest, std::uint64_t alignment) {
    if (length < shortest || offset % alignment != 0 || offset > bar.size || length > bar.size - offset) return {};
    return {bar.base + offset, std::min(length, longest_structure)};
}

/// Reads one virtio_pci_cap (section 4.1.4).
void take_capability(pci::ConfigurationSpace& space, pci::Location function, std::uint8_t place, Bars& bars,
                     PciStructures& found) {
    std::uint32_t words[5];
    pci::read_capability(space, function, place, words);
    const std::uint32_t length = words[0] >> 16 & 0xFF, type = words[0] >> 24;
    const auto bar = static_cast<std::uint8_t>(words[1] & 0xFF);
    const auto take = [&](abi::MemoryRange& target, std::uint64_t shortest, std::uint64_t alignment) {
        if (target.size != 0 || length < sizeof(virtio_pci_cap)) return false;
        target = part_of(bars.range(bar), words[2], words[3], shortest, alignment);
        return target.size != 0;
    };
    if (type == VIRTIO_PCI_CAP_COMMON_CFG) (void)take(found.common, sizeof(virtio_pci_common_cfg), 4);
    if (type == VIRTIO_PCI_CAP_ISR_CFG) (void)take(found.isr, 1, 1);
    if (type == VIRTIO_PCI_CAP_DEVICE_CFG) (void)take(found.device, 1, 4);
    if (type == VIRTIO_PCI_CAP_NOTIFY_CFG && length >= sizeof(virtio_pci_notify_cap) && take(found.notify, 2, 2))
        found.notify_multiplier = words[4];
}

}  // namespace

std::optional<std::uint32_t> virtio_type(pci::ConfigurationSpace& space, pci::Location function,
                                         std::uint32_t identity) {
    constexpr std::uint16_t vendor = 0x1AF4, first_transitional = 0x1000, first_modern = 0x1040, last_modern = 0x107F;
    constexpr std::uint8_t subsystem = 0x2C;
    const std::uint16_t device = pci::device_of(identity);
    if (pci::vendor_of(identity) != vendor || device < first_transitional || device > last_modern) return std::nullopt;
    if (device >= first_modern) return device - first_modern;
    return space.read(function, subsystem) >> 16;
}

std::expected<PciStructures, const char*> find_pci_structures(pci::ConfigurationSpace& space, pci::Location function,
                                                              abi::MemoryRange hole, std::uint64_t limit) {
    PciStructures found{};
    Bars bars(space, function, hole, limit);
    bool modern = false;
    pci::for_each_capability(space, function, [&](pci::CapabilityId id, std::uint8_t offset) {
        if (id != pci::CapabilityId::vendor_specific) return true;
        modern = true;
        take_capability(space, function, offset, bars, found);
        return true;
    });
    if (!modern) return std::unexpected("it has only the legacy interface (QEMU: disable-modern=off)");
    const std::optional<pci::MsixCapability> msix = pci::find_msix(space, function);
    if (msix) {
        found.vectors = msix->entries;
        found.msix_capability = msix->offset;
        const std::uint64_t table_size = msix->entries * std::uint64_t{pci::msix_entry_size};
        found.msix_table = part_of(bars.range(msix->table_bar), msix->table_offset, table_size, table_size, 8);
        found.isr = {};
    }
    if (bars.lack_address()) return std::unexpected("its registers have no address, and no free one was found");
    if (found.common.size == 0) return std::unexpected("it has no usable common configuration");
    if (found.notify.size == 0) return std::unexpected("it has no usable notification registers");
    if (msix && found.msix_table.size == 0) return std::unexpected("its MSI-X table is not within its memory");
    if (!msix && found.isr.size == 0) return std::unexpected("it has neither MSI-X nor a usable interrupt status");
    return found;
}

}  // namespace tenon::virtio
