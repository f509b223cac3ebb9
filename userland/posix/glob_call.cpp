// SPDX-License-Identifier: Apache-2.0
// glob(): Newlib's does not report that no path matches.
#include <glob.h>

extern "C" {

int __real_glob(const char* pattern, int flags, int (*on_error)(const char*, int), glob_t* result);

int __wrap_glob(const char* pattern, int flags, int (*on_error)(const char*, int), glob_t* result) {
    const auto before = (flags & GLOB_APPEND) != 0 ? result->gl_pathc : 0;
    const int status = __real_glob(pattern, flags, on_error, result);
    return status == 0 && result->gl_pathc == before ? GLOB_NOMATCH : status;
}

}  // extern "C"
