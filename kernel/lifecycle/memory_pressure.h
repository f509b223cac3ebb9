// SPDX-License-Identifier: Apache-2.0
// Notifying the program when memory is short.
#pragma once

#include <cstdint>

namespace tenon {

/// `handler(free_bytes)` runs on a thread of its own when free memory falls below a watermark (1/16 of it, at most
/// 64 MiB), when an allocation had to reclaim, or when the balloon's target cannot be met; at most once a second. One
/// handler; null for none. Error: false if there is no memory for the thread.
using MemoryPressureHandler = void (*)(std::uint64_t free_bytes);
[[nodiscard]] bool set_memory_pressure_handler(MemoryPressureHandler handler);

}  // namespace tenon
