// SPDX-License-Identifier: Apache-2.0
// mkdtemp: Newlib's knows no mkdir().
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <string_view>

namespace {

constexpr std::string_view pattern = "XXXXXX";
constexpr int most_attempts = 100;

}  // namespace

extern "C" char* __wrap_mkdtemp(char* name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (!std::string_view(name).ends_with(pattern)) {
        errno = EINVAL;
        return nullptr;
    }
    char* const end = name + strlen(name) - pattern.size();
    for (int attempt = 0; attempt != most_attempts; ++attempt) {
        unsigned char random[pattern.size()];
        getrandom(random, sizeof(random), 0);
        for (size_t i = 0; i != sizeof(random); ++i) end[i] = letters[random[i] % letters.size()];
        if (mkdir(name, 0700) == 0) return name;
        if (errno != EEXIST) return nullptr;
    }
    return nullptr;
}
