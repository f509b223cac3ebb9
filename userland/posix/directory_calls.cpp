// SPDX-License-Identifier: Apache-2.0
// Listing directories.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "userland/posix/archive_file.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/open.h"

/// Newlib leaves DIR to the system. Used by one thread at a time, as POSIX says.
struct __tenon_directory {
    int fd;
    std::string_view name;  ///< the directory's, as the archive has it
    std::size_t begin;      ///< archive position of the first entry below it
    std::size_t next;       ///< 0 and 1: "." and ".."; from then on the archive position, counted from `begin`
    dirent entry;
};

namespace tenon::posix {

namespace {

constexpr std::size_t dots = 2;

Outcome<DIR*> make_directory(int fd) {
    TRY(FileReference file, file_of(fd));
    if (file->kind() != File::Kind::directory) return fail_with(ENOTDIR);
    void* memory = heap_allocate(sizeof(DIR));
    if (memory == nullptr) return fail_with(ENOMEM);
    const std::string_view name = static_cast<const DirectoryFile&>(*file).node().name;
    return new (memory) DIR{fd, name, archive_position(name), 0, {}};
}

/// The name of `node` within the directory, or nothing if it is not directly in it.
std::string_view name_within(const DIR& directory, const Node& node) {
    std::string_view name = node.name;
    if (!directory.name.empty()) {
        if (!name.starts_with(directory.name) || name.size() <= directory.name.size() ||
            name[directory.name.size()] != '/')
            return {};
        name.remove_prefix(directory.name.size() + 1);
    }
    return name.find('/') == name.npos ? name : std::string_view();
}

unsigned char type_of(const Node& node) {
    if (node.kind == NodeKind::directory) return DT_DIR;
    return node.kind == NodeKind::link ? DT_LNK : DT_REG;
}

void fill_in(dirent& entry, std::string_view name, const Node& node) {
    entry.d_ino = node.inode;
    entry.d_type = type_of(node);
    std::memcpy(entry.d_name, name.data(), name.size());
    entry.d_name[name.size()] = '\0';
}

bool read_dot(DIR& directory) {
    const char* name = directory.next++ == 0 ? "." : "..";
    PathWalk walk;
    const auto node = walk.walk(directory.name, name);
    if (node) fill_in(directory.entry, name, *node);
    return node.has_value();
}

bool read_next(DIR& directory) {
    if (directory.next < dots) return read_dot(directory);
    for (;;) {
        const auto node = archive_node(directory.begin + directory.next - dots);
        if (!node || !node->name.starts_with(directory.name)) return false;
        ++directory.next;
        const std::string_view name = name_within(directory, *node);
        if (name.empty() || name.size() >= sizeof(directory.entry.d_name)) continue;
        fill_in(directory.entry, name, *node);
        return true;
    }
}

DIR* answer_directory(const Outcome<DIR*>& outcome) {
    if (outcome) return *outcome;
    errno = outcome.error().code;
    return nullptr;
}

}  // namespace

extern "C" {

DIR* opendir(const char* path) {
    const auto fd = open_path(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!fd) return answer_directory(std::unexpected(fd.error()));
    const auto directory = make_directory(*fd);
    if (!directory) (void)close_descriptor(*fd);
    return answer_directory(directory);
}

DIR* fdopendir(int fd) { return answer_directory(make_directory(fd)); }

dirent* readdir(DIR* directory) { return read_next(*directory) ? &directory->entry : nullptr; }

int readdir_r(DIR* directory, dirent* entry, dirent** result) {
    *result = nullptr;
    if (!read_next(*directory)) return 0;
    *entry = directory->entry;
    *result = entry;
    return 0;
}

void rewinddir(DIR* directory) { directory->next = 0; }
long telldir(DIR* directory) { return static_cast<long>(directory->next); }
void seekdir(DIR* directory, long position) { directory->next = static_cast<std::size_t>(position); }
int dirfd(DIR* directory) { return directory->fd; }

int fdclosedir(DIR* directory) {
    const int fd = directory->fd;
    heap_free(directory);
    return fd;
}
int closedir(DIR* directory) { return answer(close_descriptor(fdclosedir(directory))); }

}  // extern "C"

}  // namespace tenon::posix
