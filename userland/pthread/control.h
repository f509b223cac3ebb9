// SPDX-License-Identifier: Apache-2.0
// What a POSIX thread is beyond a kernel thread: its pthread_t is this block's address.
#pragma once

#include <pthread.h>
#include <sys/signal.h>

#include <atomic>
#include <cstdint>

#include "kernel/sched/thread.h"

namespace tenon::pthread {

/// A value that a thread keeps under a key. Counts only if `generation` is still the key's.
struct KeyValue {
    const void* value;
    std::uint32_t generation;
};

struct Control {
    enum class Joining : std::uint8_t { joinable, joining, detached };

    void* (*start)(void*) = nullptr;  ///< null in a thread that pthread_create did not make
    void* argument = nullptr;
    void* result = nullptr;  ///< written before the kernel thread ends
    std::atomic<Thread*> thread = nullptr;
    std::atomic<Joining> joining = Joining::joinable;
    std::atomic<bool> ended = false;
    /// The running thread, who may still join it, and its creator each hold one.
    std::atomic<std::uint32_t> references = 1;
    KeyValue* values = nullptr;  ///< PTHREAD_KEYS_MAX of them, from the first pthread_setspecific on
    __tenon_cleanup* cleanups = nullptr;
    std::atomic<sigset_t> blocked_signals = 0;  ///< written by the thread itself; a new one has its creator's
    int policy = 0;                             ///< SCHED_OTHER, or what was last set
};

/// The calling thread's block. A thread of the kernel's gets one when it first asks.
Control& self();

/// The block, or null for a thread that has none and so cannot have values either.
inline Control* self_if_known() { return static_cast<Control*>(Thread::current().library_data); }

inline Control& from_handle(pthread_t thread) { return *reinterpret_cast<Control*>(thread); }
inline pthread_t to_handle(Control& control) { return reinterpret_cast<pthread_t>(&control); }

/// The kernel thread. Waits for it where it has only just been created.
Thread& kernel_thread(Control& control);

/// Calls the destructors of the calling thread's values, as often as POSIX says.
void destroy_values(Control& control);

/// A thread ends: what is pending for it is gone. Of the signals (userland/posix), and there only in an image that has
/// them.
[[gnu::weak]] void forget_signals_of(Control& thread);

/// Kernel priority of a policy and its parameter, or -1 if there is no such.
int kernel_priority(int policy, int priority);

}  // namespace tenon::pthread
