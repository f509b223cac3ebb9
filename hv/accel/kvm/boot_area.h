// SPDX-License-Identifier: Apache-2.0
// What a guest finds in memory when `kvm` enters it: the I/O zone's pages of hv, and the PVH record.
#pragma once

#include <cstdint>
#include <string>

#include "hv/accel/accelerator.h"
#include "hv/accel/kvm/guest_ram.h"
#include "hypercall/clock.h"
#include "hypercall/events.h"

namespace hv::kvm {

/// Guest-physical address of device `index`'s registers.
constexpr std::uint64_t device_registers(std::uint64_t index) { return 0xD000'0000 + index * 0x1000; }

/// `virtio_mmio.device=` for each of the devices, then the user's command line.
[[nodiscard]] std::string with_devices(const std::string& command_line, std::size_t device_count);

/// The I/O zone, as hv sees it.
class BootArea {
public:
    BootArea(const GuestRam& ram, const MemoryLayout& layout) : layout_(layout), zone_(ram.at(layout.io_zone)) {}

    /// Writes the start record and, in the last page that only hv writes, the PVH record.
    Result<> fill(const MachineSetup& setup);
    [[nodiscard]] std::uint64_t pvh_record() const { return layout_.io_zone.base + pvh_offset; }
    /// What devices may touch: not the pages in which hv and the guest talk.
    [[nodiscard]] GuestMemory device_memory() const;

    [[nodiscard]] tenon::abi::StartInfo& start_info() const {
        return at<tenon::abi::StartInfo>(tenon::abi::io_zone::start_info);
    }
    [[nodiscard]] tenon::abi::ClockPage& clock() const { return at<tenon::abi::ClockPage>(tenon::abi::io_zone::clock); }
    [[nodiscard]] tenon::abi::EventPage& events() const {
        return at<tenon::abi::EventPage>(tenon::abi::io_zone::events);
    }
    [[nodiscard]] tenon::abi::HypercallSlot& slot(std::uint32_t vcpu) const {
        return at<tenon::abi::HypercallSlot>(tenon::abi::io_zone::hypercall_slots +
                                             vcpu * sizeof(tenon::abi::HypercallSlot));
    }

private:
    static constexpr std::uint64_t pvh_offset = 3 * tenon::abi::page_size;
    static_assert(pvh_offset + tenon::abi::page_size == tenon::abi::io_zone::read_only_size);

    template <typename T>
    T& at(std::uint64_t offset) const {
        return *reinterpret_cast<T*>(zone_.data() + offset);
    }

    MemoryLayout layout_;
    std::span<std::byte> zone_;
};

}  // namespace hv::kvm
