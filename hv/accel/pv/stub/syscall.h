// SPDX-License-Identifier: Apache-2.0
// System calls without a C library: -errno on failure.
//
// Also for the child between clone and exec, which shares hv's memory and must not touch hv's errno.
#pragma once

#include <cstdint>
#include <type_traits>

namespace hv::pv {

template <typename T>
std::uint64_t system_call_word(T value) {
    if constexpr (std::is_pointer_v<T>)
        return reinterpret_cast<std::uint64_t>(value);
    else
        return static_cast<std::uint64_t>(value);
}

inline std::int64_t raw_system_call(std::uint64_t number, std::uint64_t a, std::uint64_t b, std::uint64_t c,
                                    std::uint64_t d, std::uint64_t e, std::uint64_t f) {
    std::int64_t result;
    register std::uint64_t r10 asm("r10") = d;
    register std::uint64_t r8 asm("r8") = e;
    register std::uint64_t r9 asm("r9") = f;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

template <typename... Arguments>
std::int64_t system_call(int number, Arguments... arguments) {
    const auto call = [number](std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0,
                               std::uint64_t e = 0, std::uint64_t f = 0) {
        return raw_system_call(static_cast<std::uint64_t>(number), a, b, c, d, e, f);
    };
    return call(system_call_word(arguments)...);
}

}  // namespace hv::pv
