// SPDX-License-Identifier: Apache-2.0
// Calls about paths and the working directory.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "userland/posix/descriptors.h"
#include "userland/posix/inode_file.h"
#include "userland/posix/path.h"

namespace tenon::posix {

namespace {

Outcome<> enter(const char* path) {
    TRY(InodeReference inode, find_inode(AT_FDCWD, path));
    if (!inode->is_directory()) return fail_with(ENOTDIR);
    set_working_directory(std::move(inode));
    return {};
}

Outcome<> enter(int fd) {
    TRY(FileReference file, file_of(fd));
    if (file->kind() != File::Kind::directory) return fail_with(ENOTDIR);
    set_working_directory(InodeReference::share(inode_file(*file)->inode()));
    return {};
}

/// A longer target is cut; no zero is appended.
Outcome<std::size_t> read_link(int directory, const char* path, std::span<char> buffer) {
    if (buffer.empty()) return fail_with(EINVAL);
    TRY(InodeReference inode, find_inode(directory, path, LastLink::keep));
    return inode->is_link() ? inode->read_link(buffer) : fail_with(EINVAL);
}

/// An absolute path, at the end of its memory.
class PathText {
public:
    Outcome<> set(Inode& directory, std::string_view name) {
        const std::size_t slash = name.empty() ? 0 : 1;
        const std::size_t room = text_.size() - 1 - slash - name.size();
        TRY(std::span<char> path, path_of_directory(directory, {text_.data(), room}));
        begin_ = path.data();
        if (path.size() + slash == 2 && slash == 1) begin_ += 1;  // the root
        char* end = text_.data() + room;
        if (slash != 0) *end++ = '/';
        std::memcpy(end, name.data(), name.size());
        end[name.size()] = '\0';
        return {};
    }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(text_.data() + text_.size() - begin_); }

    /// To `buffer` of `room` bytes, or, as the widespread extension has it, to memory that the caller frees. Errors:
    /// ERANGE, ENOMEM.
    Outcome<char*> give(char* buffer, std::size_t room) {
        if ((buffer != nullptr || room != 0) && room < size()) return fail_with(ERANGE);
        if (buffer == nullptr) buffer = static_cast<char*>(malloc(room != 0 ? room : size()));
        if (buffer == nullptr) return fail_with(ENOMEM);
        std::memcpy(buffer, begin_, size());
        return buffer;
    }

private:
    std::array<char, PATH_MAX> text_;
    char* begin_ = nullptr;
};

Outcome<> write_real_path(PathText& text, const char* path) {
    PathWalk walk;
    TRY(InodeReference inode, walk.to_end(working_directory(), path));
    const auto done = inode->is_directory() ? text.set(*inode, {}) : text.set(walk.directory(), walk.name());
    if (!done && done.error().code == ERANGE) return fail_with(ENAMETOOLONG);
    return done;
}

Outcome<char*> resolve(const char* path, char* result) {
    if (path == nullptr) return fail_with(EINVAL);
    PathText text;
    CHECK(write_real_path(text, path));
    return text.give(result, result != nullptr ? PATH_MAX : 0);
}

Outcome<char*> name_of_working_directory(char* buffer, std::size_t size) {
    if (buffer != nullptr && size == 0) return fail_with(EINVAL);
    PathText text;
    CHECK(text.set(*working_directory(), {}));
    return text.give(buffer, size);
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
