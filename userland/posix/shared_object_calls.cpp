// SPDX-License-Identifier: Apache-2.0
// dlopen and its relatives: an image is one program, and loads nothing.
#include <dlfcn.h>

#include <atomic>
#include <utility>

#include "userland/posix/absence.h"

namespace {

constinit std::atomic<const char*> reason = nullptr;

void fail(const char* function, const char* why) {
    tenon::posix::tell_absent(function);
    reason.store(why);
}

}  // namespace

extern "C" {

void* dlopen(const char*, int) {
    fail("dlopen", "Tenon loads no shared objects: link the library into the image");
    return nullptr;
}
void* dlsym(void*, const char*) {
    fail("dlsym", "Tenon has no table of the image's symbols");
    return nullptr;
}
int dlclose(void*) {
    reason.store("it is no shared object");
    return -1;
}
int dladdr(const void*, Dl_info*) { return 0; }
char* dlerror() { return const_cast<char*>(reason.exchange(nullptr)); }

}  // extern "C"
