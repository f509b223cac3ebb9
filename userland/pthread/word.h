// SPDX-License-Identifier: Apache-2.0
// Atomic access to words of the C structures.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/sched/wait.h"

namespace tenon::pthread {

/// <pthread.h> is a C header, so its words are plain integers; all accesses go through these functions.
inline std::atomic<std::uint32_t>& word(unsigned int& value) {
    static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(unsigned int));
    return reinterpret_cast<std::atomic<std::uint32_t>&>(value);
}

using tenon::wait_on_address;
using tenon::WaitResult;
using tenon::wake_address;

inline constexpr std::uint32_t all_waiters = UINT32_MAX;

}  // namespace tenon::pthread
