// SPDX-License-Identifier: Apache-2.0
// The start record: hv writes it for a guest that starts or resumes.
#pragma once

#include <cstdint>

#include "hypercall/layout.h"

namespace tenon::abi {

inline constexpr std::uint64_t start_info_magic = 0x4154'534E'4F4E'4554;  // "TENONSTA" as bytes

enum class Accelerator : std::uint32_t { pv = 1, kvm = 2 };

struct MemoryRange {
    std::uint64_t base;  ///< guest-physical, page-aligned
    std::uint64_t size;  ///< bytes
};

/// At the start of the I/O zone. Read-only to the guest on `pv`; hv never reads it back.
struct StartInfo {
    std::uint64_t magic;
    std::uint32_t abi_version;
    std::uint32_t size;  ///< sizeof(StartInfo) of the hv that wrote it
    Accelerator accelerator;
    std::uint32_t vcpu_count;
    std::uint64_t features;  ///< ABI features that hv offers

    /// RAM, ascending and disjoint; the I/O zone and the image lie inside it.
    std::uint32_t range_count;
    std::uint32_t device_count;
    MemoryRange ranges[4];
    MemoryRange io_zone;
    MemoryRange image;        ///< from the first to the last byte of the image's segments, page-aligned
    MemoryRange stack_arena;  ///< given by the image's note
    /// Parts of RAM that are private mappings of a file (a snapshot's data): the host's MADV_DONTNEED would bring the
    /// file's bytes back there, not zeros. An array of MemoryRange at this guest-physical address; none on a fresh
    /// start.
    std::uint64_t file_backed;
    std::uint64_t file_backed_count;

    /// TSC when hv's main() began, and when hv entered the guest, for the boot report.
    std::uint64_t hv_start_tsc;
    std::uint64_t guest_entry_tsc;

    /// XSAVE components that a trap frame has room for. Other components do not survive preemption.
    std::uint64_t xstate_mask;

    std::uint32_t hypercall_doorbell;  ///< pv: file descriptor to write 8 bytes to
    std::int32_t timer_id;             ///< pv: POSIX timer of vCPU 0; vCPU n has timer_id + n
    std::uint32_t idle_spin_ns;        ///< longest time an idle vCPU polls before it blocks; 0 = do not poll
    /// pv: 1 = the host lacks FSGSBASE, and the guest sets segment bases by Linux's arch_prctl(ARCH_SET_FS,
    /// ARCH_SET_GS) to addresses of its own; 0 = by the instructions, and the call ends the machine.
    std::uint32_t segment_bases_by_call;

    std::uint8_t entropy[32];  ///< fresh for every start and resume; the guest must not show it to anyone

    char machine_name[64];            ///< terminated by a zero
    std::uint32_t command_line_size;  ///< bytes, without the terminating zero
    char command_line[2048];          ///< kernel options, then `--` and the program's arguments
};
static_assert(sizeof(StartInfo) <= page_size);

/// On `kvm`, CPUID leaf `cpuid_leaf` carries this signature in EBX, ECX, EDX, and EAX is the highest leaf;
/// leaf + 1 gives the I/O zone's guest-physical address in EAX, and in EBX the interrupt line of the I/O APIC whose
/// rising edge is event::control. A guest touches `hypercall_port` only after it saw them.
inline constexpr std::uint32_t cpuid_leaf = 0x4000'0100;
inline constexpr char cpuid_signature[] = "TenonTenonHv";

}  // namespace tenon::abi
