// SPDX-License-Identifier: Apache-2.0
// POSIX threads on kernel threads: create, end, join, detach.
#include <pthread.h>
#include <reent.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/platform/other_vcpus.h"
#include "kernel/trap/panic.h"
#include "userland/libc/thread_exit.h"
#include "userland/pthread/control.h"

namespace tenon::pthread {

namespace {

/// A program with threads has use for other vCPUs.
[[gnu::used]] constexpr const char* other_vcpus = &tenon_other_vcpus_are_linked;

/// POSIX threads that have not ended, including the first one. When the last one ends, the program ends.
constinit std::atomic<std::uint32_t> running = 1;

Control* make_control() {
    void* memory = heap_allocate(sizeof(Control), alignof(Control));
    return memory != nullptr ? new (memory) Control() : nullptr;
}

void release(Control& control) {
    if (control.references.fetch_sub(1, std::memory_order_acq_rel) == 1) heap_free(&control);
}

[[noreturn]] void end(Control& control, void* result) {
    while (__tenon_cleanup* cleanup = control.cleanups) {
        control.cleanups = cleanup->__previous;
        cleanup->__routine(cleanup->__argument);
    }
    if (&libc::destroy_thread_locals != nullptr) libc::destroy_thread_locals();
    destroy_values(control);
    if (running.fetch_sub(1) == 1) exit(EXIT_SUCCESS);
    _reclaim_reent(__getreent());
    control.ended.store(true);
    if (&forget_signals_of != nullptr) forget_signals_of(control);
    control.result = result;
    Thread::current().library_data = nullptr;
    release(control);
    Thread::exit();
}

/// noexcept: an exception that leaves a thread calls std::terminate.
void run(void* argument) noexcept {
    auto& control = *static_cast<Control*>(argument);
    Thread& thread = Thread::current();
    thread.library_data = &control;
    control.thread.store(&thread, std::memory_order_release);
    if (control.vcpus != tenon::every_vcpu) thread.set_affinity(control.vcpus);
    end(control, control.start(control.argument));
}

}  // namespace

Control& self() {
    Thread& thread = Thread::current();
    if (auto* control = static_cast<Control*>(thread.library_data)) return *control;
    Control* control = make_control();
    if (control == nullptr) panic("no memory for a thread's POSIX state");
    control->joining.store(Control::Joining::detached, std::memory_order_relaxed);
    control->thread.store(&thread, std::memory_order_relaxed);
    thread.library_data = control;
    return *control;
}

Thread& kernel_thread(Control& control) {
    for (;;) {
        if (Thread* thread = control.thread.load(std::memory_order_acquire)) return *thread;
        Thread::yield();
    }
}

}  // namespace tenon::pthread

using namespace tenon::pthread;
using tenon::Thread;

extern "C" {

int pthread_create(pthread_t* handle, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
    const pthread_attr_t defaults{};
    if (attributes == nullptr) attributes = &defaults;
    const bool detached = attributes->__detach_state == PTHREAD_CREATE_DETACHED;
    Control& creator = self();
    int policy = attributes->__policy;
    int priority = static_cast<int>(Thread::current().priority());
    if (attributes->__inherit == PTHREAD_EXPLICIT_SCHED)
        priority = kernel_priority(policy, attributes->__parameters.sched_priority);
    else
        policy = creator.policy;
    if (priority < 0) return EINVAL;

    Control* control = make_control();
    if (control == nullptr) return EAGAIN;
    control->start = start;
    control->argument = argument;
    control->policy = policy;
    control->vcpus = Thread::current().affinity();
    control->blocked_signals.store(creator.blocked_signals.load(), std::memory_order_relaxed);
    control->joining.store(detached ? Control::Joining::detached : Control::Joining::joinable,
                           std::memory_order_relaxed);
    control->references.store(detached ? 2 : 3, std::memory_order_relaxed);
    // Set before the thread runs, because it may read it there.
    *handle = to_handle(*control);
    const Thread::Options options{
        .name = Thread::current().name(),
        .priority = static_cast<tenon::Priority>(priority),
        .stack_size = attributes->__stack_size != 0 ? attributes->__stack_size : tenon::default_stack_size,
        .detached = detached,
    };
    running.fetch_add(1);
    if (!Thread::create(options, run, control)) {
        running.fetch_sub(1);
        tenon::heap_free(control);
        return EAGAIN;
    }
    release(*control);
    return 0;
}

int pthread_join(pthread_t handle, void** result) {
    Control& control = from_handle(handle);
    if (&control == self_if_known()) return EDEADLK;
    auto expected = Control::Joining::joinable;
    if (!control.joining.compare_exchange_strong(expected, Control::Joining::joining)) return EINVAL;
    Thread::join(kernel_thread(control));
    if (result != nullptr) *result = control.result;
    release(control);
    return 0;
}

int pthread_detach(pthread_t handle) {
    Control& control = from_handle(handle);
    auto expected = Control::Joining::joinable;
    if (!control.joining.compare_exchange_strong(expected, Control::Joining::detached)) return EINVAL;
    Thread::detach(kernel_thread(control));
    release(control);
    return 0;
}

void pthread_exit(void* result) {
    Control& control = self();
    end(control, result);
}

pthread_t pthread_self() { return to_handle(self()); }
int pthread_equal(pthread_t one, pthread_t other) { return one == other ? 1 : 0; }

int pthread_setname_np(pthread_t handle, const char* name) {
    constexpr std::size_t longest_name = 15;  // Linux's limit
    if (std::strlen(name) > longest_name) return ERANGE;
    kernel_thread(from_handle(handle)).set_name(name);
    return 0;
}

int pthread_getname_np(pthread_t handle, char* name, size_t size) {
    const char* from = kernel_thread(from_handle(handle)).name();
    if (std::strlen(from) >= size) return ERANGE;
    std::strcpy(name, from);
    return 0;
}

void __tenon_cleanup_push(__tenon_cleanup* cleanup) {
    Control& control = self();
    cleanup->__previous = control.cleanups;
    control.cleanups = cleanup;
}

void __tenon_cleanup_pop(__tenon_cleanup* cleanup, int execute) {
    self().cleanups = cleanup->__previous;
    if (execute != 0) cleanup->__routine(cleanup->__argument);
}

// There is no fork: the handlers are never called.
int pthread_atfork(void (*)(), void (*)(), void (*)()) { return 0; }

}  // extern "C"
