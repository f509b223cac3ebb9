// SPDX-License-Identifier: Apache-2.0
// A crash report as text.
#include "kernel/platform/hvm/crash_text.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace tenon::hvm {

void write_hex(WriteCrashText write, std::string_view name, std::uint64_t value) {
    char digits[16];
    for (int i = 15; i >= 0; i--, value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
    write(name);
    write({digits, sizeof(digits)});
}

void write_general_registers(WriteCrashText write, const std::uint64_t (&general)[16]) {
    static constexpr const char* names[] = {" rax ",   " rbx ", " rcx ", " rdx ", "\n rsi ", " rdi ", " rbp ", " rsp ",
                                            "\n r8  ", " r9  ", " r10 ", " r11 ", "\n r12 ", " r13 ", " r14 ", " r15 "};
    for (std::size_t i = 0; i < std::size(names); i++) write_hex(write, names[i], general[i]);
}

namespace {

void write_text(WriteCrashText write, const char* text, std::size_t size) { write({text, ::strnlen(text, size)}); }

}  // namespace

void write_crash_report(const abi::CrashReport& report, WriteCrashText write) {
    write("\ntenon: panic: ");
    write_text(write, report.reason, sizeof(report.reason));
    write("\n thread ");
    write_text(write, report.thread, sizeof(report.thread));
    write_hex(write, "\n rip ", report.rip);
    write_hex(write, " flags ", report.rflags);
    write_hex(write, " vector ", report.vector);
    write_hex(write, " error ", report.error_code);
    write_hex(write, " address ", report.fault_address);
    write("\n");
    write_general_registers(write, report.general);
    write("\n called from");
    const std::size_t count = std::min<std::size_t>(report.frame_count, std::size(report.frames));
    for (std::size_t i = 0; i < count; i++) write_hex(write, i % 4 == 0 ? "\n  " : " ", report.frames[i]);
    write("\n");
}

}  // namespace tenon::hvm
