// SPDX-License-Identifier: Apache-2.0
// Physical addresses, and the one fixed relation between them and pointers.
#pragma once

#include <cstdint>

#include "hypercall/layout.h"

namespace tenon {

using abi::page_size;

/// A guest-physical address, as devices and page tables use it.
enum class PhysicalAddress : std::uint64_t {};

constexpr std::uint64_t to_integer(PhysicalAddress address) { return static_cast<std::uint64_t>(address); }

/// All RAM and all device registers are mapped at guest_base + physical address, on every platform.
inline PhysicalAddress to_physical(const volatile void* pointer) {
    return PhysicalAddress{reinterpret_cast<std::uintptr_t>(pointer) - abi::guest_base};
}

template <typename T = void>
T* to_pointer(PhysicalAddress address) {
    return reinterpret_cast<T*>(to_integer(address) + abi::guest_base);
}

constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}
constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t alignment) { return value & ~(alignment - 1); }

}  // namespace tenon
