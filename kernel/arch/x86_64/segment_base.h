// SPDX-License-Identifier: Apache-2.0
// Bases of the segments FS (thread-local variables) and GS (per-CPU variables).
#pragma once

#include <cstdint>

namespace tenon {

/// The codes of Linux's arch_prctl (asm/prctl.h).
enum class SegmentBase : std::uint64_t { gs = 0x1001, fs = 0x1002 };

/// Sets a base where the FSGSBASE instructions do not exist; null where they do. A platform sets it before the first
/// base is written.
using SetSegmentBase = void (*)(SegmentBase base, std::uint64_t value);
inline constinit SetSegmentBase set_segment_base = nullptr;

/// AMD64 Architecture Programmer's Manual, volume 3, WRFSBASE and WRGSBASE.
inline void write_fs_base(std::uint64_t value) {
    if (set_segment_base != nullptr) [[unlikely]]
        set_segment_base(SegmentBase::fs, value);
    else
        asm volatile("wrfsbase %0" : : "r"(value) : "memory");
}
inline void write_gs_base(std::uint64_t value) {
    if (set_segment_base != nullptr) [[unlikely]]
        set_segment_base(SegmentBase::gs, value);
    else
        asm volatile("wrgsbase %0" : : "r"(value) : "memory");
}

}  // namespace tenon
