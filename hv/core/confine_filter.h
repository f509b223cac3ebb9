// SPDX-License-Identifier: Apache-2.0
// hv's own seccomp filter. libseccomp makes it when hv is built (generate/confine_filter.cpp), because making it at
// every start costs 45 us and libseccomp's code in each hv; process ids and descriptors are filled in at start.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>

namespace hv {

/// Placeholders for process ids in the program. No process has such an id: the limit is 2^22.
inline constexpr std::uint32_t own_process_mark = 0x7EC0'0001;
inline constexpr std::uint32_t guest_process_mark = 0x7EC0'0002;
/// Placeholders for descriptors: a vCPU's own, the one event that its thread writes to, the disks' io_uring, and the
/// core file.
inline constexpr std::uint32_t vcpu_mark = 0x7EC0'0003;
inline constexpr std::uint32_t vcpu_event_mark = 0x7EC0'0004;
inline constexpr std::uint32_t ring_mark = 0x7EC0'0005;
inline constexpr std::uint32_t core_file_mark = 0x7EC0'0006;
/// Placeholder for what hv may bind to CPUs, besides its own thread: the thread that runs guest code.
inline constexpr std::uint32_t vcpu_thread_mark = 0x7EC0'0007;

extern const std::span<const sock_filter> pv_call_filter;
extern const std::span<const sock_filter> kvm_call_filter;
/// Installed by a vCPU's thread in addition to kvm_call_filter.
extern const std::span<const sock_filter> vcpu_call_filter;

}  // namespace hv
