// SPDX-License-Identifier: Apache-2.0
// First C++ code of a hardware-assisted machine: on the entry code's page tables, which reach the first 4 GiB.
#include <cstring>
#include <new>

#include "hypercall/note.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/boot/boot.h"
#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/boot_information.h"
#include "kernel/platform/hvm/foreign_platform.h"
#include "kernel/platform/hvm/kvm_platform.h"
#include "kernel/platform/hvm/machine.h"
#include "kernel/platform/hvm/other_vcpus.h"
#include "kernel/platform/hvm/processor.h"
#include "kernel/platform/hvm/uart.h"

namespace tenon::hvm {

namespace {

constinit BootInformation information;
constinit abi::VcpuEvents boot_cpu_events{};
alignas(KvmPlatform) constinit std::byte kvm_memory[sizeof(KvmPlatform)] = {};
alignas(ForeignPlatform) constinit std::byte foreign_memory[sizeof(ForeignPlatform)] = {};

/// The entry code's page tables map memory up to here.
constexpr std::uint64_t early_limit = 4ULL << 30;

template <typename T>
std::span<const T> early_array(std::uint64_t address, std::size_t count) {
    if (address == 0 || address >= early_limit || count > (early_limit - address) / sizeof(T)) return {};
    return {to_pointer<const T>(PhysicalAddress{address}), count};
}

void read_start_info(std::uint32_t address) {
    const auto start = early_array<abi::pvh::HvmStartInfo>(address, 1);
    if (start.empty() || start[0].magic != abi::pvh::start_info_magic) refuse_to_boot("no PVH start info", "");
    if (start[0].version < 1) refuse_to_boot("PVH start info of version 0 has no memory map", "");
    const auto map = early_array<abi::pvh::MemoryMapEntry>(start[0].memory_map, start[0].memory_map_count);
    take_memory_map(information, map, ram_limit);
    // Read now, because the kernel's own page tables will not map ACPI's tables.
    const acpi::PhysicalMemory memory{to_pointer<const std::byte>(PhysicalAddress{0}), early_limit};
    information.acpi = acpi::read_tables(memory, start[0].acpi_rsdp);
    const auto text = early_array<char>(start[0].command_line, 1);
    if (!text.empty())
        take_command_line(information, {text.data(), ::strnlen(text.data(), BootInformation::max_command_line)});
    if (other_vcpus() != nullptr)
        information.startup_page = other_vcpus()->find(information.acpi, memory, information.ram());
}

[[noreturn]] void boot_on_hv(const HvOffer& offer) {
    const auto start = early_array<abi::StartInfo>(offer.io_zone, 1);
    if (start.empty() || start[0].magic != abi::start_info_magic || start[0].abi_version != abi::version)
        refuse_to_boot("hv speaks another version of the ABI", "");
    tenon_xstate_mask = enable_processor_features(start[0].xstate_mask);
    const auto ram = std::span(start[0].ranges).first(start[0].range_count);
    const abi::MemoryRange tables = build_address_space(ram, start[0].io_zone);
    if (tables.size == 0) refuse_to_boot("too little memory for page tables", "");
    prepare_cpu(0, boot_cpu_events);
    boot(*new (kvm_memory) KvmPlatform(start[0], offer, tables));
}

[[noreturn]] void boot_elsewhere(std::uint32_t start_info) {
    prepare_uart();
    read_start_info(start_info);
    tenon_xstate_mask = enable_processor_features(xstate::baseline);
    const abi::MemoryRange tables = build_address_space(information.ram(), {});
    if (tables.size == 0) refuse_to_boot("too little memory for page tables", "");
    prepare_cpu(0, boot_cpu_events);
    boot(*new (foreign_memory) ForeignPlatform(information, tables));
}

extern "C" [[noreturn, gnu::used]] void tenon_hvm_entry(std::uint32_t start_info) {
    if (const char* missing = missing_processor_features(); missing != nullptr)
        refuse_to_boot("the processor lacks ", missing);
    if (const HvOffer* offer = find_hv(); offer != nullptr) boot_on_hv(*offer);
    boot_elsewhere(start_info);
}

}  // namespace

}  // namespace tenon::hvm
