// SPDX-License-Identifier: Apache-2.0
// Destructors of thread_local objects: C++ registers them when it makes the objects. They run when the thread ends, and
// on the thread that calls exit() before those of static objects ([basic.start.term]).
#include "userland/libc/thread_exit.h"

#include <new>
#include <utility>

#include "kernel/mm/heap.h"
#include "kernel/trap/panic.h"

namespace tenon::libc {

namespace {

struct Registered {
    void (*destroy)(void*);
    void* object;
    Registered* previous;
};

constinit thread_local Registered* last = nullptr;

}  // namespace

void destroy_thread_locals() {
    while (Registered* registered = last) {
        // Removed from the list first: its destructor may make another object, which is then destroyed next.
        last = registered->previous;
        const auto [destroy, object, previous] = *registered;
        heap_free(registered);
        destroy(object);
    }
}

/// libstdc++'s __cxa_thread_atexit calls it. No caller checks its result, so it must not fail.
extern "C" int __cxa_thread_atexit_impl(void (*destroy)(void*), void* object, void*) {
    void* memory = heap_allocate(sizeof(Registered));
    if (memory == nullptr) panic("no memory for the destructor of a thread_local object");
    last = new (memory) Registered{.destroy = destroy, .object = object, .previous = last};
    return 0;
}

}  // namespace tenon::libc
