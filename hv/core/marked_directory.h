// SPDX-License-Identifier: Apache-2.0
// A mark on the directories that hv has created: hv removes files only from directories with this mark.
#pragma once

#include <string>
#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

/// The mark has two parts. The directory's mode is 01700: the sticky bit is useless in a directory of one user, so no
/// other program sets it there, and mkdir() sets it at the moment of creation. The file `lock` in the directory begins
/// with a line that names the directory's purpose. Directories are opened without following links, and belong to this
/// process's user.
class MarkedDirectory {
public:
    static constexpr char lock_name[] = "lock";

    /// Opens the directory `name` in `parent`, if it has the mark. `mark` is the first line of the lock file, including
    /// its end. Without directory(): hv has no directory there. Without lock(): another hv is creating or removing the
    /// directory, or was killed while it did.
    static MarkedDirectory find(int parent, const std::string& name, std::string_view mark);
    /// Does the same, and creates the directory if the name is free. Without directory(), errno says why; EEXIST: the
    /// name belongs to something else; ENOENT: another process removes the directory at this moment.
    static MarkedDirectory make(int parent, const std::string& name, std::string_view mark);

    [[nodiscard]] int directory() const { return directory_.get(); }
    [[nodiscard]] int lock() const { return lock_.get(); }
    [[nodiscard]] explicit operator bool() const { return static_cast<bool>(directory_); }
    [[nodiscard]] FileDescriptor take_directory() { return std::move(directory_); }
    [[nodiscard]] FileDescriptor take_lock() { return std::move(lock_); }

private:
    FileDescriptor directory_;  ///< open for reading
    FileDescriptor lock_;       ///< open for reading and writing
};

/// Whether `lock` is still the lock file of the directory `name` in `parent`: another process may have removed that
/// between open and flock.
[[nodiscard]] bool is_current_lock(int parent, const std::string& name, int lock);

/// Writes the mark to `lock`, which the caller holds exclusively, and cuts the rest of the file off.
[[nodiscard]] bool write_mark(int lock, std::string_view mark);

}  // namespace hv
