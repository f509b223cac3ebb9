// SPDX-License-Identifier: Apache-2.0
// Getting memory back from whoever can give some up.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon {

/// Asked in this order. The heap's kept slabs come before all of them.
enum class ShrinkerOrder : int {
    reports = 0,  ///< free memory that is on its way to the host for a moment
    caches = 1,   ///< what can be made anew
    balloon = 2,  ///< what the host was given: it is told when it gets less
};

/// Aligned to its size, as entries of a linker section have to be.
struct alignas(32) Shrinker {
    ShrinkerOrder order;
    const char* name;
    /// Frees memory, at best `wanted` bytes at once in one piece and not much more; returns how much. Runs on a thread,
    /// with interrupts unmasked, one call at a time; it may block for a moment. The thread may be in the middle of
    /// anything that allocates, so locks that are held while allocating are only tried.
    std::uint64_t (*shrink)(std::uint64_t wanted);
};

/// What `abi::control_request::reclaim` asks for: each hook gives back what it can, now. On the thread of the
/// hypervisor's requests; may block and take its time.
struct alignas(16) ReclaimNowHook {
    const char* name;
    void (*run)();
};

/// Asks the shrinkers below and including `last` in order until `wanted` bytes were freed; returns how much that was.
/// 0 if interrupts are masked, or if the calling thread is a shrinker itself.
std::uint64_t reclaim_memory(std::uint64_t wanted, ShrinkerOrder last = ShrinkerOrder::balloon);
/// Gives everything back that can be: trims the heap, then runs the hooks.
void reclaim_now();

/// Memory is short: an allocation had to reclaim, or the balloon cannot reach its target. Calls the listener, if there
/// is one. Callable anywhere.
void note_memory_pressure();
/// `listener()` may run anywhere, also with the RAM zone locked: it only wakes a thread. Null: none.
void set_memory_pressure_listener(void (*listener)());

}  // namespace tenon

/// Entries of the linker sections that the above walk. Use at namespace scope in a feature's .cpp file.
#define TENON_SHRINKER(order, function)                                                                        \
    [[gnu::section(".tenon.shrinkers"), gnu::used,                                                             \
      gnu::retain]] static const ::tenon::Shrinker tenon_shrinker_##function = {::tenon::ShrinkerOrder::order, \
                                                                                #function, function}
#define TENON_RECLAIM_NOW(function)                  \
    [[gnu::section(".tenon.reclaim_now"), gnu::used, \
      gnu::retain]] static const ::tenon::ReclaimNowHook tenon_reclaim_now_##function = {#function, function}
