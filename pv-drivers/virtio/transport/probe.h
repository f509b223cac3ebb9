// SPDX-License-Identifier: Apache-2.0
// Where platforms hand their virtio devices over. On the boot thread, with threads and interrupts working.
#pragma once

#include <cstdint>

#include "hypercall/start_info.h"

namespace tenon {

/// Every device of the device page (pv).
void probe_virtio_hypercall(const abi::StartInfo& start);

/// A register page at `address` (guest-physical, mapped, `size` bytes). `event` is the bit of abi::VcpuEvents::pending
/// that the platform raises for the device's interrupt; the handler acknowledges until InterruptStatus is 0, so
/// the line is low again when it returns, and may be edge-triggered. An empty slot (device 0) is passed over.
void probe_virtio_mmio(std::uint64_t address, std::uint64_t size, std::uint32_t event);

}  // namespace tenon
