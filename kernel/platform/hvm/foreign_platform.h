// SPDX-License-Identifier: Apache-2.0
// A hardware-assisted machine of another hypervisor: uses only the processor, a PC's chipset and published standards.
#pragma once

#include <array>

#include "hypercall/clock.h"
#include "kernel/platform/hvm/boot_information.h"
#include "kernel/platform/platform.h"

namespace tenon::hvm {

class ForeignPlatform final : public Platform {
public:
    /// `tables` is the RAM that holds the page tables. Interrupts are enabled afterwards.
    ForeignPlatform(const BootInformation& information, const abi::MemoryRange& tables);

    [[nodiscard]] const char* name() const override { return "hvm"; }
    [[nodiscard]] std::string_view command_line() const override;
    [[nodiscard]] MemoryMap memory_map() const override;
    [[nodiscard]] std::span<const std::uint8_t> entropy() const override { return {}; }
    void early_console_write(std::string_view text) override;
    void wait_for_event(Nanoseconds deadline) override;
    void notify(const Cpu& cpu) override;
    void let_lock_holder_run() override;
    [[nodiscard]] std::uint32_t vcpu_count() const override;
    void start_vcpu(std::uint32_t vcpu, void* stack_end) override;
    void set_timer(Nanoseconds deadline) override;
    Nanoseconds read_clock() override;
    Nanoseconds read_realtime() override;
    void set_guard_page(void* page, bool guard) override;
    bool drop_pages(void*, std::size_t) override { return false; }
    void page_out(void*, std::size_t) override {}
    [[nodiscard]] bool file_backed(const void*, std::size_t) const override { return false; }
    [[nodiscard]] std::span<std::atomic<std::uint64_t>> memory_counters() override { return {}; }
    std::uint64_t take_page_out_bytes() override { return 0; }
    void ready() override {}
    [[noreturn]] void shut_down(abi::ShutdownReason reason, int exit_code) override;
    [[noreturn]] void crash(const abi::CrashReport& report) override;
    void boot_mark(abi::BootMark mark) override;
    std::uint32_t take_control_requests() override;
    void probe_devices() override;
    [[nodiscard]] const char* clock_source() const override { return has_kvm_clock_ ? "kvm-clock" : "tsc"; }
    [[nodiscard]] std::uint64_t clock_generation() override;

private:
    /// For hypervisors without kvm-clock: starts a clock from the TSC and the battery-backed clock.
    void start_own_clock();

    const BootInformation& information_;
    alignas(64) abi::ClockPage clock_{};  // KVM may write it, which must not cross a cache line
    bool has_kvm_clock_ = false;
    Nanoseconds wall_clock_due_ = no_deadline;  // when to read it again
    std::array<abi::MemoryRange, 3> reserved_;
};

}  // namespace tenon::hvm
