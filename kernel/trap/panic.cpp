// SPDX-License-Identifier: Apache-2.0
// Stops a machine that cannot continue.
#include "kernel/trap/panic.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <span>

#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/base/format.h"
#include "kernel/platform/platform.h"
#include "kernel/trap/interrupts.h"
#include "kernel/trap/thread_record.h"

extern "C" {
extern const char __text_begin[];
extern const char __text_end[];
}

namespace tenon {

namespace {

constinit abi::CrashReport report{};
constinit std::atomic<bool> panicking = false;

bool is_text(std::uint64_t address) {
    return address >= reinterpret_cast<std::uint64_t>(__text_begin) &&
           address < reinterpret_cast<std::uint64_t>(__text_end);
}

/// Follows frame pointers as long as they ascend within one stack; `rbp` may have any value.
void walk_stack(std::uint64_t rbp, std::uint64_t stack_begin, std::uint64_t stack_end) {
    while (report.frame_count < std::size(report.frames)) {
        if (rbp < stack_begin || stack_end - 16 < rbp || rbp % 8 != 0) return;
        const auto* frame = reinterpret_cast<const std::uint64_t*>(rbp);
        if (!is_text(frame[1])) return;
        report.frames[report.frame_count++] = frame[1];
        if (frame[0] <= rbp) return;
        rbp = frame[0];
    }
}

/// If reporting panics too, or another vCPU, the first reason is the one to report.
bool is_first() {
    interrupts::mask();
    return !panicking.exchange(true);
}

[[noreturn]] void finish(bool first, std::uint64_t rbp, const char* format, va_list arguments,
                         std::span<const std::uint64_t> frames = {}) {
    if (first) {
        format_text_list(report.reason, sizeof(report.reason), format, arguments);
        if (const ThreadRecord* thread = Cpu::current_thread_record(); thread != nullptr) {
            std::memcpy(report.thread, thread->name(),
                        std::min(std::strlen(thread->name()), sizeof(report.thread) - 1));
            std::uint64_t begin = thread->stack_begin(), end = begin + thread->stack_size();
            if (frames.empty()) walk_stack(rbp, begin, end);
        }
        for (const std::uint64_t frame : frames.first(std::min(frames.size(), std::size(report.frames))))
            report.frames[report.frame_count++] = frame;
    }
    platform().crash(report);
    __builtin_unreachable();  // the compiler forgets [[noreturn]] in a virtual call
}

/// The registers at the call of panic() to which `own_frame` belongs.
void take_registers(const void* return_address, const std::uint64_t* own_frame) {
    // An address inside the call: another function may begin behind it, as panic() does not return.
    report.rip = reinterpret_cast<std::uint64_t>(return_address) - 1;
    // The caller's frame, as it would be after a return: unwinding from there needs both registers.
    report.general[Register::rbp] = own_frame[0];
    report.general[Register::rsp] = reinterpret_cast<std::uint64_t>(own_frame + 2);
}

}  // namespace

void panic(const char* format, ...) {
    const bool first = is_first();
    va_list arguments;
    va_start(arguments, format);
    const auto* own_frame = static_cast<const std::uint64_t*>(__builtin_frame_address(0));
    if (first) take_registers(__builtin_return_address(0), own_frame);
    finish(first, own_frame[0], format, arguments);
}

void panic_with_backtrace(std::span<const std::uint64_t> frames, const char* format, ...) {
    const bool first = is_first();
    va_list arguments;
    va_start(arguments, format);
    const auto* own_frame = static_cast<const std::uint64_t*>(__builtin_frame_address(0));
    if (first) take_registers(__builtin_return_address(0), own_frame);
    finish(first, own_frame[0], format, arguments, frames);
}

void panic_at(const TrapFrame& frame, const char* format, ...) {
    const bool first = is_first();
    va_list arguments;
    va_start(arguments, format);
    if (first) {
        std::memcpy(report.general, frame.general, sizeof(report.general));
        report.rip = frame.rip;
        report.rflags = frame.rflags;
        report.vector = frame.vector;
        report.error_code = frame.error_code;
        report.fault_address = frame.fault_address;
    }
    finish(first, frame.general[Register::rbp], format, arguments);
}

}  // namespace tenon
