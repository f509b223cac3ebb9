// SPDX-License-Identifier: Apache-2.0
// The protocol between hv and the stub that becomes the guest process, over a socketpair: hv sends one StubSetup, the
// stub answers with one StubReport. Each vCPU's thread enters the guest when its go word in the I/O zone is set: hv
// sets that of vCPU 0, the guest those of the others.
#pragma once

#include <cstdint>

#include "hypercall/layout.h"

namespace hv::pv {

/// File descriptors of the stub. It closes the first four before the guest runs, which leaves only the doorbells.
inline constexpr int stub_socket = 0;
inline constexpr int stub_zone_writable = 1;
inline constexpr int stub_zone_read_only = 2;
inline constexpr int stub_image = 3;
inline constexpr int first_doorbell = 4;
inline constexpr std::uint32_t max_doorbells = 1 + tenon::abi::max_devices * tenon::abi::max_queues;

enum class StubSource : std::uint32_t { anonymous, image, zone_writable, zone_read_only };

/// One mmap at a fixed address. Later ones replace parts of earlier ones.
struct StubMapping {
    std::uint64_t address;
    std::uint64_t size;
    std::uint64_t offset;
    StubSource source;
    std::uint32_t protection;  ///< PROT_*
};

/// Bytes to be cleared: a mapped page of the file has other content there than the image's memory.
struct StubZero {
    std::uint64_t address;
    std::uint64_t size;
};

inline constexpr std::uint32_t max_mappings = 64;
inline constexpr std::uint32_t max_zeros = 8;

/// How the guest's memory may be shared with other processes.
namespace stub_memory {
inline constexpr std::uint32_t mergeable = 1;  ///< KSM may merge pages with those of other processes
inline constexpr std::uint32_t own = 2;  ///< all pages are private from the start, the image copied instead of mapped
}  // namespace stub_memory

struct StubSetup {
    std::uint64_t entry;
    std::uint64_t start_info;  ///< guest-virtual: RDI of the entry
    std::uint64_t trap_entry;
    std::uint64_t stacks;  ///< guest-virtual: alternate stack of vCPU n is at + n * stack_stride
    std::uint64_t stack_stride;
    std::uint64_t stack_guard;  ///< unused bytes at the bottom of each stack
    std::uint64_t go_word;      ///< guest-virtual: 32 bits, a futex; nonzero = vCPU 0 runs
    std::uint64_t go_stride;    ///< bytes from a vCPU's go word to the next one's
    std::uint64_t futex_begin;  ///< guest-virtual: the event page and the hypercall slots; futexes lie there only
    std::uint64_t futex_end;
    std::uint64_t guest_begin;  ///< everything outside [guest_begin, guest_end) and the stub is unmapped
    std::uint64_t guest_end;
    std::uint32_t vcpu_count;
    std::uint32_t doorbell_count;
    std::uint32_t mapping_count;
    std::uint32_t zero_count;
    std::uint32_t memory_flags;           ///< bits of stub_memory
    std::uint32_t segment_bases_by_call;  ///< 1 = the guest may set its segment bases by a call
    StubMapping mappings[max_mappings];
    StubZero zeros[max_zeros];
};

/// The step at which the stub stopped.
enum class StubStep : std::uint32_t {
    ready = 0,  ///< all done except the last steps, whose failure cannot be reported
    exec,       ///< sent by the child before the stub runs
    receive,
    personality,
    map,
    merge,  ///< madvise(MADV_MERGEABLE): fails on kernels without KSM
    signals,
    timer,
    limits,
    privileges,
    threads,  ///< of the vCPUs other than the first
};

struct StubReport {
    StubStep step;
    std::int32_t error;  ///< errno
};

/// The stub is linked here, above every guest address: 2 TiB.
inline constexpr std::uint64_t stub_base = 2ULL << 40;
/// Exit code of a stub whose last steps, unmapping and the filter, have failed.
inline constexpr int lockdown_failed = 97;
/// A page that the stub maps for its filter program, apart from its own segments.
inline constexpr std::uint64_t stub_state = stub_base + 0x100000;

}  // namespace hv::pv
