// SPDX-License-Identifier: Apache-2.0
// Listing directories.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstring>
#include <new>

#include "kernel/fs/file_system.h"
#include "userland/posix/descriptors.h"
#include "userland/posix/inode_file.h"
#include "userland/posix/open.h"

/// Newlib leaves DIR to the system. Used by one thread at a time, as POSIX says.
struct __tenon_directory {
    int fd;
    tenon::InodeReference inode;
    std::uint64_t next;  ///< 0 and 1: "." and ".."; from then on the file system's cookie, plus 2
    dirent entry;
};

namespace tenon::posix {

namespace {

constexpr std::uint64_t dots = 2;

Outcome<DIR*> make_directory(int fd) {
    TRY(FileReference file, file_of(fd));
    if (file->kind() != File::Kind::directory) return fail_with(ENOTDIR);
    void* memory = heap_allocate(sizeof(DIR));
    if (memory == nullptr) return fail_with(ENOMEM);
    return new (memory) DIR{fd, InodeReference::share(inode_file(*file)->inode()), 0, {}};
}

void fill_in(dirent& entry, std::string_view name, ino_t number, mode_t type) {
    entry.d_ino = number;
    // DT_REG, DT_DIR, ... are the types of st_mode.
    entry.d_type = static_cast<unsigned char>(type >> 12);
    std::memcpy(entry.d_name, name.data(), name.size());
    entry.d_name[name.size()] = '\0';
}

bool read_dot(DIR& directory) {
    if (directory.next++ == 0) {
        fill_in(directory.entry, ".", directory.inode->number(), S_IFDIR);
        return true;
    }
    const auto parent = parent_of(*directory.inode);
    if (parent) fill_in(directory.entry, "..", (*parent)->number(), S_IFDIR);
    return parent.has_value();
}

bool read_next(DIR& directory) {
    if (directory.next < dots) return read_dot(directory);
    std::uint64_t cookie = directory.next - dots;
    DirectoryEntry entry;
    const auto found = directory.inode->read_entry(cookie, entry);
    if (!found) errno = found.error().code;
    if (!found || !*found) return false;
    directory.next = cookie + dots;
    fill_in(directory.entry, entry.text(), entry.inode, entry.type);
    return true;
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
void seekdir(DIR* directory, long position) { directory->next = static_cast<std::uint64_t>(position); }
int dirfd(DIR* directory) { return directory->fd; }

int fdclosedir(DIR* directory) {
    const int fd = directory->fd;
    directory->~__tenon_directory();
    heap_free(directory);
    return fd;
}
int closedir(DIR* directory) { return answer(close_descriptor(fdclosedir(directory))); }

}  // extern "C"

}  // namespace tenon::posix
