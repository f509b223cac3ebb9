// SPDX-License-Identifier: Apache-2.0
// Getting memory back from parts of the system that can give some up.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon {

/// The order in which shrinkers are called. The heap's empty slabs, and the stacks of threads that have ended,
/// come before all of them.
enum class ShrinkerOrder : int {
    reports = 0,  ///< free memory that is being reported to the host
    caches = 1,   ///< contents that can be made again
    balloon = 2,  ///< memory that was given to the host, which is told
};

/// Aligned to its size, as entries of a linker section have to be.
struct alignas(32) Shrinker {
    ShrinkerOrder order;
    const char* name;
    /// Frees memory, at best `wanted` bytes in one piece and not much more; returns how much. Runs on a thread, with
    /// interrupts unmasked, one call at a time; may block for a moment. The thread may hold any lock under which memory
    /// is allocated: use only try_lock() on such locks.
    std::uint64_t (*shrink)(std::uint64_t wanted);
};

/// For abi::control_request::reclaim: each hook gives back what it can. On the power thread; may block and take long.
struct alignas(16) ReclaimNowHook {
    const char* name;
    void (*run)();
};

/// Calls the shrinkers up to and including `last`, in order, until `wanted` bytes are freed; returns how many were. 0
/// if interrupts are masked, or if the calling thread is inside a shrinker.
std::uint64_t reclaim_memory(std::uint64_t wanted, ShrinkerOrder last = ShrinkerOrder::balloon);
/// Gives back all that can be: trims the heap, drops cached stacks, then runs the hooks.
void reclaim_now();

/// Memory is short: an allocation had to reclaim, or the balloon cannot reach its target. Calls the listener, if there
/// is one. Callable anywhere.
void note_memory_pressure();
/// `listener()` may run anywhere, also with the RAM zone locked: it only wakes a thread. Null: none.
void set_memory_pressure_listener(void (*listener)());

}  // namespace tenon

/// Entries of linker sections. Use at namespace scope in a .cpp file of the feature.
#define TENON_SHRINKER(order, function)                                                                        \
    [[gnu::section(".tenon.shrinkers"), gnu::used,                                                             \
      gnu::retain]] static const ::tenon::Shrinker tenon_shrinker_##function = {::tenon::ShrinkerOrder::order, \
                                                                                #function, function}
#define TENON_RECLAIM_NOW(function)                  \
    [[gnu::section(".tenon.reclaim_now"), gnu::used, \
      gnu::retain]] static const ::tenon::ReclaimNowHook tenon_reclaim_now_##function = {#function, function}
