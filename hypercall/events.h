// SPDX-License-Identifier: Apache-2.0
// Events into the guest: Xen's event-channel protocol on one shared page.
//
// hv sends event `e` to vCPU `v`:
//   if (pending.fetch_or(bit e) had it)  return;        // it is pending already
//   if (upcall_pending.exchange(1) == 1) return;        // the vCPU was notified, and has not looked yet
//   state blocked  -> FUTEX_WAKE on upcall_pending
//   upcall_mask 0  -> kick signal                        // it runs with interrupts enabled
//   else           -> nothing                            // it looks when it unmasks or before it blocks
// All accesses are sequentially consistent; the guest mirrors them:
//   unmask:  upcall_mask.exchange(0), then look at upcall_pending
//   block:   state = blocked, then look at upcall_pending, then FUTEX_WAIT(upcall_pending, 0)
//   upcall:  upcall_mask = 1, upcall_pending = 0, then take `pending`
// The guest clears upcall_pending only after it has left the alternate signal stack, so at most one kick is in flight.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "hypercall/layout.h"

namespace tenon::abi {

/// Bit numbers in VcpuEvents::pending.
namespace event {
inline constexpr std::uint32_t timer = 0;       ///< set by the guest itself when its timer fires
inline constexpr std::uint32_t control = 1;     ///< EventPage::control has a request
inline constexpr std::uint32_t reschedule = 2;  ///< from another vCPU
inline constexpr std::uint32_t lines = 3;  ///< set by the guest itself: some interrupt line of PCI (other hypervisors)
inline constexpr std::uint32_t stop = 4;   ///< from another vCPU, which is to run alone for a moment
inline constexpr std::uint32_t translations =
    5;  ///< from another vCPU, which has changed page tables (kvm, other hypervisors)
inline constexpr std::uint32_t notification =
    6;  ///< set by the guest itself: another vCPU has sent an event (the same)
/// Each device has two: used buffers, and a changed configuration.
inline constexpr std::uint32_t first_device = 8;
constexpr std::uint32_t device_queue(std::uint32_t device) { return first_device + 2 * device; }
constexpr std::uint32_t device_config(std::uint32_t device) { return first_device + 2 * device + 1; }
}  // namespace event
static_assert(event::device_config(max_devices - 1) < 64);

enum class VcpuState : std::uint32_t { offline = 0, running = 1, blocked = 2, polling = 3, paused = 4 };

struct alignas(64) VcpuEvents {
    std::atomic<std::uint32_t> upcall_pending;  ///< 0 or 1; the futex word of a blocked vCPU
    std::atomic<std::uint32_t> upcall_mask;     ///< nonzero: no upcall now
    std::atomic<VcpuState> state;
    std::uint32_t reserved;
    std::atomic<std::uint64_t> pending;  ///< a bit for each event
    /// The guest's own: hv neither reads nor writes them. Beside the mask, so that one segment base reaches both.
    std::uint64_t guest_words[5];
};
static_assert(sizeof(VcpuEvents) == 64);

/// Requests of hv, as bits in EventPage::control. The guest takes them with exchange(0).
namespace control_request {
inline constexpr std::uint32_t shutdown = 1 << 0;
inline constexpr std::uint32_t reboot = 1 << 1;
inline constexpr std::uint32_t suspend = 1 << 2;
/// Give memory back: check all of RAM for zero pages, report all free pages.
inline constexpr std::uint32_t reclaim = 1 << 3;
/// Have the host write EventPage::page_out_bytes of RAM to its swap (pv, where hv does not map the guest's RAM).
inline constexpr std::uint32_t page_out = 1 << 4;
/// ClockPage has another generation (the machine resumes after a pause), or the host's wall clock was set: deadlines on
/// the wall clock have moved.
inline constexpr std::uint32_t clock_jumped = 1 << 5;
/// The watchdog's question: the kernel clears the bit in the event's handler, so that hv sees that interrupts are
/// served.
inline constexpr std::uint32_t sign_of_life = 1 << 6;
}  // namespace control_request

/// TSC values that the guest records for the boot report.
enum class BootMark : std::uint32_t { entry = 0, main = 1, ready = 2 };

/// Counters of memory cooperation since boot, for hv's statistics. The guest may write anything: nothing depends on
/// them.
enum class MemoryCounter : std::uint32_t {
    pages_scanned,             ///< checked for zeros
    pages_zero,                ///< found to be zero-filled while in use
    pages_dropped,             ///< zero pages that were given back to the host
    pages_refaulted,           ///< dropped pages that were later found not to be zero, or not to be in use
    pages_reported,            ///< free pages given back
    pages_ballooned,           ///< in the balloon now
    pages_paged_out,           ///< on hv's request
    scan_ns,                   ///< CPU time of checking and dropping
    pressure_calls,            ///< calls of the program's memory pressure handler
    out_of_memory_deflations,  ///< pages taken out of the balloon because an allocation would have failed
    count,
};

/// Written by both sides.
struct EventPage {
    VcpuEvents vcpu[max_vcpus];
    std::atomic<std::uint32_t> control;
    std::uint32_t reserved[15];
    std::atomic<std::uint64_t> boot_marks[8];        ///< index: BootMark
    std::atomic<std::uint64_t> memory_counters[16];  ///< index: MemoryCounter
    std::atomic<std::uint64_t> page_out_bytes;       ///< for control_request::page_out; taken with exchange(0)
};
static_assert(sizeof(EventPage) <= page_size);
static_assert(static_cast<std::size_t>(MemoryCounter::count) <= 16);

}  // namespace tenon::abi
