// SPDX-License-Identifier: Apache-2.0
// What ext4 asks of the kernel, on the build machine: memory, a clock that is the same in each run, locks, messages.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernel/console/console.h"
#include "kernel/fs/file_system.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/sync.h"
#include "kernel/time/clock.h"
#include "kernel/trap/panic.h"

namespace tenon {

void* heap_allocate(std::size_t size, std::size_t alignment) {
    return alignment <= 16 ? std::malloc(size)
                           : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}
void* heap_allocate_zeroed(std::size_t size) { return std::calloc(1, size); }
void heap_free(void* pointer) { std::free(pointer); }

Nanoseconds realtime_now() {
    static std::atomic<Nanoseconds> now = 1'700'000'000'000'000'000;
    return now += 1'000'000;
}
dev_t next_file_system_number() { return 3; }

WaitResult wait_on_address(const std::atomic<std::uint32_t>& word, std::uint32_t expected, Deadline) {
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
    return WaitResult::woken;
}
std::uint32_t wake_address(const std::atomic<std::uint32_t>& word, std::uint32_t count) {
    return static_cast<std::uint32_t>(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0));
}
void Mutex::lock_slow() {
    while (state_.exchange(2, std::memory_order_acquire) != 0) wait_on_address(state_, 2, no_deadline);
}

namespace {

/// TENON_MESSAGES=1 shows messages: of hostile disks there are many.
void message(const char* format, va_list arguments) {
    static const bool shown = std::getenv("TENON_MESSAGES") != nullptr;
    if (!shown) return;
    std::vfprintf(stderr, format, arguments);
    std::fputc('\n', stderr);
}

}  // namespace

void log(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments);
    va_end(arguments);
}
void warn(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments);
    va_end(arguments);
}
void panic(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    std::fputc('\n', stderr);
    std::abort();
}

}  // namespace tenon
