// SPDX-License-Identifier: Apache-2.0
// The common part of the hostile guest's cases.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hv/accel/pv/stub/syscall.h"
#include "hypercall/calls.h"
#include "hypercall/devices.h"
#include "hypercall/events.h"
#include "hypercall/start_info.h"

namespace escape {

using hv::pv::system_call;

/// How a case has to end. The runner knows each by hv's exit code and message.
enum class Expect {
    forbidden,  ///< killed at the system call
    trap,       ///< a trap inside of the guest, nothing outside
    harmless,   ///< goes on, and its own checks hold
    either,     ///< a trap, or harmless: up to the processor or the kernel
    blocked,    ///< killed at the system call, or a trap: up to the kernel
    dies,       ///< the guest process dies by a fault
    leaves,     ///< the guest process ends by itself
    endless,    ///< never ends: hv has to end it
};

struct Case {
    const char* name;
    Expect expect;
    void (*run)();
};

/// Tables of cases, each ended by one without a name.
extern const Case call_cases[];
extern const Case fault_cases[];
extern const Case state_cases[];
extern const Case balloon_cases[];
extern const Case ring_cases[];
extern const Case vcpu_cases[];

inline constexpr int exit_trap = 20;
inline constexpr int exit_escaped = 21;
inline constexpr int exit_unknown = 22;

const tenon::abi::StartInfo& start_info();
tenon::abi::EventPage& events();
tenon::abi::HypercallSlot& slot();

template <typename T>
T& zone_at(std::uint64_t offset) {
    return *reinterpret_cast<T*>(reinterpret_cast<std::uint64_t>(&start_info()) + offset);
}

/// The same sequence in every run.
std::uint64_t random_word();

void print(const char* text);
void print_number(std::uint64_t value);
[[noreturn]] void shut_down(int code);
/// The case succeeded with an attempt that must fail.
[[noreturn]] void escaped(const char* how);
inline void require(bool condition, const char* what) {
    if (!condition) escaped(what);
}

/// Makes the hypercall whose number, arguments and data are in the slot.
std::int64_t hypercall();
std::int64_t ring(std::uint32_t doorbell, std::uint64_t value = 1);

/// 0, or the signal that ended `function`.
extern "C" int escape_guarded(void (*function)(void*), void* argument);

/// Makes the trap handler trap.
extern bool trap_in_handler;

/// The guest's own pages.
extern "C" std::uint8_t escape_data_page[4096];
extern "C" void escape_some_code();

inline constexpr std::uint64_t stub = 2ULL << 40;
inline constexpr std::uint64_t kernel_text = 0xffff'ffff'8100'0000;

}  // namespace escape
