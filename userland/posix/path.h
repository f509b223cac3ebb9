// SPDX-License-Identifier: Apache-2.0
// Paths of the archive's files and of the few devices.
#pragma once

#include <limits.h>
#include <sys/types.h>

#include <array>
#include <optional>
#include <string_view>

#include "kernel/fs/archive.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

enum class NodeKind { regular, directory, link, console, null, zero, random, disk };

struct Node {
    NodeKind kind;
    std::string_view name;  ///< as the archive has it; of a disk as the kernel calls it; lives as long as the image
    std::span<const std::byte> data;  ///< regular; of a link: where it leads
    mode_t mode;
    ino_t inode;
    time_t modified;
    dev_t device = 0;  ///< which one it is, of a device
};

/// The node of archive entry number `index`.
std::optional<Node> archive_node(std::size_t index);

/// Whether a symbolic link at a path's end is followed. Links within the path always are.
enum class LastLink { follow, keep };

/// Follows a path, component by component.
class PathWalk {
public:
    /// From `base`, a directory's name in the archive, unless the path is absolute. Errors: EFAULT, ENOENT, ENOTDIR,
    /// ELOOP, ENAMETOOLONG.
    Outcome<Node> walk(std::string_view base, const char* path, LastLink last = LastLink::follow);

    /// The result: the archive's name, without leading slash, dots and links.
    [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }
    /// After ENOENT: only the last component is missing, so that it could be created.
    [[nodiscard]] bool only_last_is_missing() const { return only_last_is_missing_; }

private:
    void step_up();
    Outcome<> append(std::string_view component);
    /// Replaces the link's name, which has just been appended, by its target.
    Outcome<> follow(const Node& link, std::string_view& rest);

    std::array<char, PATH_MAX> text_;
    std::array<char, PATH_MAX> rest_;  ///< what is still to be walked, at its end
    std::size_t size_ = 0;
    unsigned links_ = 0;
    bool only_last_is_missing_ = false;
};

/// The directory that `path` starts from: that of `directory`, a descriptor or AT_FDCWD. Errors: EBADF, ENOTDIR.
Outcome<std::string_view> base_of(int directory, const char* path);
/// The node at a path. Errors: those of both.
Outcome<Node> find_node(int directory, const char* path, LastLink last = LastLink::follow);

/// The working directory's name in the archive.
[[nodiscard]] std::string_view working_directory();
void set_working_directory(std::string_view name);

}  // namespace tenon::posix
