// SPDX-License-Identifier: Apache-2.0
// Landlock: a process gives up the use of files, signals and sockets for good (Linux, Documentation/userspace-api/
// landlock.rst). What a process starts later is restricted as much as the process is.
#pragma once

#include <span>
#include <string>

#include "hv/core/error.h"

namespace hv {

/// What a restricted process may do with a file, or with a directory and everything below it.
enum class FileUse {
    read,                ///< read one file
    device,              ///< read and write one file, and make its ioctl requests
    own_directory,       ///< read; make, write, rename within a directory, and remove files and sockets
    remove_directories,  ///< remove empty directories, and nothing else
};

struct FileRule {
    std::string path;
    FileUse use;
};

/// The version of the host's Landlock (1 in Linux 5.13); 0 = the kernel has none, or a container's policy forbids it.
[[nodiscard]] int landlock_version();

/// The first version that restricts everything below: 2 renaming between directories, 3 truncating, 4 TCP, 5 ioctl
/// requests to devices, 6 signals and abstract Unix sockets.
inline constexpr int complete_landlock = 6;

/// Whether TCP sockets may still be bound and connected.
enum class Tcp { forbidden, allowed };

/// Restricts the calling thread, and those that it starts later, as far as the host's version goes: it opens, makes and
/// removes files as `rules` say and no others, uses TCP as `tcp` says, connects to no abstract Unix sockets but those
/// of its own domain (itself and what it starts later), and signals no process outside of that. Open descriptors stay
/// usable. Sets no_new_privs, and does nothing else where there is no Landlock. Errors: internal (a rule's path cannot
/// be opened).
///
/// A process may read another one's memory only if that one is restricted at least as much: a guest's process is
/// started after this call.
Result<> restrict_files(std::span<const FileRule> rules, Tcp tcp = Tcp::forbidden);

/// The same for signals and abstract Unix sockets only.
Result<> restrict_signals();

}  // namespace hv
