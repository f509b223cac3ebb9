// SPDX-License-Identifier: Apache-2.0
// The file that a core is written into: made before hv confines itself, and given its name when it is whole.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// A file with a name of its own (FILE.XXXXXX, mode 0600) beside `path`. A confined hv can neither rename nor remove
/// it: a small process that was split off before does one of the two, the second one when hv ends without the first,
/// however it ends. It takes no other orders. Not opening the directory to hv keeps a hostile guest that took hv over
/// away from it.
class CoreFile {
public:
    /// Errors: not_found (no such directory), usage (`path` is a directory), no_permission, internal.
    static Result<std::unique_ptr<CoreFile>> create(const std::string& path);
    ~CoreFile();
    CoreFile(const CoreFile&) = delete;
    CoreFile& operator=(const CoreFile&) = delete;

    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }
    /// The file takes its name, in place of one that is there. Once. Errors: internal.
    Result<> publish();

private:
    explicit CoreFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
    FileDescriptor file_;
    pid_t process_ = -1;
    FileDescriptor namer_;  ///< a socket to the process that renames; closing it ends the process
};

}  // namespace hv
