// SPDX-License-Identifier: Apache-2.0
// The I/O zone of a Tenon guest as hv sees it (hypercall/layout.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hv/core/guest_memory.h"
#include "hypercall/calls.h"
#include "hypercall/clock.h"
#include "hypercall/devices.h"
#include "hypercall/events.h"
#include "hypercall/start_info.h"

namespace hv {

/// A view: the accelerator owns the memory, which outlives the view. The guest may write everything from the event page
/// on at any time.
class IoZone {
public:
    /// `bytes`: the whole zone in hv's memory. `address`: of the zone, guest-physical.
    IoZone(std::span<std::byte> bytes, std::uint64_t address) : bytes_(bytes), address_(address) {}

    [[nodiscard]] std::uint64_t address() const { return address_; }
    [[nodiscard]] tenon::abi::StartInfo& start_info() const {
        return at<tenon::abi::StartInfo>(tenon::abi::io_zone::start_info);
    }
    [[nodiscard]] tenon::abi::ClockPage& clock() const { return at<tenon::abi::ClockPage>(tenon::abi::io_zone::clock); }
    [[nodiscard]] tenon::abi::DevicePage& devices() const {
        return at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices);
    }
    [[nodiscard]] tenon::abi::EventPage& events() const {
        return at<tenon::abi::EventPage>(tenon::abi::io_zone::events);
    }
    [[nodiscard]] tenon::abi::HypercallSlot& slot(std::uint32_t vcpu) const {
        return at<tenon::abi::HypercallSlot>(tenon::abi::io_zone::hypercall_slots +
                                             vcpu * sizeof(tenon::abi::HypercallSlot));
    }
    /// The object at `offset` of the zone.
    template <typename T>
    [[nodiscard]] T& at(std::uint64_t offset) const {
        return *reinterpret_cast<T*>(bytes_.data() + offset);
    }

    /// The memory that devices may touch: rings and buffers, not the pages through which hv and the guest talk.
    [[nodiscard]] GuestMemory device_memory() const {
        constexpr std::uint64_t offset = tenon::abi::io_zone::buffers;
        const GuestMemory::Region region{address_ + offset, bytes_.subspan(offset)};
        return GuestMemory({&region, 1});
    }

private:
    std::span<std::byte> bytes_;
    std::uint64_t address_;
};

}  // namespace hv
