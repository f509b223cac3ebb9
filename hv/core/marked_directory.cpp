// SPDX-License-Identifier: Apache-2.0
// Creating and opening directories with hv's mark.
#include "hv/core/marked_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace hv {

namespace {

constexpr mode_t marked_mode = S_ISVTX | S_IRWXU;

bool has_marked_mode(int directory) {
    struct stat about {};
    return fstat(directory, &about) == 0 && about.st_uid == geteuid() &&
           (about.st_mode & (S_ISVTX | S_IRWXU | S_IRWXG | S_IRWXO)) == marked_mode;
}

/// Opens only regular files: opening a device may have effects.
FileDescriptor open_lock(int directory) {
    struct stat about {};
    if (fstatat(directory, MarkedDirectory::lock_name, &about, AT_SYMLINK_NOFOLLOW) != 0) return {};
    if (!S_ISREG(about.st_mode) || about.st_uid != geteuid()) {
        errno = EEXIST;
        return {};
    }
    return FileDescriptor(openat(directory, MarkedDirectory::lock_name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

/// An empty file is accepted, because its creator is about to write the mark.
bool is_empty_or_marked(int lock, std::string_view mark) {
    std::array<char, 64> text{};
    const ssize_t size = pread(lock, text.data(), text.size(), 0);
    return size == 0 || (size > 0 && std::string_view(text.data(), static_cast<std::size_t>(size)).starts_with(mark));
}

}  // namespace

MarkedDirectory MarkedDirectory::find(int parent, const std::string& name, std::string_view mark) {
    MarkedDirectory found;
    FileDescriptor directory(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!directory) return found;
    if (!has_marked_mode(directory.get())) {
        errno = EEXIST;
        return found;
    }
    FileDescriptor lock = open_lock(directory.get());
    if (!lock && errno != ENOENT) return found;
    if (lock && !is_empty_or_marked(lock.get(), mark)) {
        errno = EEXIST;
        return found;
    }
    found.directory_ = std::move(directory);
    found.lock_ = std::move(lock);
    return found;
}

MarkedDirectory MarkedDirectory::make(int parent, const std::string& name, std::string_view mark) {
    if (mkdirat(parent, name.c_str(), marked_mode) != 0 && errno != EEXIST) return {};
    MarkedDirectory made = find(parent, name, mark);
    if (!made) {
        // The name belongs to a file or a link.
        if (errno == ENOTDIR || errno == ELOOP) errno = EEXIST;
        return made;
    }
    if (made.lock_) return made;
    made.lock_ =
        FileDescriptor(openat(made.directory_.get(), lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (made.lock_) return made;
    const int error = errno;
    made.directory_ = FileDescriptor();
    errno = error;
    return made;
}

bool is_current_lock(int parent, const std::string& name, int lock) {
    struct stat ours {
    }, there{};
    const std::string path = name + "/" + MarkedDirectory::lock_name;
    return fstat(lock, &ours) == 0 && fstatat(parent, path.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

bool write_mark(int lock, std::string_view mark) {
    return pwrite(lock, mark.data(), mark.size(), 0) == static_cast<ssize_t>(mark.size()) &&
           ftruncate(lock, static_cast<off_t>(mark.size())) == 0;
}

}  // namespace hv
