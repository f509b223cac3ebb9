// SPDX-License-Identifier: Apache-2.0
// The parts of a machine that an accelerator needs.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "hv/core/clock_pair.h"
#include "hv/core/event_loop.h"
#include "hv/devices/device.h"
#include "hv/guest/guest_end.h"
#include "hv/guest/start_info.h"
#include "hv/image/image.h"

namespace hv {

/// The accelerator copies it; what it refers to (image, devices, loop) outlives the accelerator.
struct MachineSetup {
    std::string name;
    std::uint64_t memory_bytes;
    std::uint32_t vcpu_count = 1;   ///< more than 1 on pv only
    bool mergeable_memory = false;  ///< KSM may merge the guest's pages
    bool private_memory = false;    ///< all of it the guest's own from the start: no file's page, no zero page
    std::string command_line;
    const Image& image;
    std::span<Device* const> devices;  ///< the index is the device number
    std::uint64_t hv_start_tsc;
    ClockPair clock_start;  ///< from which the TSC's rate is measured: see first_clock_pair()
    EventLoop& loop;
    // Called on the loop's thread.
    std::function<void(std::string_view)> console;  ///< text of the guest, before its console has a driver
    std::function<void()> ready;                    ///< the program is ready for work
    std::function<void(GuestEnd)> ended;            ///< called once

    [[nodiscard]] StartParameters start_parameters(tenon::abi::Accelerator accelerator,
                                                   const MemoryLayout& memory) const {
        return {.accelerator = accelerator,
                .vcpu_count = vcpu_count,
                .device_count = static_cast<std::uint32_t>(devices.size()),
                .memory = memory,
                .image = image.layout(),
                .machine_name = name,
                .command_line = command_line,
                .hv_start_tsc = hv_start_tsc};
    }
};

}  // namespace hv
