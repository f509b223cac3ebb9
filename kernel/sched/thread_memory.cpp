// SPDX-License-Identifier: Apache-2.0
// Making and freeing threads.
#include "kernel/sched/thread_memory.h"

#include <bit>
#include <cstring>
#include <new>

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/register_bits.h"
#include "kernel/base/address.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/stack_cache.h"
#include "kernel/sched/thread_times.h"

extern "C" {
// The image's thread-local segment (kernel/boot/image.ld). Sizes are the symbols' addresses.
extern const char __tls_begin[];
extern const char __tls_data_size[];
extern const char __tls_size[];
extern const char __tls_alignment[];
}

namespace tenon {

namespace {

constinit std::atomic<std::uint32_t> thread_count = 0;
constinit std::atomic<std::uint32_t> next_id = 0;

/// The value of an absolute linker symbol. Loaded as an immediate, because it is out of reach of RIP-relative
/// addresses.
#define LINKER_CONSTANT(symbol)                       \
    ([] {                                             \
        std::uint64_t value;                          \
        asm("movabs $" #symbol ", %0" : "=r"(value)); \
        return value;                                 \
    }())

/// The x86-64 ABI's variant II: thread-local data ends at the thread pointer, where a pointer to itself stands
/// (System V ABI, "ELF Handling For Thread-Local Storage", 3.4.6). 0x28 is the stack protector's place.
struct ThreadControlBlock {
    ThreadControlBlock* self;
    std::uint64_t reserved[4];
    std::uint64_t stack_guard;
};

void* make_tls(std::uint64_t& thread_pointer) {
    // The linker counts offsets from the segment's end, rounded up to the segment's own alignment.
    const std::uint64_t alignment = std::max<std::uint64_t>(LINKER_CONSTANT(__tls_alignment), 1);
    const std::uint64_t data_size = LINKER_CONSTANT(__tls_data_size);
    const std::uint64_t size = align_up(LINKER_CONSTANT(__tls_size), alignment);
    // The thread pointer is aligned for both segment and control block; unused bytes are before the data.
    const std::uint64_t pointer_alignment = std::max<std::uint64_t>(alignment, 16);
    const std::uint64_t pointer_offset = align_up(size, pointer_alignment);
    auto* block =
        static_cast<std::byte*>(heap_allocate(pointer_offset + sizeof(ThreadControlBlock), pointer_alignment));
    if (block == nullptr) return nullptr;
    std::byte* data = block + pointer_offset - size;
    std::memcpy(data, __tls_begin, data_size);
    std::memset(data + data_size, 0, size - data_size);
    auto* control = new (block + pointer_offset) ThreadControlBlock{};
    control->self = control;
    thread_pointer = reinterpret_cast<std::uint64_t>(control);
    return block;
}

}  // namespace

Thread* ThreadMemory::create_idle() {
    void* memory = heap_allocate(sizeof(Thread), alignof(Thread));
    if (memory == nullptr) return nullptr;
    auto* thread = new (memory) Thread();
    thread->set_name("idle");
    ThreadTimes::add(*thread);
    return thread;
}

Thread* ThreadMemory::create(const Thread::Options& options, Thread::Entry entry, void* argument) {
    void* memory = heap_allocate(sizeof(Thread), alignof(Thread));
    if (memory == nullptr) return nullptr;
    auto* thread = new (memory) Thread();
    thread->set_name(options.name);
    thread->priority_ = options.priority;
    thread->detached_ = options.detached;
    thread->entry_ = entry;
    thread->argument_ = argument;
    thread->tls_block_ = make_tls(thread->thread_pointer_);
    if (thread->tls_block_ == nullptr || !make_stack(*thread, options.stack_size)) {
        heap_free(thread->tls_block_);
        heap_free(thread);
        return nullptr;
    }
    thread->id_ = next_id.fetch_add(1, std::memory_order_relaxed) + 1;

    // The layout of tenon_switch_stacks, from the top: a zero that ends backtraces, the return address, RBP, RBX (the
    // argument of tenon_thread_start), R12 to R15, MXCSR and x87 control word with all exceptions masked.
    auto* top = reinterpret_cast<std::uint64_t*>(thread->stack_begin_ + thread->stack_size_);
    *--top = 0;
    *--top = 0;
    *--top = reinterpret_cast<std::uint64_t>(&tenon_thread_start);
    *--top = 0;
    *--top = reinterpret_cast<std::uint64_t>(thread);
    for (int callee_saved = 0; callee_saved < 4; ++callee_saved) *--top = 0;
    *--top = (std::uint64_t{X87_CONTROL_DEFAULT} << 32) | MXCSR_DEFAULT;
    thread->saved_stack_pointer_ = reinterpret_cast<std::uint64_t>(top);
    thread_count.fetch_add(1, std::memory_order_relaxed);
    ThreadTimes::add(*thread);
    return thread;
}

bool ThreadMemory::make_stack(Thread& thread, std::size_t bytes) {
    bytes = std::bit_ceil(std::max(bytes, smallest_stack_size));
    thread.stack_order_ = static_cast<std::uint32_t>(std::countr_zero(bytes / page_size));
    thread.stack_pages_ = take_stack(thread.stack_order_);
    if (thread.stack_pages_ == nullptr) return false;
    thread.stack_begin_ = reinterpret_cast<std::uintptr_t>(thread.stack_pages_) + page_size;
    thread.stack_size_ = bytes - page_size;
    return true;
}

void ThreadMemory::destroy(Thread& thread) {
    ThreadTimes::remove(thread);
    give_stack(thread.stack_pages_, thread.stack_order_);
    heap_free(thread.tls_block_);
    heap_free(&thread);
    thread_count.fetch_sub(1, std::memory_order_relaxed);
}

std::uint32_t Thread::count() { return thread_count.load(std::memory_order_relaxed); }

}  // namespace tenon
