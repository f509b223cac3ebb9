// SPDX-License-Identifier: Apache-2.0
// Stacks of threads that have ended, for threads that begin. Making a guard page and taking it back are two calls of
// the host on `pv`, which a server with a thread for each connection would pay for each one.
#pragma once

#include <cstdint>

namespace tenon {

/// A stack of 2^order pages, the lowest inaccessible. Null: no memory. Callable where memory can be allocated.
[[nodiscard]] void* take_stack(std::uint32_t order);
/// Keeps the stack, which take_stack() has given with this order, or frees it.
void give_stack(void* pages, std::uint32_t order);
/// Frees the stacks that are kept; returns how many bytes they had.
std::uint64_t drop_cached_stacks();

}  // namespace tenon
