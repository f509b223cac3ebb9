// SPDX-License-Identifier: Apache-2.0
// Loads and stores of memory that the guest writes at the same time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hv {

/// Exactly one load: an ordinary one, or memcpy, could be done twice by the compiler, with two different results after
/// the check and before the use. `place` is aligned for T.
template <typename T>
[[nodiscard]] T load_once(std::byte* place, std::memory_order order = std::memory_order_relaxed) {
    return std::atomic_ref<T>(*reinterpret_cast<T*>(place)).load(order);
}

template <typename T>
void store_once(std::byte* place, T value, std::memory_order order = std::memory_order_relaxed) {
    std::atomic_ref<T>(*reinterpret_cast<T*>(place)).store(value, order);
}

/// The same for a 64-bit value at any address (an indirect table's alignment is the driver's choice).
[[nodiscard]] inline std::uint64_t load_once_unaligned(const std::byte* place) {
    using Unaligned [[gnu::aligned(1), gnu::may_alias]] = std::uint64_t;
    return *reinterpret_cast<const volatile Unaligned*>(place);
}

/// A copy of what may change meanwhile: what is checked and used is the copy, never the original again.
inline void copy_once(std::byte* to, const std::byte* from, std::size_t size) {
    std::memcpy(to, from, size);
    // Without this the compiler might read the original a second time instead of the copy.
    asm volatile("" : : "r"(to) : "memory");
}

}  // namespace hv
