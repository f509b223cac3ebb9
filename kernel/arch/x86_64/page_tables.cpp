// SPDX-License-Identifier: Apache-2.0
// Building and changing page tables.
#include "kernel/arch/x86_64/page_tables.h"

#include "kernel/arch/x86_64/register_bits.h"

namespace tenon {

namespace {

constexpr std::uint64_t present = PAGE_PRESENT, writable = PAGE_WRITABLE, large = PAGE_LARGE,
                        no_execute = PAGE_NO_EXECUTE;
constexpr std::uint64_t address_mask = 0x000F'FFFF'FFFF'F000;
constexpr std::uint64_t entries_per_table = 512;
constexpr std::uint64_t gigabyte = 1ULL << 30;

std::uint64_t flags_of(PageAccess access) {
    switch (access) {
        case PageAccess::execute: return present;
        case PageAccess::read_only: return present | no_execute;
        case PageAccess::read_write: return present | writable | no_execute;
        // PCD and PWT select "uncacheable" in the PAT as it is after reset (SDM volume 3, 11.12.4).
        case PageAccess::device: return present | writable | no_execute | PAGE_CACHE_DISABLE | PAGE_WRITE_THROUGH;
    }
    return 0;
}

}  // namespace

std::uint64_t* PageTables::table_at(std::uint64_t entry_or_address) const {
    return reinterpret_cast<std::uint64_t*>((entry_or_address & address_mask) + direct_map_);
}

/// An empty table's address, or 0.
std::uint64_t PageTables::new_table() {
    if (next_table_ + page_size > tables_end_) return 0;
    const std::uint64_t table = next_table_;
    next_table_ += page_size;
    std::uint64_t* entries = table_at(table);
    for (std::uint64_t i = 0; i < entries_per_table; i++) entries[i] = 0;
    return table;
}

/// The entry of the 2 MiB around `address`.
std::uint64_t* PageTables::directory_entry(std::uint64_t address) {
    if (address >= physical_limit) return nullptr;
    std::uint64_t& top = tops_[address / top_size];
    if (top == 0) top = new_table();
    if (top == 0) return nullptr;
    std::uint64_t& top_entry = table_at(top)[address % top_size / gigabyte];
    if ((top_entry & present) == 0) {
        const std::uint64_t directory = new_table();
        if (directory == 0) return nullptr;
        top_entry = directory | present | writable;  // the lower levels restrict
    }
    return &table_at(top_entry)[address % gigabyte / large_page_size];
}

/// The entry of the 4 KiB around `address`; a large page is split into equal small ones.
std::uint64_t* PageTables::page_entry(std::uint64_t address) {
    std::uint64_t* directory = directory_entry(address);
    if (directory == nullptr) return nullptr;
    if ((*directory & present) == 0 || (*directory & large) != 0) {
        const std::uint64_t table = new_table();
        if (table == 0) return nullptr;
        if (*directory != 0) {
            std::uint64_t* entries = table_at(table);
            for (std::uint64_t i = 0; i < entries_per_table; i++) entries[i] = (*directory & ~large) + i * page_size;
        }
        *directory = table | present | writable;
    }
    return &table_at(*directory)[address % large_page_size / page_size];
}

bool PageTables::map(abi::MemoryRange range, PageAccess access) {
    const std::uint64_t flags = flags_of(access);
    std::uint64_t address = align_down(range.base, page_size);
    const std::uint64_t end = align_up(range.base + range.size, page_size);
    while (address < end) {
        if (address % large_page_size == 0 && end - address >= large_page_size) {
            std::uint64_t* entry = directory_entry(address);
            if (entry == nullptr) return false;
            *entry = address | flags | large;
            address += large_page_size;
        } else {
            std::uint64_t* entry = page_entry(address);
            if (entry == nullptr) return false;
            *entry = address | flags;
            address += page_size;
        }
    }
    return true;
}

bool PageTables::set_present(std::uint64_t page, bool now_present) {
    if (entry_of(page) == 0) return false;
    std::uint64_t* entry = page_entry(page);
    if (entry == nullptr) return false;
    *entry = now_present ? *entry | present : *entry & ~present;
    return true;
}

std::uint64_t PageTables::entry_of(std::uint64_t address) const {
    if (address >= physical_limit || tops_[address / top_size] == 0) return 0;
    const std::uint64_t top_entry = table_at(tops_[address / top_size])[address % top_size / gigabyte];
    if ((top_entry & present) == 0) return 0;
    const std::uint64_t directory = table_at(top_entry)[address % gigabyte / large_page_size];
    if ((directory & present) == 0 || (directory & large) != 0) return directory;
    return table_at(directory)[address % large_page_size / page_size];
}

}  // namespace tenon
