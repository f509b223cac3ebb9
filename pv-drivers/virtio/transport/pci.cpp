// SPDX-License-Identifier: Apache-2.0
// virtio-pci functions of the machine. Their bars are mapped at guest_base + physical address.
#include "pv-drivers/virtio/transport/pci.h"

#include <new>

#include "hypercall/events.h"
#include "kernel/console/console.h"
#include "kernel/device/virtio_probe.h"
#include "kernel/pci/msix.h"
#include "kernel/trap/interrupts.h"
#include "pv-drivers/virtio/driver.h"
#include "pv-drivers/virtio/transport/line_sharers.h"
#include "pv-drivers/virtio/transport/pci_structures.h"

namespace tenon {
namespace {

/// Each call is one volatile access of the given width.
class MappedRegisters {
public:
    explicit MappedRegisters(const abi::MemoryRange& range)
        : base_(to_pointer<volatile std::uint8_t>(PhysicalAddress{range.base})), size_(range.size) {}
    [[nodiscard]] std::uint8_t read8(std::size_t offset) const { return at<std::uint8_t>(offset); }
    [[nodiscard]] std::uint16_t read16(std::size_t offset) const { return at<std::uint16_t>(offset); }
    [[nodiscard]] std::uint32_t read32(std::size_t offset) const { return at<std::uint32_t>(offset); }
    void write8(std::size_t offset, std::uint8_t value) { at<std::uint8_t>(offset) = value; }
    void write16(std::size_t offset, std::uint16_t value) { at<std::uint16_t>(offset) = value; }
    void write32(std::size_t offset, std::uint32_t value) { at<std::uint32_t>(offset) = value; }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    template <typename T>
    [[nodiscard]] volatile T& at(std::size_t offset) const {
        return *reinterpret_cast<volatile T*>(base_ + offset);
    }
    volatile std::uint8_t* base_;
    std::size_t size_;
};

constinit virtio::LineSharers devices_on_lines;

class MachinePciTransport final : public virtio::PciTransport<MappedRegisters>, public virtio::LineSharer {
public:
    MachinePciTransport(std::uint32_t type, const Structures& structures, virtio::PciVectors vectors,
                        const PciResources& resources)
        : PciTransport(type, structures, vectors),
          on_line_(structures.isr.size() != 0),
          queue_event_(resources.queues.event),
          configuration_event_(resources.configuration.event) {}
    ~MachinePciTransport() {
        if (linked()) virtio::LineSharers::remove(*this);
        interrupts::set_handler(queue_event_, nullptr, nullptr);
        interrupts::set_handler(configuration_event_, nullptr, nullptr);
    }
    MachinePciTransport(const MachinePciTransport&) = delete;
    MachinePciTransport& operator=(const MachinePciTransport&) = delete;

    void listen(virtio::Listener* listener) override {
        PciTransport::listen(listener);
        if (on_line_) return listen_to_line();
        interrupts::set_handler(
            queue_event_, [](void* self) { static_cast<MachinePciTransport*>(self)->queue_interrupt(); }, this);
        interrupts::set_handler(
            configuration_event_,
            [](void* self) { static_cast<MachinePciTransport*>(self)->configuration_interrupt(); }, this);
    }

    bool serve_line() override { return line_interrupt(); }

private:
    void listen_to_line() {
        const interrupts::Masked masked;
        if (!linked()) devices_on_lines.add(*this);
        interrupts::set_handler(
            abi::event::lines, [](void*) { devices_on_lines.serve(); }, nullptr);
    }

    bool on_line_;
    std::uint32_t queue_event_, configuration_event_;
};

/// Writes the messages of the vectors in use into the MSI-X table.
void set_messages(pci::ConfigurationSpace& space, pci::Location function, const virtio::PciStructures& found,
                  virtio::PciVectors vectors, const PciResources& resources) {
    MappedRegisters table(found.msix_table);
    const pci::MsixCapability msix{.offset = found.msix_capability, .table_bar = 0, .table_offset = 0, .entries = 0};
    pci::enable_msix(space, function, msix, false);
    pci::write_msix_entry(table, vectors.configuration, resources.configuration.message);
    pci::write_msix_entry(table, vectors.queues, resources.queues.message);
    pci::enable_msix(space, function, msix, true);
}

/// Brings a function whose structures are known up to a working driver. Returns a reason for failure, or null.
[[gnu::cold]] const char* start(pci::ConfigurationSpace& space, pci::Location function, std::uint32_t type,
                                const virtio::PciStructures& found, const PciResources& resources) {
    for (const abi::MemoryRange& registers : {found.common, found.notify, found.device, found.isr, found.msix_table})
        if (registers.size != 0 && !resources.map(registers)) return "its registers cannot be mapped";
    pci::change_command(space, function, pci::command_bus_master, pci::command_memory | pci::command_no_intx);
    const virtio::PciVectors vectors = found.vectors > 1 ? virtio::PciVectors{.configuration = 0, .queues = 1}
                                                         : virtio::PciVectors{.configuration = 0, .queues = 0};
    const MachinePciTransport::Structures structures{.common = MappedRegisters(found.common),
                                                     .notify = MappedRegisters(found.notify),
                                                     .device = MappedRegisters(found.device),
                                                     .isr = MappedRegisters(found.isr),
                                                     .notify_multiplier = found.notify_multiplier};
    auto* transport = new (std::nothrow) MachinePciTransport(type, structures, vectors, resources);
    if (transport == nullptr) return "there is no memory for it";
    // Firmware may have used it: the reset makes it forget its rings before it may access memory again.
    if (!transport->reset()) {
        delete transport;
        return "it does not reset";
    }
    if (found.vectors != 0) {
        set_messages(space, function, found, vectors, resources);
    } else if (const char* problem = resources.route_line(space, function); problem != nullptr) {
        delete transport;
        return problem;
    }
    pci::change_command(space, function, found.vectors == 0 ? pci::command_no_intx : 0, pci::command_bus_master);
    if (virtio::attach(*transport)) return nullptr;
    pci::change_command(space, function, pci::command_bus_master, pci::command_no_intx);
    delete transport;
    return nullptr;  // attach() has printed the reason
}

}  // namespace

[[gnu::cold]] bool probe_virtio_pci(pci::ConfigurationSpace& space, const pci::Function& function,
                                    const PciResources& resources) {
    const std::optional<std::uint32_t> type = virtio::virtio_type(space, function.location, function.identity);
    if (!type) return false;
    const auto found = virtio::find_pci_structures(space, function.location, resources.hole, resources.limit);
    const char* problem = found ? start(space, function.location, *type, *found, resources) : found.error();
    if (problem != nullptr)
        warn("virtio: the PCI device at %02x:%02x.%u (type %u) is not used: %s", function.location.bus,
             function.location.device, function.location.function, *type, problem);
    return problem == nullptr;
}

}  // namespace tenon
