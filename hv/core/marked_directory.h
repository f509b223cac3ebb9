// SPDX-License-Identifier: Apache-2.0
// Directories that hv has made, told from all others: only from these does it ever remove a file.
#pragma once

#include <string>
#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

/// The mark is twofold. The directory's mode is 01700: the sticky bit has no use in a directory of one user, so no
/// other program sets it there, and mkdir() sets it in the same instant. The file `lock` in it begins with a line that
/// says what the directory is for. Found without following links, owned by this process's user.
class MarkedDirectory {
public:
    static constexpr char lock_name[] = "lock";

    /// The directory `name` in `parent`, if it bears the mark. `mark` is the lock's first line, with its end. No
    /// directory(): there is nothing of hv's. No lock(): it is being made or removed, or a killed hv left it so.
    static MarkedDirectory find(int parent, const std::string& name, std::string_view mark);
    /// The same, made if nothing has the name. No directory(): errno says why; EEXIST: what has the name is not hv's;
    /// ENOENT: somebody removes it at this moment.
    static MarkedDirectory make(int parent, const std::string& name, std::string_view mark);

    [[nodiscard]] int directory() const { return directory_.get(); }
    [[nodiscard]] int lock() const { return lock_.get(); }
    [[nodiscard]] explicit operator bool() const { return static_cast<bool>(directory_); }
    [[nodiscard]] FileDescriptor take_directory() && { return std::move(directory_); }
    [[nodiscard]] FileDescriptor take_lock() && { return std::move(lock_); }

private:
    FileDescriptor directory_;  ///< open for reading
    FileDescriptor lock_;       ///< open for reading and writing
};

/// Whether `lock` is the lock of the directory that has the `name` in `parent` now: a remover may have unlinked it
/// between open and flock.
[[nodiscard]] bool is_current_lock(int parent, const std::string& name, int lock);

/// Sets the mark in `lock`, which the caller holds exclusively, and cuts off what follows it.
[[nodiscard]] bool write_mark(int lock, std::string_view mark);

}  // namespace hv
