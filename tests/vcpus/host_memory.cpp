// SPDX-License-Identifier: Apache-2.0
// Memory of kernel threads from the C library, which must not be interrupted: it keeps state for each host thread.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/register_bits.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/thread_memory.h"
#include "kernel/sched/thread_times.h"

extern "C" {
std::uint64_t tenon_xstate_mask = 3;  // for context.S: x87 and SSE
}

namespace tenon {

namespace {
constexpr std::size_t least_stack_size = 64 * 1024;  // for signal frames of the host
std::atomic<std::uint32_t> thread_count = 0;
}  // namespace

void* heap_allocate(std::size_t size, std::size_t alignment) {
    const interrupts::Masked masked;
    return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void heap_free(void* pointer) {
    const interrupts::Masked masked;
    std::free(pointer);
}

Thread* ThreadMemory::create_idle() {
    auto* thread = new (heap_allocate(sizeof(Thread), alignof(Thread))) Thread();
    ThreadTimes::add(*thread);
    return thread;
}

bool ThreadMemory::make_stack(Thread& thread, std::size_t bytes) {
    thread.stack_size_ = std::max(bytes, least_stack_size);
    thread.stack_pages_ = heap_allocate(thread.stack_size_, 64);
    thread.stack_begin_ = reinterpret_cast<std::uintptr_t>(thread.stack_pages_);
    return true;
}

Thread* ThreadMemory::create(const Thread::Options& options, Thread::Entry entry, void* argument) {
    Thread* thread = create_idle();
    thread->set_name(options.name);
    thread->priority_ = options.priority;
    thread->detached_ = options.detached;
    thread->entry_ = entry;
    thread->argument_ = argument;
    make_stack(*thread, options.stack_size);
    // As in kernel/sched/thread_memory.cpp.
    auto* top = reinterpret_cast<std::uint64_t*>(thread->stack_begin_ + thread->stack_size_) - 10;
    std::memset(top, 0, 10 * sizeof(*top));
    top[0] = (std::uint64_t{X87_CONTROL_DEFAULT} << 32) | MXCSR_DEFAULT;
    top[5] = reinterpret_cast<std::uint64_t>(thread);
    top[7] = reinterpret_cast<std::uint64_t>(&tenon_thread_start);
    thread->saved_stack_pointer_ = reinterpret_cast<std::uint64_t>(top);
    thread_count.fetch_add(1);
    return thread;
}

void ThreadMemory::destroy(Thread& thread) {
    ThreadTimes::remove(thread);
    // Whoever still uses it finds nonsense.
    std::memset(thread.stack_pages_, 0xEE, thread.stack_size_);
    heap_free(thread.stack_pages_);
    std::memset(static_cast<void*>(&thread), 0xEE, sizeof(thread));
    heap_free(&thread);
    thread_count.fetch_sub(1);
}

std::uint32_t Thread::count() { return thread_count.load(); }

}  // namespace tenon

void* operator new(std::size_t size) { return tenon::heap_allocate(size, 16); }
void operator delete(void* pointer) noexcept { tenon::heap_free(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { tenon::heap_free(pointer); }
