// SPDX-License-Identifier: Apache-2.0
// Calls about paths and the working directory.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "userland/posix/archive_file.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/path.h"

namespace tenon::posix {

namespace {

Outcome<> enter(const char* path) {
    TRY(const Node node, find_node(AT_FDCWD, path));
    if (node.kind != NodeKind::directory) return fail_with(ENOTDIR);
    set_working_directory(node.name);
    return {};
}

Outcome<> enter(int fd) {
    TRY(FileReference file, file_of(fd));
    if (file->kind() != File::Kind::directory) return fail_with(ENOTDIR);
    set_working_directory(static_cast<const DirectoryFile&>(*file).node().name);
    return {};
}

/// A longer target is cut; no zero is appended.
Outcome<std::size_t> read_link(int directory, const char* path, std::span<char> buffer) {
    if (buffer.empty()) return fail_with(EINVAL);
    TRY(const Node node, find_node(directory, path, LastLink::keep));
    if (node.kind != NodeKind::link) return fail_with(EINVAL);
    const std::size_t size = std::min(buffer.size(), node.data.size());
    std::memcpy(buffer.data(), node.data.data(), size);
    return size;
}

/// A slash and `name`, with a zero at the end.
void write_absolute(char* result, std::string_view name) {
    result[0] = '/';
    std::memcpy(result + 1, name.data(), name.size());
    result[name.size() + 1] = '\0';
}

Outcome<char*> resolve(const char* path, char* result) {
    if (path == nullptr) return fail_with(EINVAL);
    PathWalk walk;
    CHECK(walk.walk(working_directory(), path));
    const std::string_view name = walk.text();
    if (name.size() + 2 > PATH_MAX) return fail_with(ENAMETOOLONG);
    // Memory that the caller frees.
    if (result == nullptr) result = static_cast<char*>(malloc(name.size() + 2));
    if (result == nullptr) return fail_with(ENOMEM);
    write_absolute(result, name);
    return result;
}

Outcome<char*> name_of_working_directory(char* buffer, std::size_t size) {
    const std::string_view name = working_directory();
    if (buffer != nullptr && size == 0) return fail_with(EINVAL);
    if ((buffer != nullptr || size != 0) && size < name.size() + 2) return fail_with(ERANGE);
    // The widespread extension: memory that the caller frees.
    if (buffer == nullptr) buffer = static_cast<char*>(malloc(size != 0 ? size : name.size() + 2));
    if (buffer == nullptr) return fail_with(ENOMEM);
    write_absolute(buffer, name);
    return buffer;
}

char* answer_text(const Outcome<char*>& outcome) {
    if (outcome) return *outcome;
    errno = outcome.error().code;
    return nullptr;
}

}  // namespace

extern "C" {

int chdir(const char* path) { return answer(enter(path)); }
int fchdir(int fd) { return answer(enter(fd)); }

ssize_t readlink(const char* path, char* buffer, size_t size) {
    return answer(read_link(AT_FDCWD, path, {buffer, size}));
}
ssize_t readlinkat(int directory, const char* path, char* buffer, size_t size) {
    return answer(read_link(directory, path, {buffer, size}));
}

char* getcwd(char* buffer, size_t size) { return answer_text(name_of_working_directory(buffer, size)); }
char* get_current_dir_name() { return getcwd(nullptr, 0); }
char* realpath(const char* path, char* resolved) { return answer_text(resolve(path, resolved)); }

}  // extern "C"

}  // namespace tenon::posix
