// SPDX-License-Identifier: Apache-2.0
// Which driver takes which device. A driver that is linked registers itself; what an image does not name is not there.
#pragma once

#include <cstdint>

#include "kernel/base/image_note.h"
#include "kernel/device/virtio_probe.h"
#include "pv-drivers/virtio/transport.h"

namespace tenon::virtio {

/// Its size is its alignment: the compiler may align objects in a section of their own more than their type asks for,
/// and then entries of another size would not stand side by side.
struct alignas(32) Driver {
    std::uint32_t device_id;  ///< virtio 1.2, section 5
    const char* name;
    /// Takes the device, or returns why not: then the transport is reset and forgotten.
    Result<> (*probe)(Transport& transport);
    const char* bus;  ///< &tenon_driver_is_linked
};

/// Offers a device to the drivers of the image. False: nobody took it.
[[nodiscard]] bool attach(Transport& transport);

}  // namespace tenon::virtio

/// An entry in the linker section that attach() walks. Use at namespace scope in a driver's .cpp file.
/// The note (abi::driver_note_type) tells hypervisors that the image has it; `id` is a macro of linux/virtio_ids.h.
#define TENON_VIRTIO_DRIVER(id, function)                                                                           \
    TENON_IMAGE_NOTE(2, ".long " TENON_NOTE_TEXT(id));                                                              \
    [[gnu::section(".tenon.virtio_drivers"), gnu::used,                                                             \
      gnu::retain]] static const ::tenon::virtio::Driver tenon_virtio_driver_##function = {id, #function, function, \
                                                                                           &tenon_driver_is_linked}
