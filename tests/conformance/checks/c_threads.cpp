// SPDX-License-Identifier: Apache-2.0
// C11's threads.
#include <threads.h>
#include <time.h>

#include "../check.h"

namespace {

int sum = 0;
mtx_t lock;
cnd_t changed;
tss_t key;
int destroyed = 0;
once_flag flag = ONCE_FLAG_INIT;
int called = 0;

int add(void* amount) {
    for (int i = 0; i != 1000; ++i) {
        mtx_lock(&lock);
        sum += *static_cast<int*>(amount);
        mtx_unlock(&lock);
    }
    tss_set(key, amount);
    call_once(&flag, [] { ++called; });
    mtx_lock(&lock);
    cnd_signal(&changed);
    mtx_unlock(&lock);
    return *static_cast<int*>(amount);
}

timespec now() {
    timespec time = {};
    clock_gettime(CLOCK_REALTIME, &time);
    return time;
}

}  // namespace

CONFORMANCE(c_threads) {
    VALUE("mtx_init", mtx_init(&lock, mtx_plain) == thrd_success);
    VALUE("cnd_init", cnd_init(&changed) == thrd_success);
    VALUE("tss_create", tss_create(&key, [](void*) { ++destroyed; }) == thrd_success);
    int amounts[] = {1, 10};
    thrd_t threads[2];
    for (int i = 0; i != 2; ++i) VALUE("thrd_create", thrd_create(&threads[i], add, &amounts[i]) == thrd_success);
    mtx_lock(&lock);
    while (sum != 11'000) cnd_wait(&changed, &lock);
    mtx_unlock(&lock);
    for (int i = 0; i != 2; ++i) {
        int result = 0;
        VALUE("thrd_join", thrd_join(threads[i], &result) == thrd_success);
        VALUE("result", result);
    }
    VALUE("sum", sum);
    VALUE("called once", called);
    VALUE("values destroyed", destroyed);
    VALUE("thrd_equal", thrd_equal(thrd_current(), thrd_current()) != 0);
    VALUE("mtx_trylock", mtx_trylock(&lock) == thrd_success);
    VALUE("mtx_trylock of a locked one", mtx_trylock(&lock) == thrd_busy);
    const timespec past = now();
    VALUE("cnd_timedwait", cnd_timedwait(&changed, &lock, &past) == thrd_timedout);
    mtx_unlock(&lock);
    mtx_destroy(&lock);
    mtx_t again;
    VALUE("recursive", mtx_init(&again, mtx_recursive | mtx_timed) == thrd_success);
    mtx_lock(&again);
    VALUE("twice", mtx_timedlock(&again, &past) == thrd_success);
    mtx_destroy(&again);
    const timespec wrong = {0, 1'000'000'000}, short_time = {0, 1000};
    VALUE("thrd_sleep", thrd_sleep(&short_time, nullptr));
    VALUE("of a wrong time", thrd_sleep(&wrong, nullptr) < -1);
    cnd_destroy(&changed);
    tss_delete(key);
}
