// SPDX-License-Identifier: Apache-2.0
// The machine's memory: amounts, and notice of shortage.
#ifndef TENON_MEMORY_H
#define TENON_MEMORY_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// All in bytes.
struct tenon_memory_statistics {
    uint64_t total;     ///< RAM that can be allocated: without the image and the I/O memory
    uint64_t free;      ///< of it, unused
    uint64_t released;  ///< of that, what the host holds no memory for
    uint64_t heap;      ///< pages of malloc and new
    uint64_t io_total;  ///< memory that devices reach
    uint64_t io_free;
    uint64_t ballooned;  ///< taken back by the host: neither free nor in use
    // Since boot:
    uint64_t reported;            ///< free memory that was given back to the host
    uint64_t zero_pages_dropped;  ///< memory in use that held zeros only, and was given back
    uint64_t zero_scanned;        ///< memory that was checked for zeros, each time counted
    uint64_t zero_scan_ns;        ///< not bytes: CPU time of that, in nanoseconds, dropping included
    uint64_t paged_out;           ///< memory in use that the host was asked to swap out
    uint64_t pressure_calls;      ///< calls of the memory pressure handler
};
void tenon_get_memory_statistics(struct tenon_memory_statistics* statistics);

/// Gives back pages that malloc keeps for speed, and the stacks of threads that have ended.
void tenon_trim_memory(void);

/// `handler` is called when memory gets short, so that the program can empty its caches: free memory fell below a
/// sixteenth of all (at most 64 MiB), an allocation had to reclaim memory, or the host wants more back than is free. It
/// runs on a thread of its own, at most once a second. A call that takes longer than 5 s is reported on the console;
/// the next call comes after it has returned. `free_bytes`: free memory at that moment. One handler; null for none.
/// Returns 0, or -1 if there is no memory for the thread.
typedef void (*tenon_memory_pressure_handler)(uint64_t free_bytes);
int tenon_set_memory_pressure_handler(tenon_memory_pressure_handler handler);

#ifdef __cplusplus
}
#endif

#endif
