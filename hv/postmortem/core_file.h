// SPDX-License-Identifier: Apache-2.0
// The file of a core dump: created before hv confines itself, and renamed when it is complete.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// A file with a temporary name (FILE.XXXXXX, mode 0600) beside `path`. A confined hv may neither rename nor remove it.
/// A small process, forked before, does one of the two: it renames the file on hv's order, and removes it if hv ends
/// without one, however hv ends. It takes no other orders. So a hostile guest that has taken hv over does not reach the
/// directory.
class CoreFile {
public:
    /// Errors: not_found (no such directory), usage (`path` is a directory), no_permission, internal.
    static Result<std::unique_ptr<CoreFile>> create(const std::string& path);
    ~CoreFile();
    CoreFile(const CoreFile&) = delete;
    CoreFile& operator=(const CoreFile&) = delete;

    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Renames the file to path(), replacing an existing one. To be called once. Errors: internal.
    Result<> publish();

private:
    explicit CoreFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
    FileDescriptor file_;
    pid_t process_ = -1;
    FileDescriptor namer_;  ///< a socket to the process that renames; closing it ends the process
};

}  // namespace hv
