// SPDX-License-Identifier: Apache-2.0
// Changes of the environment. Newlib's own copy what putenv() is given, and write over values that a program may hold.
#include <errno.h>
#include <reent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern "C" {

// The lock of Newlib's getenv() (libc/stdlib/envlock.c).
void __env_lock(_reent* state);
void __env_unlock(_reent* state);

}  // extern "C"

namespace {

class EnvironmentLock {
public:
    EnvironmentLock() { __env_lock(_REENT); }
    ~EnvironmentLock() { __env_unlock(_REENT); }
    EnvironmentLock(const EnvironmentLock&) = delete;
    EnvironmentLock& operator=(const EnvironmentLock&) = delete;
};

char** own_array = nullptr;  ///< the environment's array, once a variable was added
size_t own_capacity = 0;

bool is_name(const char* name) {
    const bool good = name != nullptr && *name != '\0' && strchr(name, '=') == nullptr;
    if (!good) errno = EINVAL;
    return good;
}

/// The place of the variable whose name is the first `size` characters of `name`; the list's end if there is none.
char** find(const char* name, size_t size) {
    char** place = environ;
    while (*place != nullptr && (strncmp(*place, name, size) != 0 || (*place)[size] != '=')) ++place;
    return place;
}

/// Makes `text`, "NAME=VALUE", a part of the environment. Old values are not freed: a program may hold them.
int place(char* text, size_t name_size) {
    char** at = find(text, name_size);
    if (*at == nullptr) {
        const auto count = static_cast<size_t>(at - environ);
        if (environ != own_array || count + 2 > own_capacity) {
            const size_t capacity = 2 * (count + 2);
            auto** larger = static_cast<char**>(malloc(capacity * sizeof(char*)));
            if (larger == nullptr) return -1;
            memcpy(larger, environ, count * sizeof(char*));
            if (environ == own_array) free(own_array);
            own_array = environ = larger;
            own_capacity = capacity;
            at = larger + count;
        }
        at[1] = nullptr;
    }
    *at = text;
    return 0;
}

}  // namespace

extern "C" {

int setenv(const char* name, const char* value, int overwrite) {
    if (!is_name(name)) return -1;
    const size_t name_size = strlen(name), value_size = strlen(value);
    const EnvironmentLock lock;
    if (overwrite == 0 && *find(name, name_size) != nullptr) return 0;
    auto* text = static_cast<char*>(malloc(name_size + value_size + 2));
    if (text == nullptr) return -1;
    memcpy(text, name, name_size);
    text[name_size] = '=';
    memcpy(text + name_size + 1, value, value_size + 1);
    const int result = place(text, name_size);
    if (result != 0) free(text);
    return result;
}

int unsetenv(const char* name) {
    if (!is_name(name)) return -1;
    const EnvironmentLock lock;
    char** at = find(name, strlen(name));
    for (; *at != nullptr; ++at) at[0] = at[1];
    return 0;
}

/// `text` itself becomes a part of the environment; without "=" it names a variable to remove, as with glibc.
int putenv(char* text) {
    const char* end = strchr(text, '=');
    if (end == nullptr) return unsetenv(text);
    const EnvironmentLock lock;
    return place(text, static_cast<size_t>(end - text));
}

}  // extern "C"
