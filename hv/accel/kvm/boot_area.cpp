// SPDX-License-Identifier: Apache-2.0
// Filling the pages that a guest finds at its entry.
#include "hv/accel/kvm/boot_area.h"

#include <cstdio>

#include "hv/accel/kvm/virtual_machine.h"
#include "hv/machine/start_info.h"
#include "hypercall/pvh.h"

namespace hv::kvm {

using tenon::abi::pvh::HvmStartInfo;
using tenon::abi::pvh::MemoryMapEntry;

std::string with_devices(const std::string& command_line, std::size_t device_count) {
    std::string result;
    for (std::uint32_t i = 0; i < device_count; ++i) {
        char option[64];
        std::snprintf(option, sizeof option, "virtio_mmio.device=4K@0x%llx:%u ",
                      static_cast<unsigned long long>(device_registers(i)), line::device(i));
        result += option;
    }
    return result + command_line;
}

Result<> BootArea::fill(const MachineSetup& setup) {
    tenon::abi::StartInfo& start = start_info();
    MachineSetup with_options = setup;
    with_options.command_line = with_devices(setup.command_line, setup.devices.size());
    // One byte less than there is room for: PVH wants a zero at the end.
    if (with_options.command_line.size() >= sizeof start.command_line)
        return fail(ErrorKind::usage, "the guest's command line with its devices is longer than " +
                                          std::to_string(sizeof start.command_line - 1) + " bytes");
    CHECK(fill_start_info(start, with_options, layout_, tenon::abi::Accelerator::kvm));

    auto& record = at<HvmStartInfo>(pvh_offset);
    auto* map = reinterpret_cast<MemoryMapEntry*>(&record + 1);
    for (std::uint32_t i = 0; i < layout_.range_count; ++i)
        map[i] = {layout_.ranges[i].base, layout_.ranges[i].size, tenon::abi::pvh::MemoryType::ram, 0};
    record = {};
    record.magic = tenon::abi::pvh::start_info_magic;
    record.version = 1;
    record.command_line =
        layout_.io_zone.base + tenon::abi::io_zone::start_info + offsetof(tenon::abi::StartInfo, command_line);
    record.memory_map = pvh_record() + sizeof record;
    record.memory_map_count = layout_.range_count;
    return {};
}

GuestMemory BootArea::device_memory() const {
    constexpr std::uint64_t offset = tenon::abi::io_zone::buffers;
    const GuestMemory::Region region{layout_.io_zone.base + offset, zone_.subspan(offset)};
    return GuestMemory({&region, 1});
}

}  // namespace hv::kvm
