// SPDX-License-Identifier: Apache-2.0
// The control block that a POSIX thread has besides its kernel thread; its address is the pthread_t.
#pragma once

#include <pthread.h>
#include <sys/signal.h>

#include <atomic>
#include <cstdint>

#include "kernel/sched/thread.h"

namespace tenon::pthread {

/// A thread-specific value. Valid only if `generation` is the key's.
struct KeyValue {
    const void* value;
    std::uint32_t generation;
};

struct Control {
    enum class Joining : std::uint8_t { joinable, joining, detached };

    void* (*start)(void*) = nullptr;  ///< null if pthread_create did not make the thread
    void* argument = nullptr;
    void* result = nullptr;  ///< written before the kernel thread ends
    std::atomic<Thread*> thread = nullptr;
    std::atomic<Joining> joining = Joining::joinable;
    std::atomic<bool> ended = false;
    /// References: one of the running thread, one of a thread that may join it, one of its creator.
    std::atomic<std::uint32_t> references = 1;
    KeyValue* values = nullptr;  ///< PTHREAD_KEYS_MAX of them, from the first pthread_setspecific on
    __tenon_cleanup* cleanups = nullptr;
    std::atomic<sigset_t> blocked_signals = 0;  ///< written by the thread itself; a new one has its creator's
    int policy = 0;                             ///< SCHED_OTHER, or what was last set
    VcpuSet vcpus = every_vcpu;                 ///< on which the thread is to start: its creator's
};

/// The calling thread's block. A kernel thread gets one at its first call.
Control& self();

/// The block, or null: then the thread has no thread-specific values either.
inline Control* self_if_known() { return static_cast<Control*>(Thread::current().library_data); }

inline Control& from_handle(pthread_t thread) { return *reinterpret_cast<Control*>(thread); }
inline pthread_t to_handle(Control& control) { return reinterpret_cast<pthread_t>(&control); }

/// The kernel thread. Waits for it if it is just being created.
Thread& kernel_thread(Control& control);

/// Calls the destructors of the calling thread's values, in as many rounds as POSIX requires.
void destroy_values(Control& control);

/// Drops the pending signals of a thread that ends. The signals (userland/posix) define it: weak, as an image without
/// signals does not contain it.
[[gnu::weak, gnu::noplt]] void forget_signals_of(Control& thread);

/// Whether a call that names a process names this one. Otherwise errno is ESRCH.
bool is_here(pid_t process);
/// What a call that sets errno returns: 0, or -1 for an error.
int with_errno(int error);

/// Kernel priority of a policy and its parameter; -1: there is no such policy or priority.
int kernel_priority(int policy, int priority);

}  // namespace tenon::pthread
