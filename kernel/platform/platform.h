// SPDX-License-Identifier: Apache-2.0
// What the kernel asks of the machine below it: by hypercalls on pv, by processor and chipset on hvm.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "hypercall/calls.h"
#include "hypercall/events.h"
#include "kernel/base/nanoseconds.h"
#include "kernel/platform/memory_map.h"

namespace tenon {

/// One object a machine, made at entry. Everything is callable with interrupts masked; nothing allocates.
class Platform {
public:
    [[nodiscard]] virtual const char* name() const = 0;  ///< "pv", "hvm on hv", "hvm"
    [[nodiscard]] virtual std::string_view command_line() const = 0;
    [[nodiscard]] virtual MemoryMap memory_map() const = 0;
    /// 32 bytes that nobody else has, if the hypervisor gave some; otherwise empty.
    [[nodiscard]] virtual std::span<const std::uint8_t> entropy() const = 0;

    /// Writes text where it is seen before any driver runs. Slow.
    virtual void early_console_write(std::string_view text) = 0;

    /// Blocks the vCPU until an event is pending or `deadline` is reached. Interrupts are masked before and after.
    virtual void wait_for_event(Nanoseconds deadline) = 0;
    /// Makes abi::event::timer pending at `deadline` (one-shot; a later call replaces it).
    virtual void set_timer(Nanoseconds deadline) = 0;

    [[nodiscard]] virtual const char* clock_source() const = 0;  ///< "hv", "kvm-clock", "tsc"
    virtual Nanoseconds read_clock() = 0;                        ///< monotonic, may be a few ns out of order
    virtual Nanoseconds read_realtime() = 0;                     ///< ns since 1970
    /// Another value whenever time jumped: the machine was paused, or copied.
    [[nodiscard]] virtual std::uint64_t clock_generation() = 0;

    /// Makes the page at `page` inaccessible, or accessible again.
    virtual void set_guard_page(void* page, bool guard) = 0;

    /// Gives the host's memory behind whole pages of RAM back, at once: they read as zeros from then on. False: nothing
    /// was done, because on this machine it is the balloon device that does it when it is told of the pages. Not for
    /// the DMA zone or the image. Over file_backed() pages what comes back is the file's contents.
    virtual bool drop_pages(void* pages, std::size_t bytes) = 0;
    /// Asks the host to write pages of RAM to its swap; their contents stay. Does nothing where the host can do it
    /// alone.
    virtual void page_out(void* pages, std::size_t bytes) = 0;
    /// Some of these pages are a private mapping of a snapshot's file.
    [[nodiscard]] virtual bool file_backed(const void* pages, std::size_t bytes) const = 0;
    /// Where the hypervisor reads what memory cooperation has done, by abi::MemoryCounter; empty if it does not.
    [[nodiscard]] virtual std::span<std::atomic<std::uint64_t>> memory_counters() = 0;
    /// Bytes that abi::control_request::page_out asks for since the last call.
    virtual std::uint64_t take_page_out_bytes() = 0;

    /// The program is ready: the hypervisor may say so to its user.
    virtual void ready() = 0;
    [[noreturn]] virtual void shut_down(abi::ShutdownReason reason, int exit_code) = 0;
    [[noreturn]] virtual void crash(const abi::CrashReport& report) = 0;

    /// Leaves a TSC value for the boot report.
    virtual void boot_mark(abi::BootMark mark) = 0;
    /// Requests of the hypervisor since the last call: bits of abi::control_request.
    virtual std::uint32_t take_control_requests() = 0;
    /// Answers the hypervisor's question whether interrupts are served. False: it was the only request. In an
    /// interrupt.
    virtual bool answer_watchdog() { return true; }

    /// Finds devices and hands each to the driver that takes it (pv-drivers/virtio/transport). Threads run already.
    virtual void probe_devices() = 0;

protected:
    ~Platform() = default;
};

[[nodiscard]] Platform& platform();

}  // namespace tenon
