// SPDX-License-Identifier: Apache-2.0
// Changes of the environment: Newlib's functions, behind the checks that POSIX requires.
#include <errno.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>

extern "C" {

static bool is_name(const char* name) {
    const bool good = name != nullptr && *name != '\0' && strchr(name, '=') == nullptr;
    if (!good) errno = EINVAL;
    return good;
}

int setenv(const char* name, const char* value, int overwrite) {
    return is_name(name) ? _setenv_r(_REENT, name, value, overwrite) : -1;
}

int unsetenv(const char* name) { return is_name(name) ? _unsetenv_r(_REENT, name) : -1; }

}  // extern "C"
