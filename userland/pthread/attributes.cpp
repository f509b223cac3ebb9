// SPDX-License-Identifier: Apache-2.0
// Attributes: structures of plain values, all zero by default.
#include <pthread.h>

#include <cerrno>

#include "userland/pthread/control.h"

using namespace tenon::pthread;

extern "C" {

int pthread_attr_init(pthread_attr_t* attributes) {
    *attributes = {};
    return 0;
}

int pthread_attr_destroy(pthread_attr_t*) { return 0; }

int pthread_attr_getdetachstate(const pthread_attr_t* attributes, int* state) {
    *state = attributes->__detach_state;
    return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t* attributes, int state) {
    if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED) return EINVAL;
    attributes->__detach_state = state;
    return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t* attributes, size_t* size) {
    *size = attributes->__stack_size != 0 ? attributes->__stack_size : tenon::default_stack_size;
    return 0;
}

int pthread_attr_setstacksize(pthread_attr_t* attributes, size_t size) {
    if (size < PTHREAD_STACK_MIN) return EINVAL;
    attributes->__stack_size = size;
    return 0;
}

int pthread_attr_getstack(const pthread_attr_t* attributes, void** address, size_t* size) {
    *address = attributes->__stack_address;
    return pthread_attr_getstacksize(attributes, size);
}

int pthread_attr_getguardsize(const pthread_attr_t*, size_t* size) {
    *size = 4096;
    return 0;
}

// Every stack has one guard page, whatever size is set.
int pthread_attr_setguardsize(pthread_attr_t*, size_t) { return 0; }

int pthread_attr_getschedparam(const pthread_attr_t* attributes, sched_param* parameters) {
    *parameters = attributes->__parameters;
    return 0;
}

int pthread_attr_setschedparam(pthread_attr_t* attributes, const sched_param* parameters) {
    attributes->__parameters = *parameters;
    return 0;
}

int pthread_attr_getschedpolicy(const pthread_attr_t* attributes, int* policy) {
    *policy = attributes->__policy;
    return 0;
}

int pthread_attr_setschedpolicy(pthread_attr_t* attributes, int policy) {
    if (policy != SCHED_OTHER && policy != SCHED_FIFO && policy != SCHED_RR) return EINVAL;
    attributes->__policy = policy;
    return 0;
}

int pthread_attr_getinheritsched(const pthread_attr_t* attributes, int* inherit) {
    *inherit = attributes->__inherit;
    return 0;
}

int pthread_attr_setinheritsched(pthread_attr_t* attributes, int inherit) {
    if (inherit != PTHREAD_INHERIT_SCHED && inherit != PTHREAD_EXPLICIT_SCHED) return EINVAL;
    attributes->__inherit = inherit;
    return 0;
}

int pthread_attr_getscope(const pthread_attr_t*, int* scope) {
    *scope = PTHREAD_SCOPE_SYSTEM;
    return 0;
}

int pthread_attr_setscope(pthread_attr_t*, int scope) { return scope == PTHREAD_SCOPE_SYSTEM ? 0 : ENOTSUP; }

int pthread_getattr_np(pthread_t handle, pthread_attr_t* attributes) {
    Control& control = from_handle(handle);
    tenon::Thread& thread = kernel_thread(control);
    *attributes = {};
    attributes->__stack_address = reinterpret_cast<void*>(thread.stack_begin());
    attributes->__stack_size = thread.stack_size();
    attributes->__policy = control.policy;
    if (control.joining.load() == Control::Joining::detached) attributes->__detach_state = PTHREAD_CREATE_DETACHED;
    return 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t* attributes) {
    *attributes = {};
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t*) { return 0; }

int pthread_mutexattr_gettype(const pthread_mutexattr_t* attributes, int* type) {
    *type = static_cast<int>(attributes->__type);
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t* attributes, int type) {
    if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK) return EINVAL;
    attributes->__type = static_cast<unsigned>(type);
    return 0;
}

// A machine runs one program only, so objects are never shared between processes.
int pthread_mutexattr_getpshared(const pthread_mutexattr_t*, int* shared) {
    *shared = PTHREAD_PROCESS_PRIVATE;
    return 0;
}

int pthread_mutexattr_setpshared(pthread_mutexattr_t*, int shared) {
    return shared == PTHREAD_PROCESS_PRIVATE ? 0 : ENOTSUP;
}

int pthread_condattr_init(pthread_condattr_t* attributes) {
    *attributes = {};
    return 0;
}

int pthread_condattr_destroy(pthread_condattr_t*) { return 0; }

int pthread_condattr_getclock(const pthread_condattr_t* attributes, clockid_t* clock) {
    *clock = attributes->__monotonic != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return 0;
}

int pthread_condattr_setclock(pthread_condattr_t* attributes, clockid_t clock) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return EINVAL;
    attributes->__monotonic = clock == CLOCK_MONOTONIC ? 1 : 0;
    return 0;
}

int pthread_condattr_getpshared(const pthread_condattr_t*, int* shared) {
    *shared = PTHREAD_PROCESS_PRIVATE;
    return 0;
}

int pthread_condattr_setpshared(pthread_condattr_t*, int shared) {
    return shared == PTHREAD_PROCESS_PRIVATE ? 0 : ENOTSUP;
}

int pthread_rwlockattr_init(pthread_rwlockattr_t* attributes) {
    *attributes = {};
    return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t*) { return 0; }

int pthread_barrierattr_init(pthread_barrierattr_t* attributes) {
    *attributes = {};
    return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t*) { return 0; }

}  // extern "C"
