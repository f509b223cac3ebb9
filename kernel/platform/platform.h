// SPDX-License-Identifier: Apache-2.0
// What the kernel asks of the machine below it: by hypercalls on pv, by processor and chipset on hvm.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "hypercall/calls.h"
#include "hypercall/events.h"
#include "kernel/base/result.h"
#include "kernel/mm/init.h"
#include "kernel/time/clock.h"

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

    virtual Nanoseconds read_clock() = 0;     ///< monotonic, may be a few ns out of order
    virtual Nanoseconds read_realtime() = 0;  ///< ns since 1970

    /// Makes the page at `page` inaccessible, or accessible again.
    virtual void set_guard_page(void* page, bool guard) = 0;

    /// The program is ready: the hypervisor may say so to its user.
    virtual void ready() = 0;
    [[noreturn]] virtual void shut_down(abi::ShutdownReason reason, int exit_code) = 0;
    [[noreturn]] virtual void crash(const abi::CrashReport& report) = 0;

    /// Leaves a TSC value for the boot report.
    virtual void boot_mark(abi::BootMark mark) = 0;
    /// Requests of the hypervisor since the last call: bits of abi::control_request.
    virtual std::uint32_t take_control_requests() = 0;

    /// Finds devices and hands each to the driver that takes it (pv-drivers/virtio/transport). Threads run already.
    virtual void probe_devices() = 0;

protected:
    ~Platform() = default;
};

[[nodiscard]] Platform& platform();

}  // namespace tenon
