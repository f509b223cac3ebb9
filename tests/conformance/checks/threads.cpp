// SPDX-License-Identifier: Apache-2.0
// POSIX threads: results and errors.
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "../check.h"

using namespace conformance;

namespace {

timespec after(clockid_t clock, long nanoseconds) {
    timespec time = {};
    clock_gettime(clock, &time);
    time.tv_nsec += nanoseconds;
    time.tv_sec += time.tv_nsec / 1'000'000'000;
    time.tv_nsec %= 1'000'000'000;
    return time;
}

constexpr timespec wrong_time = {0, 1'000'000'000}, long_ago = {-5, 0};

}  // namespace

CONFORMANCE(threads) {
    pthread_t thread;
    void* result = nullptr;
    CODE("create", pthread_create(
                       &thread, nullptr, [](void* given) { return given; }, &result));
    CODE("join", pthread_join(thread, &result));
    VALUE("its result", result == &result);
    CODE("create one that exits",
         pthread_create(
             &thread, nullptr, [](void*) -> void* { pthread_exit(reinterpret_cast<void*>(7)); }, nullptr));
    pthread_join(thread, &result);
    VALUE("its result", reinterpret_cast<long>(result));
    CODE("join oneself", pthread_join(pthread_self(), nullptr));
    pthread_attr_t attributes;
    CODE("attr_init", pthread_attr_init(&attributes));
    int number = -1;
    pthread_attr_getdetachstate(&attributes, &number);
    VALUE("joinable at first", number == PTHREAD_CREATE_JOINABLE);
    CODE("attr_setdetachstate", pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    CODE("attr_setdetachstate, wrong", pthread_attr_setdetachstate(&attributes, 77));
    CODE("attr_setstacksize", pthread_attr_setstacksize(&attributes, 256 * 1024));
    CODE("attr_setstacksize, too small", pthread_attr_setstacksize(&attributes, 100));
    std::size_t size = 0;
    pthread_attr_getstacksize(&attributes, &size);
    VALUE("the size", size);
    CODE("attr_setschedpolicy, wrong", pthread_attr_setschedpolicy(&attributes, 77));
    CODE("attr_setinheritsched, wrong", pthread_attr_setinheritsched(&attributes, 77));
    CODE("attr_setscope", pthread_attr_setscope(&attributes, PTHREAD_SCOPE_SYSTEM));
    CODE("attr_setscope, process", pthread_attr_setscope(&attributes, PTHREAD_SCOPE_PROCESS));
    std::atomic<bool> ran = false;
    CODE("create a detached one", pthread_create(
                                      &thread, &attributes,
                                      [](void* flag) -> void* {
                                          *static_cast<std::atomic<bool>*>(flag) = true;
                                          return nullptr;
                                      },
                                      &ran));
    while (!ran) sched_yield();
    VALUE("it ran", ran.load());
    CODE("attr_destroy", pthread_attr_destroy(&attributes));
    VALUE("equal", pthread_equal(pthread_self(), pthread_self()) != 0);
    char name[64];
    CODE("setname", pthread_setname_np(pthread_self(), "fifteen letters"));
    CODE("getname", pthread_getname_np(pthread_self(), name, sizeof(name)));
    VALUE("the name", std::string_view(name));
    CODE("setname, too long", pthread_setname_np(pthread_self(), "sixteen letters!"));
    CODE("getname, no room", pthread_getname_np(pthread_self(), name, 4));
    pthread_setname_np(pthread_self(), "main");
    int policy = -1;
    sched_param parameters = {};
    CODE("getschedparam", pthread_getschedparam(pthread_self(), &policy, &parameters));
    VALUE("other", policy == SCHED_OTHER);
    VALUE("priority", parameters.sched_priority);
    parameters.sched_priority = 1;
    CODE("setschedparam, wrong priority", pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters));
    parameters.sched_priority = 100;
    CODE("setschedparam, too high", pthread_setschedparam(pthread_self(), SCHED_RR, &parameters));
    CODE("setschedparam, wrong policy", pthread_setschedparam(pthread_self(), 77, &parameters));
    CALL("sched_getscheduler", sched_getscheduler(0));
    CALL("sched_getscheduler of nobody", sched_getscheduler(99'999'999));
    CALL("sched_getparam", sched_getparam(0, &parameters));
    CALL("sched_get_priority_min", sched_get_priority_min(SCHED_RR));
    CALL("sched_get_priority_max, other", sched_get_priority_max(SCHED_OTHER));
    CALL("sched_get_priority_max, wrong", sched_get_priority_max(77));
    CALL("sched_yield", sched_yield());
}

CONFORMANCE(affinity) {
    // Only what holds on any number of CPUs: the Linux of this test may have others than the guest.
    cpu_set_t all, set;
    CALL("sched_getaffinity", sched_getaffinity(0, sizeof(all), &all));
    VALUE("some CPUs", CPU_COUNT(&all) > 0);
    CALL("sched_getaffinity of itself by number", sched_getaffinity(getpid(), sizeof(set), &set));
    VALUE("the same", CPU_EQUAL(&all, &set) != 0);
    CALL("sched_getaffinity of nobody", sched_getaffinity(99'999'999, sizeof(set), &set));
    CALL("sched_getaffinity, four bytes", sched_getaffinity(0, 4, &set));
    CALL("sched_getaffinity, twelve bytes", sched_getaffinity(0, 12, &set));
    CALL("sched_getaffinity, nowhere", sched_getaffinity(0, sizeof(set), nullptr));
    CPU_ZERO(&set);
    VALUE("an empty set", CPU_COUNT(&set));
    CALL("sched_setaffinity to nothing", sched_setaffinity(0, sizeof(set), &set));
    CPU_SET(1000, &set);
    VALUE("one of it", CPU_ISSET(1000, &set) != 0 && CPU_ISSET(1001, &set) == 0);
    CALL("sched_setaffinity to a CPU that is not there", sched_setaffinity(0, sizeof(set), &set));
    CODE("pthread_setaffinity_np to it", pthread_setaffinity_np(pthread_self(), sizeof(set), &set));
    CALL("sched_setaffinity, nowhere", sched_setaffinity(0, sizeof(set), nullptr));
    CALL("sched_setaffinity of nobody", sched_setaffinity(99'999'999, sizeof(set), &all));
    int last = 0;
    for (int cpu = 0; cpu != CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &all)) last = cpu;
    CPU_ZERO(&set);
    CPU_SET(last, &set);
    CPU_SET(CPU_SETSIZE, &set);  // beyond the set: nothing happens
    CALL("sched_setaffinity to one", sched_setaffinity(0, sizeof(set), &set));
    VALUE("it runs there", sched_getcpu() == last);
    cpu_set_t now;
    CODE("pthread_getaffinity_np", pthread_getaffinity_np(pthread_self(), sizeof(now), &now));
    VALUE("that one", CPU_EQUAL(&set, &now) != 0);
    std::thread([&] {
        CALL("sched_getaffinity of a new thread", sched_getaffinity(0, sizeof(now), &now));
        VALUE("its maker's", CPU_EQUAL(&set, &now) != 0);
    }).join();
    CODE("pthread_setaffinity_np", pthread_setaffinity_np(pthread_self(), sizeof(all), &all));
    CPU_XOR(&set, &all, &all);
    VALUE("xor", CPU_COUNT(&set));
    CPU_OR(&set, &set, &all);
    VALUE("or", CPU_EQUAL(&set, &all) != 0);
    CPU_CLR(last, &set);
    CPU_AND(&set, &set, &all);
    VALUE("one less", CPU_COUNT(&all) - CPU_COUNT(&set));
    cpu_set_t* small = CPU_ALLOC(64);
    CPU_ZERO_S(CPU_ALLOC_SIZE(64), small);
    CPU_SET_S(63, CPU_ALLOC_SIZE(64), small);
    VALUE("of 64", CPU_COUNT_S(CPU_ALLOC_SIZE(64), small));
    CPU_FREE(small);
}

CONFORMANCE(mutexes) {
    pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, recursive, checked;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    CODE("settype, wrong", pthread_mutexattr_settype(&attributes, 77));
    CODE("settype, recursive", pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE));
    CODE("init", pthread_mutex_init(&recursive, &attributes));
    CODE("settype, checked", pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK));
    CODE("init", pthread_mutex_init(&checked, &attributes));
    CODE("setpshared, wrong", pthread_mutexattr_setpshared(&attributes, 77));
    CODE("lock", pthread_mutex_lock(&plain));
    CODE("trylock of a locked one", pthread_mutex_trylock(&plain));
    const timespec soon = after(CLOCK_REALTIME, 1'000'000), soon_monotonic = after(CLOCK_MONOTONIC, 1'000'000);
    CODE("timedlock", pthread_mutex_timedlock(&plain, &soon));
    CODE("timedlock, long ago", pthread_mutex_timedlock(&plain, &long_ago));
    CODE("timedlock, wrong time", pthread_mutex_timedlock(&plain, &wrong_time));
    CODE("clocklock", pthread_mutex_clocklock(&plain, CLOCK_MONOTONIC, &soon_monotonic));
    CODE("clocklock, wrong clock", pthread_mutex_clocklock(&plain, 77, &soon));
    CODE("destroy of a locked one", pthread_mutex_destroy(&plain));
    CODE("unlock", pthread_mutex_unlock(&plain));
    CODE("timedlock of a free one, wrong time", pthread_mutex_timedlock(&plain, &wrong_time));
    pthread_mutex_unlock(&plain);
    CODE("destroy", pthread_mutex_destroy(&plain));
    for (int i = 0; i != 3; ++i) CODE("recursive lock", pthread_mutex_lock(&recursive));
    CODE("recursive trylock", pthread_mutex_trylock(&recursive));
    for (int i = 0; i != 4; ++i) CODE("recursive unlock", pthread_mutex_unlock(&recursive));
    CODE("recursive unlock too many", pthread_mutex_unlock(&recursive));
    CODE("checked lock", pthread_mutex_lock(&checked));
    CODE("checked lock again", pthread_mutex_lock(&checked));
    CODE("checked trylock", pthread_mutex_trylock(&checked));
    std::thread([&] { CODE("checked unlock by another", pthread_mutex_unlock(&checked)); }).join();
    CODE("checked unlock", pthread_mutex_unlock(&checked));
    CODE("checked unlock of a free one", pthread_mutex_unlock(&checked));
}

CONFORMANCE(conditions) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, checked;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER, monotonic;
    pthread_condattr_t attributes;
    clockid_t clock = 77;
    pthread_condattr_init(&attributes);
    pthread_condattr_getclock(&attributes, &clock);
    VALUE("by the wall clock at first", clock == CLOCK_REALTIME);
    CODE("setclock", pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    CODE("setclock, wrong", pthread_condattr_setclock(&attributes, 77));
    CODE("init", pthread_cond_init(&monotonic, &attributes));
    pthread_mutex_lock(&mutex);
    const timespec soon = after(CLOCK_REALTIME, 1'000'000), soon_monotonic = after(CLOCK_MONOTONIC, 1'000'000);
    CODE("timedwait", pthread_cond_timedwait(&condition, &mutex, &soon));
    CODE("timedwait, monotonic", pthread_cond_timedwait(&monotonic, &mutex, &soon_monotonic));
    CODE("timedwait, long ago", pthread_cond_timedwait(&condition, &mutex, &long_ago));
    CODE("timedwait, wrong time", pthread_cond_timedwait(&condition, &mutex, &wrong_time));
    CODE("clockwait", pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &soon_monotonic));
    CODE("clockwait, wrong clock", pthread_cond_clockwait(&condition, &mutex, 77, &soon));
    CODE("signal for nobody", pthread_cond_signal(&condition));
    CODE("broadcast to nobody", pthread_cond_broadcast(&condition));
    pthread_mutex_unlock(&mutex);
    pthread_mutexattr_t checking;
    pthread_mutexattr_init(&checking);
    pthread_mutexattr_settype(&checking, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&checked, &checking);
    CODE("wait without the mutex", pthread_cond_timedwait(&condition, &checked, &soon));
    CODE("destroy", pthread_cond_destroy(&condition));
}

CONFORMANCE(rwlocks) {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    CODE("rdlock", pthread_rwlock_rdlock(&lock));
    CODE("tryrdlock", pthread_rwlock_tryrdlock(&lock));
    CODE("trywrlock", pthread_rwlock_trywrlock(&lock));
    const timespec soon = after(CLOCK_REALTIME, 1'000'000);
    CODE("timedwrlock", pthread_rwlock_timedwrlock(&lock, &soon));
    CODE("timedwrlock, wrong time", pthread_rwlock_timedwrlock(&lock, &wrong_time));
    pthread_rwlock_unlock(&lock);
    CODE("unlock", pthread_rwlock_unlock(&lock));
    CODE("wrlock", pthread_rwlock_wrlock(&lock));
    std::thread([&] {
        CODE("tryrdlock of a written one", pthread_rwlock_tryrdlock(&lock));
        CODE("timedrdlock of a written one", pthread_rwlock_timedrdlock(&lock, &soon));
    }).join();
    CODE("unlock", pthread_rwlock_unlock(&lock));
    CODE("timedrdlock of a free one, wrong time", pthread_rwlock_timedrdlock(&lock, &wrong_time));
    pthread_rwlock_unlock(&lock);
    CODE("destroy", pthread_rwlock_destroy(&lock));
}

CONFORMANCE(semaphores) {
    sem_t semaphore;
    CALL("init", sem_init(&semaphore, 0, 1));
    CALL("init, too much", sem_init(&semaphore, 0, 0x80000000U));
    CALL("init", sem_init(&semaphore, 0, 1));
    int value = -1;
    CALL("getvalue", sem_getvalue(&semaphore, &value));
    VALUE("the value", value);
    CALL("wait", sem_wait(&semaphore));
    CALL("trywait", sem_trywait(&semaphore));
    const timespec soon = after(CLOCK_REALTIME, 1'000'000), soon_monotonic = after(CLOCK_MONOTONIC, 1'000'000);
    CALL("timedwait", sem_timedwait(&semaphore, &soon));
    CALL("timedwait, wrong time", sem_timedwait(&semaphore, &wrong_time));
    CALL("timedwait, long ago", sem_timedwait(&semaphore, &long_ago));
    CALL("clockwait", sem_clockwait(&semaphore, CLOCK_MONOTONIC, &soon_monotonic));
    CALL("clockwait, wrong clock", sem_clockwait(&semaphore, 77, &soon));
    CALL("post", sem_post(&semaphore));
    CALL("timedwait of a free one, wrong time", sem_timedwait(&semaphore, &wrong_time));
    CALL("init at its limit", sem_init(&semaphore, 0, SEM_VALUE_MAX));
    CALL("post beyond", sem_post(&semaphore));
    CALL("destroy", sem_destroy(&semaphore));
}

namespace {
std::string order;
pthread_key_t key_of_values;
}  // namespace

CONFORMANCE(keys_barriers_once) {
    pthread_key_t key;
    CODE("key_create", pthread_key_create(&key, nullptr));
    POINTER("value at first", pthread_getspecific(key));
    CODE("setspecific", pthread_setspecific(key, &key));
    VALUE("value then", pthread_getspecific(key) == &key);
    CODE("key_delete", pthread_key_delete(key));
    CODE("key_delete again", pthread_key_delete(key));
    CODE("setspecific of a deleted key", pthread_setspecific(key, &key));
    CODE("setspecific of a wrong key", pthread_setspecific(99'999, &key));
    pthread_key_create(&key_of_values, [](void* value) {
        order += static_cast<char*>(value);
        // Once more, as a destructor may.
        if (order.size() < 3) pthread_setspecific(key_of_values, value);
    });
    std::thread([] { pthread_setspecific(key_of_values, const_cast<char*>("x")); }).join();
    VALUE("destructors run again", order);
    pthread_barrier_t barrier;
    CODE("barrier for none", pthread_barrier_init(&barrier, nullptr, 0));
    CODE("barrier", pthread_barrier_init(&barrier, nullptr, 1));
    VALUE("wait", pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);
    CODE("destroy", pthread_barrier_destroy(&barrier));
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static int times = 0;
    CODE("once", pthread_once(&once, [] { ++times; }));
    CODE("once again", pthread_once(&once, [] { ++times; }));
    VALUE("times", times);
    pthread_spinlock_t spin;
    CODE("spin_init", pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE));
    CODE("spin_lock", pthread_spin_lock(&spin));
    CODE("spin_trylock", pthread_spin_trylock(&spin));
    CODE("spin_unlock", pthread_spin_unlock(&spin));
    std::string cleaned;
    std::thread([&] {
        pthread_cleanup_push([](void* text) { *static_cast<std::string*>(text) += "a"; }, &cleaned);
        pthread_cleanup_push([](void* text) { *static_cast<std::string*>(text) += "b"; }, &cleaned);
        pthread_cleanup_pop(1);
        pthread_cleanup_push([](void* text) { *static_cast<std::string*>(text) += "c"; }, &cleaned);
        pthread_exit(nullptr);
        pthread_cleanup_pop(0);
        pthread_cleanup_pop(0);
    }).join();
    VALUE("cleanup", cleaned);
    int old = -1;
    CODE("setcancelstate, wrong", pthread_setcancelstate(77, &old));
    CODE("setcanceltype, wrong", pthread_setcanceltype(77, &old));
}
