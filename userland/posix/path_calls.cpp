// SPDX-License-Identifier: Apache-2.0
// Calls about paths. The working directory is always "/".
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "userland/posix/path.h"

namespace tenon::posix {

namespace {

Outcome<> enter(const char* path) {
    TRY(const Node node, find_node(path));
    if (node.kind != NodeKind::directory) return fail_with(ENOTDIR);
    return node.name.empty() ? Outcome<>() : fail_with(ENOSYS);
}

Outcome<ssize_t> read_link(const char* path) {
    TRY([[maybe_unused]] const Node node, find_node(path));
    return fail_with(EINVAL);
}

Outcome<std::size_t> resolve(const char* path, char* resolved) {
    TRY([[maybe_unused]] const Node node, find_node(path));
    TRY(const NormalPath normal, NormalPath::of(path));
    const std::string_view text = normal.text();
    resolved[0] = '/';
    std::memcpy(resolved + 1, text.data(), text.size());
    resolved[text.size() + 1] = '\0';
    return text.size() + 1;
}

}  // namespace

extern "C" {

int chdir(const char* path) { return answer(enter(path)); }
ssize_t readlink(const char* path, char*, size_t) { return answer(read_link(path)); }

char* getcwd(char* buffer, size_t size) {
    if (buffer == nullptr) {
        // The widespread extension: memory that the caller frees.
        buffer = static_cast<char*>(malloc(size != 0 ? size : 2));
        if (buffer == nullptr) return nullptr;
        if (size == 0) size = 2;
    }
    if (size < 2) {
        errno = size == 0 ? EINVAL : ERANGE;
        return nullptr;
    }
    std::memcpy(buffer, "/", 2);
    return buffer;
}

char* realpath(const char* path, char* resolved) {
    char* result = resolved != nullptr ? resolved : static_cast<char*>(malloc(path_limit + 2));
    if (result == nullptr) return nullptr;
    if (answer(resolve(path, result)) >= 0) return result;
    if (resolved == nullptr) free(result);
    return nullptr;
}

}  // extern "C"

}  // namespace tenon::posix
