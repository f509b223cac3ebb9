// SPDX-License-Identifier: Apache-2.0
// C11's threads.
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <threads.h>

#include <cstdint>

namespace {

int to_result(int code) {
    switch (code) {
        case 0: return thrd_success;
        case EBUSY: return thrd_busy;
        case ENOMEM:
        case EAGAIN: return thrd_nomem;
        case ETIMEDOUT: return thrd_timedout;
        default: return thrd_error;
    }
}

void* to_pointer(int result) { return reinterpret_cast<void*>(static_cast<std::intptr_t>(result)); }

struct Start {
    thrd_start_t function;
    void* argument;
};

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t start, void* argument) {
    auto* copy = static_cast<Start*>(malloc(sizeof(Start)));
    if (copy == nullptr) return thrd_nomem;
    *copy = {start, argument};
    const auto run = [](void* given) {
        const Start own = *static_cast<Start*>(given);
        free(given);
        return to_pointer(own.function(own.argument));
    };
    const int code = pthread_create(thread, nullptr, run, copy);
    if (code != 0) free(copy);
    return to_result(code);
}
int thrd_equal(thrd_t one, thrd_t other) { return pthread_equal(one, other); }
thrd_t thrd_current() { return pthread_self(); }
int thrd_sleep(const timespec* time, timespec* remaining) {
    const int before = errno;
    if (nanosleep(time, remaining) == 0) return 0;
    const int result = errno == EINTR ? -1 : -2;
    errno = before;
    return result;
}
void thrd_exit(int result) { pthread_exit(to_pointer(result)); }
int thrd_detach(thrd_t thread) { return to_result(pthread_detach(thread)); }
int thrd_join(thrd_t thread, int* result) {
    void* value = nullptr;
    const int code = pthread_join(thread, &value);
    if (result != nullptr) *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
    return to_result(code);
}
void thrd_yield() { sched_yield(); }

int mtx_init(mtx_t* mutex, int kind) {
    if (kind < mtx_plain || kind > (mtx_recursive | mtx_timed)) return thrd_error;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if ((kind & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    return to_result(pthread_mutex_init(mutex, &attributes));
}
int mtx_lock(mtx_t* mutex) { return to_result(pthread_mutex_lock(mutex)); }
int mtx_timedlock(mtx_t* mutex, const timespec* until) { return to_result(pthread_mutex_timedlock(mutex, until)); }
int mtx_trylock(mtx_t* mutex) { return to_result(pthread_mutex_trylock(mutex)); }
int mtx_unlock(mtx_t* mutex) { return to_result(pthread_mutex_unlock(mutex)); }
void mtx_destroy(mtx_t* mutex) { pthread_mutex_destroy(mutex); }

void call_once(once_flag* flag, void (*function)()) { pthread_once(flag, function); }

int cnd_init(cnd_t* condition) { return to_result(pthread_cond_init(condition, nullptr)); }
int cnd_signal(cnd_t* condition) { return to_result(pthread_cond_signal(condition)); }
int cnd_broadcast(cnd_t* condition) { return to_result(pthread_cond_broadcast(condition)); }
int cnd_wait(cnd_t* condition, mtx_t* mutex) { return to_result(pthread_cond_wait(condition, mutex)); }
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
    return to_result(pthread_cond_timedwait(condition, mutex, until));
}
void cnd_destroy(cnd_t* condition) { pthread_cond_destroy(condition); }

int tss_create(tss_t* key, tss_dtor_t destructor) { return to_result(pthread_key_create(key, destructor)); }
void* tss_get(tss_t key) { return pthread_getspecific(key); }
int tss_set(tss_t key, void* value) { return to_result(pthread_setspecific(key, value)); }
void tss_delete(tss_t key) { pthread_key_delete(key); }

}  // extern "C"
