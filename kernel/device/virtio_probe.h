// SPDX-License-Identifier: Apache-2.0
// Where platforms hand virtio devices to their drivers (pv-drivers/virtio/transport defines the functions). Called on
// the boot thread, with threads and interrupts working.
#pragma once

#include <cstdint>

#include "hypercall/start_info.h"
#include "kernel/pci/bus.h"
#include "kernel/pci/msix.h"

/// Defined beside the code that finds devices: a driver refers to it, so that code is linked into an image with the
/// first driver, and into no other image.
extern "C" const char tenon_driver_is_linked;

namespace tenon {

/// Every device of the device page (pv).
void probe_virtio_hypercall(const abi::StartInfo& start);

/// A register page at `address` (guest-physical, mapped, `size` bytes). `event` is the bit of abi::VcpuEvents::pending
/// that the platform raises for the device's interrupt; the handler acknowledges until InterruptStatus is 0, so
/// the line is low again when it returns, and may be edge-triggered. An empty slot (device 0) is passed over.
void probe_virtio_mmio(std::uint64_t address, std::uint64_t size, std::uint32_t event);

/// What a platform has for a PCI device.
struct PciResources {
    struct Interrupt {
        std::uint32_t event;  ///< bit of abi::VcpuEvents::pending that the platform raises for the message
        pci::InterruptMessage message;
    };
    Interrupt configuration, queues;
    abi::MemoryRange hole;  ///< guest-physical addresses in which the host bridge decodes and nobody lives
    std::uint64_t limit;    ///< addresses from here on cannot be mapped
    /// Has the function's interrupt line raise abi::event::lines. Returns why it cannot be done, for people, or null.
    const char* (*route_line)(pci::ConfigurationSpace& space, pci::Location function);
    /// Maps device registers, uncached. False: it cannot be done.
    bool (*map)(abi::MemoryRange registers);
};

/// Takes a function if it is a virtio device with the modern interface, and MSI-X or at least an interrupt line: it is
/// reset whatever firmware has done with it, and handed to its driver. False: `resources` are free for another one.
bool probe_virtio_pci(pci::ConfigurationSpace& space, const pci::Function& function, const PciResources& resources);

}  // namespace tenon
