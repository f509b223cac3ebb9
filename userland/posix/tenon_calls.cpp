// SPDX-License-Identifier: Apache-2.0
// Functions that only Tenon has (userland/include/tenon).
#include <tenon/clock.h>
#include <tenon/memory.h>
#include <tenon/power.h>
#include <tenon/ready.h>

#include <atomic>

#include "kernel/lifecycle/memory_pressure.h"
#include "kernel/lifecycle/power.h"
#include "kernel/lifecycle/shutdown.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/memory_counters.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/platform/platform.h"
#include "kernel/sched/stack_cache.h"

namespace tenon {

namespace {

constinit std::atomic<bool> is_ready = false;
constinit std::atomic<tenon_shutdown_handler> shutdown_handler = nullptr;

tenon_shutdown_reason to_program(abi::ShutdownReason reason) {
    return reason == abi::ShutdownReason::reboot ? TENON_REBOOT : TENON_POWER_OFF;
}
abi::ShutdownReason to_kernel(tenon_shutdown_reason reason) {
    return reason == TENON_REBOOT ? abi::ShutdownReason::reboot : abi::ShutdownReason::power_off;
}

}  // namespace

extern "C" {

void tenon_ready() {
    if (is_ready.exchange(true)) return;
    platform().boot_mark(abi::BootMark::ready);
    platform().ready();
}

uint64_t tenon_clock_generation() { return platform().clock_generation(); }

void tenon_set_shutdown_handler(tenon_shutdown_handler handler) {
    shutdown_handler.store(handler);
    call_program_for_shutdown([](abi::ShutdownReason reason) { shutdown_handler.load()(to_program(reason)); });
}

void tenon_stop_machine(tenon_shutdown_reason reason, int exit_code) {
    stop_machine(to_kernel(reason), exit_code & 0xFF);
}

void tenon_get_memory_statistics(tenon_memory_statistics* statistics) {
    const MemoryStatistics now = memory_statistics();
    const auto bytes = [](abi::MemoryCounter pages) { return memory_count(pages) * page_size; };
    *statistics = {.total = now.total_bytes,
                   .free = now.free_bytes,
                   .released = now.released_bytes,
                   .heap = now.heap_bytes,
                   .io_total = now.dma_total_bytes,
                   .io_free = now.dma_free_bytes,
                   .ballooned = bytes(abi::MemoryCounter::pages_ballooned),
                   .reported = bytes(abi::MemoryCounter::pages_reported),
                   .zero_pages_dropped = bytes(abi::MemoryCounter::pages_dropped),
                   .zero_scanned = bytes(abi::MemoryCounter::pages_scanned),
                   .zero_scan_ns = memory_count(abi::MemoryCounter::scan_ns),
                   .paged_out = bytes(abi::MemoryCounter::pages_paged_out),
                   .pressure_calls = memory_count(abi::MemoryCounter::pressure_calls)};
}

void tenon_trim_memory() {
    heap_trim();
    (void)drop_cached_stacks();
}

int tenon_set_memory_pressure_handler(tenon_memory_pressure_handler handler) {
    return set_memory_pressure_handler(handler) ? 0 : -1;
}

}  // extern "C"

}  // namespace tenon
