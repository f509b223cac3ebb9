// SPDX-License-Identifier: Apache-2.0
// What programs can ask of Tenon and of no other system (userland/include/tenon).
#include <tenon/memory.h>
#include <tenon/power.h>
#include <tenon/ready.h>

#include <atomic>

#include "kernel/boot/power.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/platform/platform.h"

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

void tenon_set_shutdown_handler(tenon_shutdown_handler handler) {
    shutdown_handler.store(handler);
    set_shutdown_handler([](abi::ShutdownReason reason) { shutdown_handler.load()(to_program(reason)); });
}

void tenon_stop_machine(tenon_shutdown_reason reason, int exit_code) {
    stop_machine(to_kernel(reason), exit_code & 0xFF);
}

void tenon_get_memory_statistics(tenon_memory_statistics* statistics) {
    const MemoryStatistics now = memory_statistics();
    *statistics = {now.total_bytes, now.free_bytes,      now.released_bytes,
                   now.heap_bytes,  now.dma_total_bytes, now.dma_free_bytes};
}

void tenon_trim_memory() { heap_trim(); }

}  // extern "C"

}  // namespace tenon
