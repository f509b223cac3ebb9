// SPDX-License-Identifier: Apache-2.0
// The ELF note of a Tenon image: ABI version, features, entry points.
#pragma once

#include <cstdint>

namespace tenon::abi {

/// Incremented when a structure or number in this folder changes its meaning. hv refuses images of other versions.
inline constexpr std::uint32_t version = 2;

inline constexpr char note_name[] = "Tenon";
inline constexpr std::uint32_t note_type = 1;

/// Feature bits of the ABI. An image states the ones that it requires; hv refuses an image that requires a feature
/// which hv lacks, and names it by `feature_names`.
enum class Feature : std::uint64_t {
    network = 1 << 0,  ///< the image has a network stack and wants an interface
    smp = 1 << 1,      ///< vcpu_start and vcpu_stop
    suspend = 1 << 2,  ///< the suspend call and event
    /// The image obeys StartInfo::segment_bases_by_call. An image that does not want it runs on `pv` only where the
    /// host has the FSGSBASE instructions.
    segment_base_calls = 1 << 3,
};
inline constexpr const char* feature_names[] = {"network", "smp", "suspend", "segment_base_calls"};

/// The note's descriptor. Addresses are guest-virtual unless they say otherwise.
struct ImageNote {
    std::uint32_t abi_version;
    std::uint32_t reserved;
    std::uint64_t required_features;
    std::uint64_t wanted_features;
    /// 64-bit entry: RDI = guest-virtual address of StartInfo, RSI = vCPU index, no stack.
    std::uint64_t pv_entry;
    /// Signal handler that serves as the interrupt and exception entry on `pv`.
    std::uint64_t pv_trap_entry;
    /// Guest-physical range that hv divides into one alternate stack a vCPU (`pv`); outside of every ELF segment.
    std::uint64_t stack_arena;
    std::uint64_t stack_arena_size;
};
static_assert(sizeof(ImageNote) == 56);

/// Another note of the same name: the virtio device IDs (virtio 1.2, section 5) for which the image has drivers, 32
/// bits each. There may be several; an image that has none of them does not say which drivers it has.
inline constexpr std::uint32_t driver_note_type = 2;

/// A third note of the same name: the name of a console port that the image opens, possibly filled up with zeros.
inline constexpr std::uint32_t port_note_type = 3;

/// One vCPU's part of the stack arena. Its lowest page is a guard page.
inline constexpr std::uint64_t stack_arena_stride = 32 * 1024;

}  // namespace tenon::abi
