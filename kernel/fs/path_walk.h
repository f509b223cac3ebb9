// SPDX-License-Identifier: Apache-2.0
// Follows a path, component by component, through links and mounts.
#pragma once

#include <array>

#include "kernel/fs/file_system.h"

namespace tenon {

/// Whether a symbolic link at a path's end is followed. Links within the path always are, and one ahead of a slash.
enum class LastLink { follow, keep };

/// What a path's last component is. `root`: the path has slashes only.
enum class LastName { ordinary, dot, dots, root };

/// One walk; it holds some 4 KiB.
class PathWalk {
public:
    /// To the directory that the last component is in, from `base` unless the path is absolute. Errors: EFAULT, ENOENT
    /// (also an empty path), ENOTDIR, ELOOP, ENAMETOOLONG.
    Outcome<> to_parent(InodeReference base, const char* path);
    /// To the last component itself, which may be missing: then the errors are ENOENT, and is_missing() holds if it
    /// could be created. Further error: ENOTDIR (a slash behind what is no directory).
    Outcome<InodeReference> to_end(InodeReference base, const char* path, LastLink last = LastLink::follow);
    /// The same from where to_parent() has come.
    Outcome<InodeReference> to_end(LastLink last);

    // After either: the directory, and the last component in it.
    [[nodiscard]] Inode& directory() const { return *directory_; }
    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] LastName last() const { return last_; }
    [[nodiscard]] bool has_trailing_slash() const { return !rest_.empty(); }
    [[nodiscard]] bool is_missing() const { return is_missing_; }

private:
    /// Walks until one component of `rest_` is left, which becomes `name_`.
    Outcome<> walk();
    /// Puts the link's target ahead of `rest_`.
    Outcome<> follow(Inode& link);
    Outcome<InodeReference> find_last();

    std::array<char, PATH_MAX> text_;  ///< `rest_` is at its end
    std::string_view rest_, name_;
    InodeReference directory_;
    LastName last_ = LastName::root;
    unsigned links_ = 0;
    bool is_missing_ = false;
};

/// Writes a directory's absolute path to the end of `buffer`, and returns it. Errors: ENOENT (it has been removed),
/// ERANGE.
Outcome<std::span<char>> path_of_directory(Inode& directory, std::span<char> buffer);

}  // namespace tenon
