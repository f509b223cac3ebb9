// SPDX-License-Identifier: Apache-2.0
// Memory of threads: record, stack with a guard page, thread-local storage.
#pragma once

#include "kernel/sched/thread.h"

namespace tenon {

struct ThreadMemory {
    /// A thread that is ready for its first switch. Null: no memory.
    static Thread* create(const Thread::Options& options, Thread::Entry entry, void* argument);
    /// An idle thread has no thread-local storage; the first one runs on the boot stack, others are given one.
    static Thread* create_idle();
    /// A stack of `bytes` at least, guard page included. False: no memory.
    static bool make_stack(Thread& thread, std::size_t bytes);
    /// The thread has ended and no vCPU is on its stack.
    static void destroy(Thread& thread);
};

}  // namespace tenon
