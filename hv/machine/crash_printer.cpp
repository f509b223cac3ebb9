// SPDX-License-Identifier: Apache-2.0
// Crash reports: reason, registers, backtrace.
#include "hv/machine/crash_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "hv/core/printable.h"

namespace hv {

namespace {

/// A field of the report: up to its first zero.
std::string field(std::string_view text) { return printable(text.substr(0, text.find('\0'))); }

std::string place(std::uint64_t address, const SymbolLookup& symbol) {
    if (const auto found = symbol(address))
        return fmt::format("{:#x}  {}+{:#x}", address, printable(found->name), found->offset);
    return fmt::format("{:#x}", address);
}

void append_registers(std::string& text, const tenon::abi::CrashReport& report) {
    constexpr const char* names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp",
                                     "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    for (std::size_t i = 0; i < std::size(report.general); ++i)
        text += fmt::format("{}{:>3} {:016x}{}", i % 4 == 0 ? "  " : " ", names[i], report.general[i],
                            i % 4 == 3 ? "\n" : "");
    text += fmt::format("  rip {:016x} flg {:016x} vec {:<16} err {:016x}\n  fault address {:#x}\n", report.rip,
                        report.rflags, report.vector, report.error_code, report.fault_address);
}

/// Registers, the current function and those that called it.
void append_place(std::string& text, const tenon::abi::CrashReport& report, const SymbolLookup& symbol) {
    // A panic that no trap led to has no registers to show: RFLAGS of a trap always has its bit 1 set.
    if (report.rflags != 0) append_registers(text, report);
    text += fmt::format("  at {}\n", place(report.rip, symbol));
    const std::size_t frames = std::min<std::size_t>(report.frame_count, std::size(report.frames));
    // A return address may be the first byte of the next function (after a call that does not return): look before it.
    for (std::size_t i = 0; i < frames; ++i) {
        const std::uint64_t address = report.frames[i];
        const auto found = address == 0 ? std::nullopt : symbol(address - 1);
        text += found ? fmt::format("  by {:#x}  {}+{:#x}\n", address, printable(found->name), found->offset + 1)
                      : fmt::format("  by {:#x}\n", address);
    }
}

}  // namespace

std::string crash_text(const std::string& machine, const GuestEnd& end, const SymbolLookup& symbol) {
    std::string text = fmt::format("hv: machine '{}' crashed: {}\n", machine, printable(end.reason));
    if (!end.has_report) return text;
    const tenon::abi::CrashReport& report = end.report;
    const std::string thread = field({report.thread, sizeof report.thread});
    if (!end.others.empty()) text += fmt::format("  on vCPU {}\n", end.vcpu);
    if (!thread.empty()) text += fmt::format("  thread '{}'\n", thread);
    append_place(text, report, symbol);
    for (const GuestEnd::OtherVcpu& other : end.others) {
        text += fmt::format("vCPU {} stood still:\n", other.vcpu);
        append_place(text, other.report, symbol);
    }
    return text;
}

}  // namespace hv
