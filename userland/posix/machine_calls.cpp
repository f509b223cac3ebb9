// SPDX-License-Identifier: Apache-2.0
// The machine, for programs that report or measure it (userland/include/tenon/machine.h).
#include <tenon/machine.h>

#include "kernel/device/device_features.h"
#include "kernel/platform/hv/hypercall.h"
#include "kernel/platform/platform.h"

extern "C" {

void tenon_get_machine(tenon_machine* machine) {
    *machine = {.platform = tenon::platform().name(), .clock_source = tenon::platform().clock_source()};
}

int tenon_get_device(unsigned index, tenon_device* device) {
    const auto found = tenon::device_features().at(index);
    if (!found) return -1;
    *device = {.virtio_id = found->device_id, .features = found->features};
    return 0;
}

int tenon_null_hypercall() { return tenon::null_hypercall() ? 0 : -1; }

}  // extern "C"
