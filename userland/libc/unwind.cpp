// SPDX-License-Identifier: Apache-2.0
// How the host's libgcc_eh finds the image's unwind tables, and learns that there are threads.
#include <pthread.h>

#include <cstdint>

extern "C" {

// kernel/boot/image.ld
extern char __image_begin[];
extern char __text_begin[];
extern char __text_end[];
extern char __eh_frame_hdr_begin[];

/// glibc's dl_find_object (<dlfcn.h>, since 2.35), with which the host's libgcc was compiled.
struct dl_find_object {
    unsigned long long flags;
    void* map_begin;
    void* map_end;
    void* link_map;
    void* eh_frame_header;
    unsigned long long reserved[7];
};
static_assert(sizeof(dl_find_object) == 96);

/// 0 if `address` is code of the image, else -1. No lock and no search: parallel throws do not contend here.
int _dl_find_object(void* address, dl_find_object* result) {
    const auto code = reinterpret_cast<std::uintptr_t>(address);
    if (code < reinterpret_cast<std::uintptr_t>(__text_begin) || code >= reinterpret_cast<std::uintptr_t>(__text_end))
        return -1;
    *result = {.flags = 0,
               .map_begin = __image_begin,
               .map_end = __text_end,
               .link_map = nullptr,
               .eh_frame_header = __eh_frame_hdr_begin,
               .reserved = {}};
    return 0;
}

/// libgcc refers to this name weakly, and takes its presence as the sign that there are threads; otherwise it would
/// fill its register table without a lock in a first parallel throw.
int __pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) { return pthread_key_create(key, destructor); }

}  // extern "C"

// libgcc was compiled with glibc's sizes.
static_assert(sizeof(pthread_mutex_t) <= 40 && sizeof(pthread_once_t) == 4 && sizeof(pthread_key_t) == 4);

/// Strong references to the other functions that libgcc then calls: its own are weak, which take nothing out of an
/// archive.
[[gnu::used]] static const void* const libgcc_needs[] = {
    reinterpret_cast<const void*>(&pthread_once),         reinterpret_cast<const void*>(&pthread_mutex_lock),
    reinterpret_cast<const void*>(&pthread_mutex_unlock), reinterpret_cast<const void*>(&pthread_getspecific),
    reinterpret_cast<const void*>(&pthread_setspecific),
};
