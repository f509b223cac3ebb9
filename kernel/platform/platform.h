// SPDX-License-Identifier: Apache-2.0
// The interface to the machine below the kernel: hypercalls on pv, processor and chipset on hvm.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "hypercall/calls.h"
#include "hypercall/events.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/base/nanoseconds.h"
#include "kernel/platform/memory_map.h"

namespace tenon {

/// One object per machine, made by the entry code. All functions may be called with interrupts masked; none allocates.
class Platform {
public:
    [[nodiscard]] virtual const char* name() const = 0;  ///< "pv", "hvm on hv", "hvm"
    [[nodiscard]] virtual std::string_view command_line() const = 0;
    [[nodiscard]] virtual MemoryMap memory_map() const = 0;
    /// 32 secret random bytes from the hypervisor; empty if it gave none.
    [[nodiscard]] virtual std::span<const std::uint8_t> entropy() const = 0;

    /// Writes text before a console driver runs. Slow.
    virtual void early_console_write(std::string_view text) = 0;

    /// Blocks the vCPU until an event is pending or `deadline` is reached. Interrupts are masked before and after.
    virtual void wait_for_event(Nanoseconds deadline) = 0;
    // What a platform with one vCPU never needs.
    /// Has another vCPU, whose pending word was just set, look at its events.
    virtual void notify(const Cpu&) {}
    /// Leaves the processor for some time to a vCPU that holds a lock and has lost its own; interrupts are masked.
    virtual void let_lock_holder_run() {}
    /// How many vCPUs the machine has. The first one runs.
    [[nodiscard]] virtual std::uint32_t vcpu_count() const { return 1; }
    /// Has another vCPU enter the kernel (enter_vcpu) on the stack that ends at `stack_end`. Once for each.
    virtual void start_vcpu(std::uint32_t, void* /*stack_end*/) {}
    /// Makes abi::event::timer pending on the calling vCPU at `deadline` (one-shot; the next call replaces it).
    virtual void set_timer(Nanoseconds deadline) = 0;

    [[nodiscard]] virtual const char* clock_source() const = 0;  ///< "hv", "kvm-clock", "tsc"
    virtual Nanoseconds read_clock() = 0;                        ///< monotonic, may be a few ns out of order
    virtual Nanoseconds read_realtime() = 0;                     ///< ns since 1970
    /// Changes whenever time jumps, because the machine was paused or copied.
    [[nodiscard]] virtual std::uint64_t clock_generation() = 0;

    /// Makes the page at `page` inaccessible, or accessible again.
    virtual void set_guard_page(void* page, bool guard) = 0;

    /// Returns the host's memory behind whole pages of RAM at once. They read as zeros afterwards; file_backed() pages
    /// read as the file. False: nothing was done, because on this machine the balloon device drops the pages that are
    /// reported to it. Not for the DMA zone or the image.
    virtual bool drop_pages(void* pages, std::size_t bytes) = 0;
    /// Asks the host to write pages of RAM to its swap; their contents stay. Does nothing where hv maps the RAM and can
    /// page it out itself.
    virtual void page_out(void* pages, std::size_t bytes) = 0;
    /// At least one of these pages is a private mapping of a snapshot's file.
    [[nodiscard]] virtual bool file_backed(const void* pages, std::size_t bytes) const = 0;
    /// Counters for the hypervisor, indexed by abi::MemoryCounter; empty if it reads none.
    [[nodiscard]] virtual std::span<std::atomic<std::uint64_t>> memory_counters() = 0;
    /// Bytes that the hypervisor has asked to page out since the last call (abi::control_request::page_out).
    virtual std::uint64_t take_page_out_bytes() = 0;

    /// Tells the hypervisor that the program is ready.
    virtual void ready() = 0;
    [[noreturn]] virtual void shut_down(abi::ShutdownReason reason, int exit_code) = 0;
    [[noreturn]] virtual void crash(const abi::CrashReport& report) = 0;

    /// Records the current TSC value for the boot report.
    virtual void boot_mark(abi::BootMark mark) = 0;
    /// Requests of the hypervisor since the last call: bits of abi::control_request.
    virtual std::uint32_t take_control_requests() = 0;
    /// Answers the watchdog if it asked for a sign of life. False: there is no other request. In interrupt context.
    virtual bool answer_watchdog() { return true; }

    /// Finds devices and hands each to its driver (kernel/device/virtio_probe.h). Threads run already.
    virtual void probe_devices() = 0;

protected:
    ~Platform() = default;
};

[[nodiscard]] Platform& platform();

}  // namespace tenon
