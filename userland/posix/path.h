// SPDX-License-Identifier: Apache-2.0
// Paths: what stands at one, in the archive and among the few devices.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <string_view>

#include "kernel/fs/archive.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

inline constexpr std::size_t path_limit = 512;

/// A path without leading slash, dots and doubled slashes: as the archive names it. The working directory is "/".
class NormalPath {
public:
    /// Errors: ENOENT (empty), ENAMETOOLONG, EFAULT.
    static Outcome<NormalPath> of(const char* path);

    [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }
    /// The path ended in a slash: it has to be a directory.
    [[nodiscard]] bool wants_directory() const { return wants_directory_; }

private:
    Outcome<> append(std::string_view component);
    std::array<char, path_limit> text_;
    std::size_t size_ = 0;
    bool wants_directory_ = false;
};

enum class NodeKind { regular, directory, console, null, zero, random, disk };

struct Node {
    NodeKind kind;
    std::string_view name;  ///< as the archive has it; of a disk as the kernel calls it; lives as long as the image
    std::span<const std::byte> data;  ///< regular
    mode_t mode;
    ino_t inode;
    time_t modified;
};

/// Errors: ENOENT, ENOTDIR, ELOOP (a symbolic link: the archive's are not followed).
Outcome<Node> find_node(const char* path);

/// The node of archive entry number `index`.
std::optional<Node> archive_node(std::size_t index);

}  // namespace tenon::posix
