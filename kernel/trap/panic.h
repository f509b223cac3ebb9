// SPDX-License-Identifier: Apache-2.0
// Stops a machine that cannot continue, and reports registers, backtrace and a reason to the hypervisor.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <span>

namespace tenon {

struct TrapFrame;

/// Reports `format` (printf-like, at most 255 characters) with the caller's backtrace, and stops the machine. Callable
/// anywhere: allocates nothing, takes no lock.
[[noreturn]] [[gnu::format(printf, 1, 2)]] void panic(const char* format, ...);

/// The same with a backtrace that the caller knows: return addresses, innermost first, at most 32.
[[noreturn]] [[gnu::format(printf, 2, 3)]] void panic_with_backtrace(std::span<const std::uint64_t> frames,
                                                                     const char* format, ...);

/// The same for a trap: registers and backtrace are those of `frame`.
[[noreturn]] [[gnu::format(printf, 2, 3)]] void panic_at(const TrapFrame& frame, const char* format, ...);

}  // namespace tenon

/// For bugs of the kernel only; wrong input from a device or a program yields an error (kernel/base/result.h).
#define TENON_ASSERT(condition)                                                             \
    do {                                                                                    \
        if (!(condition)) [[unlikely]]                                                      \
            ::tenon::panic("assertion failed: %s (%s:%d)", #condition, __FILE__, __LINE__); \
    } while (false)
