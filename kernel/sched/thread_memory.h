// SPDX-License-Identifier: Apache-2.0
// Memory of threads: record, stack with a guard page, thread-local storage.
#pragma once

#include "kernel/sched/thread.h"

namespace tenon {

struct ThreadMemory {
    /// A thread that is ready for its first switch. Null: no memory.
    static Thread* create(const Thread::Options& options, Thread::Entry entry, void* argument);
    /// The idle thread runs on the boot stack and has no thread-local storage.
    static Thread* create_idle();
    /// The thread has ended and no vCPU is on its stack.
    static void destroy(Thread& thread);
};

}  // namespace tenon
