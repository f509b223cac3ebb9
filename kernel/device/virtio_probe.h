// SPDX-License-Identifier: Apache-2.0
// Where platforms hand virtio devices to their drivers (pv-drivers/virtio/transport defines the functions). Called on
// the boot thread, with threads and interrupts working.
#pragma once

#include <cstdint>

#include "hypercall/start_info.h"
#include "kernel/pci/bus.h"
#include "kernel/pci/msix.h"

/// Defined beside the code that finds devices. Every driver refers to it, so an image contains that code only if it has
/// a driver.
extern "C" const char tenon_driver_is_linked;

namespace tenon {

/// Every device of the device page (pv).
void probe_virtio_hypercall(const abi::StartInfo& start);

/// A register page at `address` (guest-physical, mapped, `size` bytes). `event` is the bit of abi::VcpuEvents::pending
/// that the platform raises for the device's interrupt, which may be edge-triggered: the handler acknowledges until
/// InterruptStatus is 0, so that the line is low when it returns. Skips an empty slot (device 0).
void probe_virtio_mmio(std::uint64_t address, std::uint64_t size, std::uint32_t event);

/// A platform's services for a PCI device.
struct PciResources {
    struct Interrupt {
        std::uint32_t event;  ///< bit of abi::VcpuEvents::pending that the platform raises for the message
        pci::InterruptMessage message;
    };
    Interrupt configuration, queues;
    abi::MemoryRange hole;  ///< guest-physical addresses that the host bridge decodes, without RAM
    std::uint64_t limit;    ///< addresses from here on cannot be mapped
    /// Routes the function's interrupt line to abi::event::lines. Returns a reason for failure, for people, or null.
    const char* (*route_line)(pci::ConfigurationSpace& space, pci::Location function);
    /// Maps device registers, uncached. False: they cannot be mapped.
    bool (*map)(abi::MemoryRange registers);
};

/// If the function is a virtio device with the modern interface, and MSI-X or at least an interrupt line: resets it and
/// hands it to its driver. False: `resources` were not used.
bool probe_virtio_pci(pci::ConfigurationSpace& space, const pci::Function& function, const PciResources& resources);

}  // namespace tenon
