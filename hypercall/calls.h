// SPDX-License-Identifier: Apache-2.0
// The hypercalls, for everything that virtio does not cover.
//
// A vCPU fills its slot in the I/O zone, sets `state` to submitted, and
//   pv:   writes 8 bytes to the hypercall doorbell, then waits by FUTEX_WAIT on `state` until it is done;
//   kvm:  executes `out` to hypercall_port with its vCPU index in EAX; the call is done when the instruction is.
// hv copies the slot before it reads it: later writes of the guest have no effect on this call.
#pragma once

#include <atomic>
#include <cstdint>

#include "hypercall/layout.h"

namespace tenon::abi {

inline constexpr std::uint16_t hypercall_port = 0x0540;

enum class Call : std::uint32_t {
    console_write = 1,  ///< data[0 .. arguments[0]): text for the console before there is a driver
    shutdown = 2,       ///< arguments: ShutdownReason, exit code (0 to 255). Does not return
    crash = 3,          ///< data: CrashReport. Does not return
    device_setup = 4,   ///< arguments: device, accepted features, queue count; data: QueueSetup for each queue
    device_reset = 5,   ///< arguments: device. Afterwards the device touches no ring and no buffer
    vcpu_start = 6,     ///< arguments: vCPU. Needs Feature::smp
    vcpu_stop = 7,      ///< arguments: vCPU. Needs Feature::smp
    suspend = 8,        ///< Needs Feature::suspend
    ready = 9,          ///< the program is ready: all boot marks are set
    /// arguments: device, offset, size (at most the configuration's), data: the bytes. Writes fields of the device's
    /// configuration that a driver may write. Allowed at any time after a reset, also before device_setup
    device_configure = 10,
};

/// Negative results.
enum class CallError : std::int64_t {
    unknown_call = -1,
    invalid_argument = -2,
    bad_state = -3,
    unsupported = -4,
};

enum class ShutdownReason : std::uint64_t { power_off = 0, reboot = 1 };

enum class SlotState : std::uint32_t { idle = 0, submitted = 1, done = 2 };

struct alignas(page_size) HypercallSlot {
    std::atomic<SlotState> state;  ///< futex word
    Call number;
    std::uint64_t arguments[4];
    std::int64_t result;  ///< 0 or more, or a CallError
    std::uint8_t reserved[80];
    std::uint8_t data[page_size - 128];
};
static_assert(sizeof(HypercallSlot) == page_size);

/// A split virtqueue (virtio 1.2, section 2.7). Addresses are guest-physical, inside the I/O zone.
struct QueueSetup {
    std::uint32_t size;  ///< a power of two, at most DeviceRecord::queue_size; 0 = the queue is not used
    std::uint32_t reserved;
    std::uint64_t descriptors;
    std::uint64_t driver;  ///< available ring
    std::uint64_t device;  ///< used ring
};

/// General registers in the trap frame's order, other registers, a backtrace, and text for people.
struct CrashReport {
    std::uint64_t general[16];  ///< rax rbx rcx rdx rsi rdi rbp rsp r8 .. r15
    std::uint64_t rip, rflags;
    std::uint64_t vector, error_code, fault_address;
    std::uint32_t frame_count;
    std::uint32_t reserved;
    std::uint64_t frames[32];  ///< return addresses, innermost first
    char thread[32];
    char reason[256];  ///< terminated by a zero
};
static_assert(sizeof(CrashReport) <= sizeof(HypercallSlot::data));

}  // namespace tenon::abi
