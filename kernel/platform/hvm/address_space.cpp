// SPDX-License-Identifier: Apache-2.0
// Final page tables of a hardware-assisted machine.
#include "kernel/platform/hvm/address_space.h"

#include <algorithm>
#include <new>

#include "kernel/arch/x86_64/page_tables.h"
#include "kernel/arch/x86_64/system_registers.h"
#include "kernel/platform/hvm/other_vcpus.h"
#include "kernel/trap/spin_lock.h"

extern "C" {
extern const char __rodata_begin[];
extern const char __rodata_end[];
extern const char __text_begin[];
extern const char __text_end[];
extern const char __image_end[];
extern std::uint64_t tenon_root_table[];
}

namespace tenon::hvm {

static_assert(address_space_limit == PageTables::physical_limit);

namespace {

alignas(PageTables) constinit std::byte tables_memory[sizeof(PageTables)] = {};
PageTables& tables() { return *std::launder(reinterpret_cast<PageTables*>(tables_memory)); }

/// Of the root table (PML4), whose entries map a top each.
constexpr std::size_t guest_base_slot = abi::guest_base / PageTables::top_size;
static_assert(abi::guest_base % PageTables::top_size == 0);

void enter_tops() {
    for (std::size_t i = 0; i < PageTables::top_count; ++i)
        if (const std::uint64_t top = to_integer(tables().top(i)); top != 0)
            tenon_root_table[guest_base_slot + i] = top | PAGE_PRESENT | PAGE_WRITABLE;
}

abi::MemoryRange physical_range(const char* begin, const char* end) {
    return {to_integer(to_physical(begin)), static_cast<std::uint64_t>(end - begin)};
}

bool overlap(const abi::MemoryRange& a, const abi::MemoryRange& b) {
    return a.base < b.base + b.size && b.base < a.base + a.size;
}

/// `size` bytes at the end of RAM that the entry code's tables map, clear of the image and of `taken`.
abi::MemoryRange find_place(std::span<const abi::MemoryRange> ram, abi::MemoryRange taken, std::uint64_t size) {
    const abi::MemoryRange image = physical_range(__rodata_begin, __image_end);
    for (std::size_t i = ram.size(); i-- > 0;) {
        std::uint64_t end = std::min(ram[i].base + ram[i].size, abi::hole_end);
        if (overlap({end - size, size}, taken)) end = taken.base;
        const abi::MemoryRange place{end - size, size};
        if (end < size || place.base < ram[i].base || place.base < image.base + image.size) continue;
        if (!overlap(place, taken)) return place;
    }
    return {};
}

}  // namespace

abi::MemoryRange build_address_space(std::span<const abi::MemoryRange> ram, abi::MemoryRange taken) {
    if (ram.empty()) return {};
    std::uint64_t ram_bytes = 0;
    for (const abi::MemoryRange& range : ram) ram_bytes += range.size;
    const std::uint64_t pages = PageTables::tables_needed(ram_bytes, ram.size(), ram.back().base + ram.back().size);
    const abi::MemoryRange place = find_place(ram, taken, pages * page_size);
    if (place.size == 0) return {};
    PageTables& space = *new (tables_memory) PageTables(place, abi::guest_base);
    bool complete = true;
    for (const abi::MemoryRange& range : ram) complete = complete && space.map(range, PageAccess::read_write);
    complete = complete && space.map(physical_range(__rodata_begin, __rodata_end), PageAccess::read_only) &&
               space.map(physical_range(__text_begin, __text_end), PageAccess::execute);
    if (!complete) return {};
    enter_tops();
    tenon_root_table[0] = 0;
    write_cr3(read_cr3());
    return place;
}

namespace {
constinit SpinLock lock{"page tables"};
}

bool map_device_registers(abi::MemoryRange registers) {
    if (registers.base >= address_space_limit || registers.size > address_space_limit - registers.base) return false;
    const std::uint64_t begin = align_down(registers.base, PageTables::large_page_size);
    const std::uint64_t end = align_up(registers.base + registers.size, PageTables::large_page_size);
    const SpinLock::Guard guard(lock);
    // Maps large pages: the rest of one holds registers of other devices, or nothing.
    for (std::uint64_t address = begin; address < end; address += PageTables::large_page_size) {
        const std::uint64_t entry = tables().entry_of(address);
        if ((entry & PAGE_CACHE_DISABLE) != 0) continue;
        if (entry != 0 || !tables().map({address, PageTables::large_page_size}, PageAccess::device)) return false;
    }
    enter_tops();
    return true;
}

void set_guard(void* page, bool guard) {
    const SpinLock::Guard locked(lock);
    // Splitting a large page takes a table; there is one for each large page of RAM.
    if (!tables().set_present(to_integer(to_physical(page)), !guard)) return;
    invalidate_page(page);
    // No vCPU keeps a translation of a page that is not present. One that the thread above this guard page comes to run
    // on has forgotten the older one by then: the event is pending before the thread is runnable.
    if (guard && Cpu::several()) other_vcpus()->forget_translations();
}

}  // namespace tenon::hvm
