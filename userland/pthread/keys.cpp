// SPDX-License-Identifier: Apache-2.0
// Values per thread under keys made at run time.
#include <pthread.h>

#include <cerrno>
#include <cstring>

#include "kernel/mm/heap.h"
#include "kernel/sched/sync.h"
#include "userland/pthread/control.h"

namespace tenon::pthread {

namespace {

/// A key's generation is odd while the key exists. A key that is deleted and made again has another generation, so that
/// old values are not valid.
struct Key {
    std::atomic<std::uint32_t> generation;
    void (*destructor)(void*);
};

constinit Key keys[PTHREAD_KEYS_MAX] = {};
constinit Mutex keys_lock;

bool exists(std::uint32_t generation) { return generation % 2 == 1; }

}  // namespace

void destroy_values(Control& control) {
    if (control.values == nullptr) return;
    bool again = true;
    for (int round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS; ++round) {
        again = false;
        for (std::size_t index = 0; index < PTHREAD_KEYS_MAX; ++index) {
            KeyValue& entry = control.values[index];
            const Key& key = keys[index];
            const void* value = entry.value;
            if (value == nullptr || entry.generation != key.generation.load(std::memory_order_acquire) ||
                key.destructor == nullptr)
                continue;
            entry.value = nullptr;
            key.destructor(const_cast<void*>(value));
            again = true;
        }
    }
    heap_free(control.values);
    control.values = nullptr;
}

}  // namespace tenon::pthread

using namespace tenon::pthread;

extern "C" {

int pthread_key_create(pthread_key_t* result, void (*destructor)(void*)) {
    keys_lock.lock();
    for (pthread_key_t index = 0; index < PTHREAD_KEYS_MAX; ++index) {
        Key& key = keys[index];
        const std::uint32_t generation = key.generation.load(std::memory_order_relaxed);
        if (exists(generation)) continue;
        key.destructor = destructor;
        key.generation.store(generation + 1, std::memory_order_release);
        keys_lock.unlock();
        *result = index;
        return 0;
    }
    keys_lock.unlock();
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t index) {
    if (index >= PTHREAD_KEYS_MAX) return EINVAL;
    keys_lock.lock();
    std::atomic<std::uint32_t>& generation = keys[index].generation;
    const bool existed = exists(generation.load(std::memory_order_relaxed));
    if (existed) generation.fetch_add(1, std::memory_order_release);
    keys_lock.unlock();
    return existed ? 0 : EINVAL;
}

int pthread_setspecific(pthread_key_t index, const void* value) {
    if (index >= PTHREAD_KEYS_MAX) return EINVAL;
    const std::uint32_t generation = keys[index].generation.load(std::memory_order_acquire);
    if (!exists(generation)) return EINVAL;
    Control& control = self();
    if (control.values == nullptr) {
        constexpr std::size_t bytes = PTHREAD_KEYS_MAX * sizeof(KeyValue);
        void* memory = tenon::heap_allocate(bytes);
        if (memory == nullptr) return ENOMEM;
        control.values = static_cast<KeyValue*>(std::memset(memory, 0, bytes));
    }
    control.values[index] = {.value = value, .generation = generation};
    return 0;
}

void* pthread_getspecific(pthread_key_t index) {
    const Control* control = self_if_known();
    if (control == nullptr || control->values == nullptr || index >= PTHREAD_KEYS_MAX) return nullptr;
    const KeyValue& entry = control->values[index];
    if (entry.generation != keys[index].generation.load(std::memory_order_acquire)) return nullptr;
    return const_cast<void*>(entry.value);
}

}  // extern "C"
