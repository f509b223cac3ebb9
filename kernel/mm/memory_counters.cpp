// SPDX-License-Identifier: Apache-2.0
// Counters of memory cooperation since boot.
#include "kernel/mm/memory_counters.h"

#include <span>

#include "kernel/platform/platform.h"

namespace tenon {

namespace {

constinit std::atomic<std::uint64_t> own_counters[static_cast<std::size_t>(abi::MemoryCounter::count)] = {};

std::atomic<std::uint64_t>& place_of(abi::MemoryCounter counter) {
    const std::span<std::atomic<std::uint64_t>> shared = platform().memory_counters();
    const auto index = static_cast<std::size_t>(counter);
    return index < shared.size() ? shared[index] : own_counters[index];
}

}  // namespace

void count_memory(abi::MemoryCounter counter, std::uint64_t amount) {
    place_of(counter).fetch_add(amount, std::memory_order_relaxed);
}

void set_memory_count(abi::MemoryCounter counter, std::uint64_t value) {
    place_of(counter).store(value, std::memory_order_relaxed);
}

std::uint64_t memory_count(abi::MemoryCounter counter) { return place_of(counter).load(std::memory_order_relaxed); }

}  // namespace tenon
