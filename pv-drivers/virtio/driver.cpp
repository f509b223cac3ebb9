// SPDX-License-Identifier: Apache-2.0
// The virtio bus: matches devices and drivers.
#include "pv-drivers/virtio/driver.h"

#include "kernel/console/console.h"

extern "C" {
extern const tenon::virtio::Driver __tenon_virtio_drivers_begin[];
extern const tenon::virtio::Driver __tenon_virtio_drivers_end[];
}

namespace tenon::virtio {

bool attach(Transport& transport) {
    const std::uint32_t id = transport.device_id();
    for (const Driver* driver = __tenon_virtio_drivers_begin; driver != __tenon_virtio_drivers_end; ++driver) {
        if (driver->device_id != id) continue;
        const Result<> taken = driver->probe(transport);
        if (taken) {
            log("virtio: %s over %s", driver->name, transport.name());
            return true;
        }
        warn("virtio: %s cannot use its device (error %u)", driver->name, static_cast<unsigned>(taken.error()));
        transport.give_up();
        return false;
    }
    log("virtio: no driver for device type %u in this image", id);
    return false;
}

}  // namespace tenon::virtio
