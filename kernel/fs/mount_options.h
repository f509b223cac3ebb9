// SPDX-License-Identifier: Apache-2.0
// Mounting at the machine's start: the kernel option mount=TYPE:PATH[,KEY=VALUE]...
#pragma once

#include <string_view>

#include "kernel/fs/file_system.h"

namespace tenon {

/// A kind of file system that the image has. Static.
struct FileSystemType : ListLink<> {
    std::string_view name;
    /// Makes one. `options` are "KEY=VALUE" with commas between them, or empty. Errors: EINVAL (wrong options), ENOMEM,
    /// EIO, ...
    Outcome<FileSystem*> (*make)(std::string_view options);
    /// Where one is mounted that no option asks for: "/tmp"; or nothing.
    std::string_view default_path;

    FileSystemType(std::string_view type_name, Outcome<FileSystem*> (*make_one)(std::string_view),
                   std::string_view path)
        : name(type_name), make(make_one), default_path(path) {}
};

/// For a feature's step of the stage `drivers`: mounts are made in the stage `filesystems`.
void register_file_system_type(FileSystemType& type);

/// Takes "KEY=VALUE" off the front of `options`; false at the end.
bool take_option(std::string_view& options, std::string_view& key, std::string_view& value);

}  // namespace tenon
