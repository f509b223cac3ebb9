// SPDX-License-Identifier: Apache-2.0
// Access to memory that the guest may write at the same time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hv {

/// Loads exactly once. The compiler may repeat an ordinary load or memcpy, and the value could change between check and
/// use. `place` is aligned for T.
template <typename T>
[[nodiscard]] T load_once(std::byte* place, std::memory_order order = std::memory_order_relaxed) {
    return std::atomic_ref<T>(*reinterpret_cast<T*>(place)).load(order);
}

template <typename T>
void store_once(std::byte* place, T value, std::memory_order order = std::memory_order_relaxed) {
    std::atomic_ref<T>(*reinterpret_cast<T*>(place)).store(value, order);
}

/// Does the same for a 64-bit value at any address (a driver may place indirect tables unaligned).
[[nodiscard]] inline std::uint64_t load_once_unaligned(const std::byte* place) {
    using Unaligned [[gnu::aligned(1), gnu::may_alias]] = std::uint64_t;
    return *reinterpret_cast<const volatile Unaligned*>(place);
}

/// Copies memory that may change meanwhile. Callers check and use only the copy.
inline void copy_once(std::byte* to, const std::byte* from, std::size_t size) {
    std::memcpy(to, from, size);
    // Keeps the compiler from reading the original a second time in place of the copy.
    asm volatile("" : : "r"(to) : "memory");
}

}  // namespace hv
