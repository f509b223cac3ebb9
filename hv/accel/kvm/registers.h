// SPDX-License-Identifier: Apache-2.0
// Registers and segments of x86-64, by the names of the manual (Intel SDM).
#pragma once

#include <linux/kvm.h>

#include <cstdint>

namespace hv::kvm {

/// Volume 3, section 2.5, "Control Registers".
namespace cr0 {
inline constexpr std::uint64_t pe = 1 << 0;      ///< protection enable
inline constexpr std::uint64_t et = 1 << 4;      ///< extension type: always set
inline constexpr std::uint64_t pg = 1ULL << 31;  ///< paging
}  // namespace cr0
namespace cr4 {
inline constexpr std::uint64_t pae = 1 << 5;  ///< physical address extension
}

/// Volume 3, section 2.2.1, "Extended Feature Enable Register" (an MSR).
namespace ia32_efer {
inline constexpr std::uint64_t lme = 1 << 8;   ///< IA-32e mode enable
inline constexpr std::uint64_t lma = 1 << 10;  ///< IA-32e mode active
}  // namespace ia32_efer

/// Volume 1, section 13.3, "Enabling the XSAVE feature set and XSAVE-enabled features".
namespace xcr0 {
inline constexpr std::uint64_t x87 = 1 << 0;
inline constexpr std::uint64_t sse = 1 << 1;
inline constexpr std::uint64_t avx = 1 << 2;
}  // namespace xcr0

/// Volume 1, section 3.4.3, "EFLAGS Register": bit 1 is always set.
inline constexpr std::uint64_t rflags_reserved_one = 1 << 1;

/// Volume 4, table 2-2, "IA-32 Architectural MSRs".
inline constexpr std::uint32_t ia32_time_stamp_counter = 0x10;

/// Volume 3, section 4.5, "4-Level Paging": bits of an entry.
namespace page_entry {
inline constexpr std::uint64_t present = 1 << 0;
inline constexpr std::uint64_t writable = 1 << 1;   ///< R/W
inline constexpr std::uint64_t page_size = 1 << 7;  ///< PS: maps a large page itself
}  // namespace page_entry

/// Volume 3, sections 3.4.5.1, "Code- and Data-Segment Descriptor Types", and 3.5, "System Descriptor Types".
namespace segment_type {
inline constexpr std::uint8_t data_read_write_accessed = 3;
inline constexpr std::uint8_t code_execute_read_accessed = 11;
inline constexpr std::uint8_t busy_32_bit_tss = 11;  ///< a system descriptor
}  // namespace segment_type

/// Volume 3, section 3.4.2, "Segment Selectors": an entry of the global descriptor table, requested privilege level 0.
constexpr std::uint16_t selector(std::uint16_t entry) { return static_cast<std::uint16_t>(entry << 3); }

/// Volume 3, section 3.4.5, "Segment Descriptors": base 0, all of the 32-bit address space, privilege level 0.
inline kvm_segment flat_data_segment(std::uint16_t selector) {
    kvm_segment segment{};
    segment.limit = 0xFFFF'FFFF;
    segment.g = 1;   // the limit counts pages
    segment.db = 1;  // 32-bit
    segment.present = 1;
    segment.s = 1;  // code or data, not a system descriptor
    segment.type = segment_type::data_read_write_accessed;
    segment.selector = selector;
    return segment;
}

inline kvm_segment flat_code_segment(std::uint16_t selector) {
    kvm_segment segment = flat_data_segment(selector);
    segment.type = segment_type::code_execute_read_accessed;
    return segment;
}

/// Code of 64-bit mode.
inline kvm_segment long_code_segment(std::uint16_t selector) {
    kvm_segment segment = flat_code_segment(selector);
    segment.db = 0;  // must be 0 where L is 1
    segment.l = 1;
    return segment;
}

}  // namespace hv::kvm
