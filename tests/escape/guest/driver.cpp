// SPDX-License-Identifier: Apache-2.0
// Setting devices up, and resetting them.
#include "tests/escape/guest/driver.h"

namespace escape {

using tenon::abi::Call;
using tenon::abi::QueueSetup;

Rings& rings(std::uint32_t queue) { return zone_at<Rings>(rings_offset + queue * sizeof(Rings)); }

std::uint64_t zone_address(std::uint64_t offset) { return start_info().io_zone.base + offset; }

const tenon::abi::DeviceRecord& record(std::uint32_t device) {
    return zone_at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices).devices[device];
}

std::uint32_t size_of_queue(std::uint32_t device, std::uint32_t queue) {
    const std::uint32_t most = record(device).queue_size[queue];
    return most < ring_size ? most : ring_size;
}

bool set_up(std::uint32_t device, std::uint64_t features) {
    auto* queues = reinterpret_cast<QueueSetup*>(slot().data);
    for (std::uint32_t i = 0; i < record(device).queue_count; ++i) {
        const std::uint64_t base = zone_address(rings_offset + i * sizeof(Rings));
        rings(i).available_index = 0;
        rings(i).used_index = 0;
        queues[i] = {size_of_queue(device, i), 0, base, base + offsetof(Rings, available_flags),
                     base + offsetof(Rings, used_flags)};
    }
    slot().number = Call::device_setup;
    slot().arguments[0] = device;
    slot().arguments[1] = features;
    slot().arguments[2] = record(device).queue_count;
    return hypercall() == 0;
}

void reset(std::uint32_t device) {
    slot().number = Call::device_reset;
    slot().arguments[0] = device;
    require(hypercall() == 0, "a reset is refused");
}

}  // namespace escape
