// SPDX-License-Identifier: Apache-2.0
// The run directory of a user's machines, checked before anything in it is touched.
#pragma once

#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

inline constexpr char run_directory_variable[] = "HV_RUN_DIR";

/// Where this user's machines are: $HV_RUN_DIR if it is set and not empty; else /run/tenon for root, else
/// $XDG_RUNTIME_DIR/tenon, else /tmp/tenon-UID.
[[nodiscard]] std::string default_run_base();

/// A directory of this user alone: owner, mode 0700, and nobody else can exchange it. Every directory on its path
/// belongs to this user or to root, and others can write to it only if its sticky bit keeps them from renaming what is
/// not theirs; symbolic links on the way belong to this user or to root, and the last name is no link.
class RunBase {
public:
    /// `path` as an option gave it; empty: the default. A directory that does not exist is no error: it has no
    /// machines. Errors: no_permission (another user could change it, or it cannot be read), not_found (it is no
    /// directory).
    static Result<RunBase> open(const std::string& path);
    /// The same, made with mode 0700 if it is missing. Errors: also not_found (its parent is missing).
    static Result<RunBase> prepare(const std::string& path);

    [[nodiscard]] const std::string& path() const { return path_; }
    /// Open for reading; -1: there is none.
    [[nodiscard]] int directory() const { return directory_.get(); }
    [[nodiscard]] bool exists() const { return static_cast<bool>(directory_); }
    [[nodiscard]] std::string path_of(const std::string& name) const { return path_ + "/" + name; }
    /// Waits until no other process holds the lock `name`, a file here that is made if it is missing; held until the
    /// descriptor is closed. A confined hv cannot open it. Errors: those of files.
    [[nodiscard]] Result<FileDescriptor> lock(const std::string& name) const;

private:
    RunBase(std::string path, FileDescriptor directory) : path_(std::move(path)), directory_(std::move(directory)) {}

    std::string path_;
    FileDescriptor directory_;
};

}  // namespace hv
