// SPDX-License-Identifier: Apache-2.0
// Writing a PVH start record.
#include "hv/accel/kvm/pvh_record.h"

#include <fmt/format.h>

#include "hv/accel/kvm/device_slot.h"
#include "hypercall/pvh.h"

namespace hv::kvm {

namespace {

using tenon::abi::pvh::HvmStartInfo;
using tenon::abi::pvh::MemoryMapEntry;

constexpr std::uint64_t record_offset = 3 * tenon::abi::page_size;
static_assert(record_offset + tenon::abi::page_size == tenon::abi::io_zone::read_only_size);

}  // namespace

std::string with_devices(const std::string& command_line, std::size_t device_count) {
    std::string result;
    for (std::uint32_t i = 0; i < device_count; ++i)
        result += fmt::format("virtio_mmio.device=4K@{:#x}:{} ", device_registers(i), line::device(i));
    return result + command_line;
}

std::uint64_t pvh_record_address(const IoZone& zone) { return zone.address() + record_offset; }

void write_pvh_record(const IoZone& zone, const MemoryLayout& layout) {
    auto& record = zone.at<HvmStartInfo>(record_offset);
    auto* map = reinterpret_cast<MemoryMapEntry*>(&record + 1);
    for (const tenon::abi::MemoryRange& range : layout.ram())
        *map++ = {range.base, range.size, tenon::abi::pvh::MemoryType::ram, 0};
    record = {};
    record.magic = tenon::abi::pvh::start_info_magic;
    record.version = 1;
    record.command_line =
        zone.address() + tenon::abi::io_zone::start_info + offsetof(tenon::abi::StartInfo, command_line);
    record.memory_map = pvh_record_address(zone) + sizeof record;
    record.memory_map_count = layout.range_count;
}

}  // namespace hv::kvm
