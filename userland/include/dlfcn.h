// SPDX-License-Identifier: Apache-2.0
// Shared objects (IEEE Std 1003.1-2017, <dlfcn.h>): there are none, and every call fails in words.
#ifndef TENON_DLFCN_H
#define TENON_DLFCN_H

#ifdef __cplusplus
extern "C" {
#endif

#define RTLD_LAZY 0x00001
#define RTLD_NOW 0x00002
#define RTLD_NOLOAD 0x00004
#define RTLD_LOCAL 0
#define RTLD_GLOBAL 0x00100
#define RTLD_NODELETE 0x01000
#define RTLD_DEFAULT ((void*)0)
#define RTLD_NEXT ((void*)-1)

typedef struct {
    const char* dli_fname;
    void* dli_fbase;
    const char* dli_sname;
    void* dli_saddr;
} Dl_info;

void* dlopen(const char* path, int mode);              /* null */
void* dlsym(void* object, const char* name);           /* null */
int dlclose(void* object);                             /* -1 */
int dladdr(const void* address, Dl_info* information); /* 0: nothing is known */
/// Why the last call failed; null if that was told already.
char* dlerror(void);

#ifdef __cplusplus
}
#endif

#endif
