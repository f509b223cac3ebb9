// SPDX-License-Identifier: Apache-2.0
// Matching devices and drivers. A driver that is linked into the image registers itself.
#pragma once

#include <cstdint>

#include "kernel/base/image_note.h"
#include "kernel/device/virtio_probe.h"
#include "pv-drivers/virtio/transport.h"

namespace tenon::virtio {

/// Aligned to its size: the compiler may align objects in a section of their own more strictly than their type
/// requires, which would leave gaps between entries.
struct alignas(32) Driver {
    std::uint32_t device_id;  ///< virtio 1.2, section 5
    const char* name;
    /// Takes the device, or returns an error: then the transport is reset and deleted.
    Result<> (*probe)(Transport& transport);
    const char* bus;  ///< &tenon_driver_is_linked
};

/// Offers a device to the drivers of the image. False: none took it.
[[nodiscard]] bool attach(Transport& transport);

}  // namespace tenon::virtio

/// An entry in the linker section that attach() walks. Use at namespace scope in a driver's .cpp file.
/// The note (abi::driver_note_type) tells hypervisors that the image has it; `id` is a macro of linux/virtio_ids.h.
#define TENON_VIRTIO_DRIVER(id, function)                                                                           \
    TENON_IMAGE_NOTE(2, ".long " TENON_NOTE_TEXT(id));                                                              \
    [[gnu::section(".tenon.virtio_drivers"), gnu::used,                                                             \
      gnu::retain]] static const ::tenon::virtio::Driver tenon_virtio_driver_##function = {id, #function, function, \
                                                                                           &tenon_driver_is_linked}
