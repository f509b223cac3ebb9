// SPDX-License-Identifier: Apache-2.0
// A machine of another hypervisor.
#include "kernel/platform/hvm/foreign_platform.h"

#include <optional>

#include "kernel/base/number.h"
#include "kernel/console/console.h"
#include "kernel/options/command_line.h"
#include "kernel/platform/device_search.h"
#include "kernel/platform/hvm/acpi_power.h"
#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/crash_text.h"
#include "kernel/platform/hvm/event_timer.h"
#include "kernel/platform/hvm/hypervisor.h"
#include "kernel/platform/hvm/kvm_clock.h"
#include "kernel/platform/hvm/machine.h"
#include "kernel/platform/hvm/other_vcpus.h"
#include "kernel/platform/hvm/real_time_clock.h"
#include "kernel/platform/hvm/tsc_clock.h"
#include "kernel/platform/hvm/uart.h"
#include "kernel/platform/pvclock.h"

extern "C" {
extern const char __image_begin[];
extern const char __image_end[];
}

namespace tenon::hvm {

namespace {

/// The kernel option debug_exit: port of QEMU's isa-debug-exit, 0 without it.
std::uint16_t debug_exit_port() {
    const std::optional<std::string_view> text = kernel_option("debug_exit");
    const std::optional<std::uint64_t> port = text ? parse_number(*text) : std::nullopt;
    return port && *port <= 0xFFFF ? static_cast<std::uint16_t>(*port) : 0;
}

}  // namespace

ForeignPlatform::ForeignPlatform(const BootInformation& information, const abi::MemoryRange& tables)
    : information_(information),
      reserved_{abi::MemoryRange{to_integer(to_physical(__image_begin)),
                                 static_cast<std::uint64_t>(__image_end - __image_begin)},
                tables, information.startup_page} {
    has_kvm_clock_ = use_kvm_clock(clock_, kvm_calls);
    if (has_kvm_clock_)
        wall_clock_due_ = 0;
    else
        start_own_clock();
    start_processor(clock_.clock);
    listen_for_power_button(information_.acpi);
}

void ForeignPlatform::start_own_clock() {
    const std::uint64_t frequency = find_tsc_frequency();
    if (frequency == 0)
        refuse_to_boot("the TSC's frequency is unknown: CPUID does not state it, and there is no PIT", "");
    start_clock(clock_, frequency, read_real_time_clock());
}

std::string_view ForeignPlatform::command_line() const {
    return {information_.command_line, information_.command_line_size};
}

MemoryMap ForeignPlatform::memory_map() const {
    return {.ram = information_.ram(), .reserved = reserved_, .dma_zone = {}, .ram_is_zero = false};
}

void ForeignPlatform::early_console_write(std::string_view text) { uart_write(text); }
void ForeignPlatform::wait_for_event(Nanoseconds deadline) { halt_until_event(deadline); }
void ForeignPlatform::notify(const Cpu& cpu) { other_vcpus()->notify(cpu); }
void ForeignPlatform::let_lock_holder_run() { other_vcpus()->let_lock_holder_run(); }
void ForeignPlatform::start_vcpu(std::uint32_t vcpu, void* stack_end) { other_vcpus()->start(vcpu, stack_end); }
std::uint32_t ForeignPlatform::vcpu_count() const { return other_vcpus() != nullptr ? other_vcpus()->count() : 1; }
void ForeignPlatform::set_timer(Nanoseconds deadline) { set_event_timer(deadline); }

Nanoseconds ForeignPlatform::read_clock() {
    if (was_paused(clock_)) [[unlikely]]
        take_kvm_pause(clock_, kvm_calls);
    return read_page_clock(clock_);
}

Nanoseconds ForeignPlatform::read_realtime() {
    const Nanoseconds now = read_clock();
    if (now >= wall_clock_due_) [[unlikely]] {
        // The host steers its wall clock but not KVM's: in this interval they drift apart by some 100 us at most.
        constexpr Nanoseconds interval = 10'000'000'000;
        wall_clock_due_ = now + interval;
        renew_wall_clock(clock_, kvm_calls);
    }
    return read_page_wall_clock(clock_, now);
}

void ForeignPlatform::set_guard_page(void* page, bool guard) { set_guard(page, guard); }

std::uint64_t ForeignPlatform::clock_generation() {
    (void)read_clock();
    return clock_.generation.load(std::memory_order_relaxed);
}

void ForeignPlatform::probe_devices() {
    const DeviceSearch* search = device_search();
    if (search == nullptr) return;
    const std::uint32_t count = search->acpi(information_.acpi, search->command_line());
    search->pci(information_.acpi, information_.ram(), count);
}

std::uint32_t ForeignPlatform::take_control_requests() {
    return take_power_button(information_.acpi) ? abi::control_request::shutdown : 0;
}

void ForeignPlatform::boot_mark(abi::BootMark mark) {
    if (mark == abi::BootMark::entry) return;  // there is no console yet
    log("boot mark %u at TSC %llu", static_cast<unsigned>(mark), static_cast<unsigned long long>(read_tsc()));
}

void ForeignPlatform::shut_down(abi::ShutdownReason reason, int exit_code) {
    const std::uint16_t port = reason == abi::ShutdownReason::power_off ? debug_exit_port() : 0;
    if (reason == abi::ShutdownReason::reboot)
        reset_by_acpi(information_.acpi);
    else if (port == 0)
        switch_off(information_.acpi);
    end_machine(port, static_cast<std::uint8_t>(exit_code));
}

void ForeignPlatform::crash(const abi::CrashReport& report) {
    if (Cpu::several()) other_vcpus()->stop_for_report();
    write_crash_report(report, uart_write);
    if (Cpu::several()) other_vcpus()->write_report(uart_write);
    signal_pvpanic();
    constexpr std::uint8_t crash_code = 107;  // hv's exit code for the same
    end_machine(debug_exit_port(), crash_code);
}

}  // namespace tenon::hvm
