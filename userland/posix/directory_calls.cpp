// SPDX-License-Identifier: Apache-2.0
// Listing directories.
#include <dirent.h>
#include <fcntl.h>
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
    std::size_t next;       ///< archive position, counted from `begin`
    dirent entry;
};

namespace tenon::posix {

namespace {

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

bool read_next(DIR& directory) {
    for (;;) {
        const auto node = archive_node(directory.begin + directory.next);
        if (!node || !node->name.starts_with(directory.name)) return false;
        ++directory.next;
        const std::string_view name = name_within(directory, *node);
        if (name.empty() || name.size() >= sizeof(directory.entry.d_name)) continue;
        directory.entry.d_ino = node->inode;
        directory.entry.d_type = node->kind == NodeKind::directory ? DT_DIR : DT_REG;
        std::memcpy(directory.entry.d_name, name.data(), name.size());
        directory.entry.d_name[name.size()] = '\0';
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
    const auto fd = open_path(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (!fd) return answer_directory(std::unexpected(fd.error()));
    const auto directory = make_directory(*fd);
    if (!directory) (void)close_descriptor(*fd);
    return answer_directory(directory);
}

DIR* fdopendir(int fd) { return answer_directory(make_directory(fd)); }

/// "." and ".." are not among the entries, which POSIX leaves open.
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

int closedir(DIR* directory) {
    const auto result = close_descriptor(directory->fd);
    heap_free(directory);
    return answer(result);
}

}  // extern "C"

}  // namespace tenon::posix
