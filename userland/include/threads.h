// SPDX-License-Identifier: Apache-2.0
// C11's threads (ISO/IEC 9899:2011, 7.26): pthreads under other names.
#ifndef TENON_THREADS_H
#define TENON_THREADS_H

#include <pthread.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#else
#define thread_local _Thread_local
#endif

#define ONCE_FLAG_INIT PTHREAD_ONCE_INIT
#define TSS_DTOR_ITERATIONS 4

typedef pthread_t thrd_t;
typedef pthread_mutex_t mtx_t;
typedef pthread_cond_t cnd_t;
typedef pthread_key_t tss_t;
typedef pthread_once_t once_flag;
typedef int (*thrd_start_t)(void* argument);
typedef void (*tss_dtor_t)(void* value);

enum { mtx_plain = 0, mtx_recursive = 1, mtx_timed = 2 };
enum { thrd_success = 0, thrd_busy = 1, thrd_error = 2, thrd_nomem = 3, thrd_timedout = 4 };

int thrd_create(thrd_t* thread, thrd_start_t start, void* argument);
int thrd_equal(thrd_t one, thrd_t other);
thrd_t thrd_current(void);
/// 0, -1 if a signal's handler ran, another negative number for a wrong time.
int thrd_sleep(const struct timespec* time, struct timespec* remaining);
void thrd_exit(int result) __attribute__((__noreturn__));
int thrd_detach(thrd_t thread);
int thrd_join(thrd_t thread, int* result);
void thrd_yield(void);

int mtx_init(mtx_t* mutex, int kind);
int mtx_lock(mtx_t* mutex);
/// Times are of TIME_UTC.
int mtx_timedlock(mtx_t* mutex, const struct timespec* until);
int mtx_trylock(mtx_t* mutex);
int mtx_unlock(mtx_t* mutex);
void mtx_destroy(mtx_t* mutex);

void call_once(once_flag* flag, void (*function)(void));

int cnd_init(cnd_t* condition);
int cnd_signal(cnd_t* condition);
int cnd_broadcast(cnd_t* condition);
int cnd_wait(cnd_t* condition, mtx_t* mutex);
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const struct timespec* until);
void cnd_destroy(cnd_t* condition);

int tss_create(tss_t* key, tss_dtor_t destructor);
void* tss_get(tss_t key);
int tss_set(tss_t key, void* value);
void tss_delete(tss_t key);

#ifdef __cplusplus
}
#endif

#endif
