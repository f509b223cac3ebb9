// SPDX-License-Identifier: Apache-2.0
// The directory of a machine: its lock, its configuration, its control socket, and what is kept when it has ended.
#pragma once

#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/run_base.h"

namespace hv {

/// Letters, digits, '.', '_' and '-', at most 48 of them, the first a letter or digit.
[[nodiscard]] bool is_machine_name(std::string_view name);

/// Replaces a file of a machine's directory as a whole. A link that a guest put there is replaced, not followed.
Result<> replace_machine_file(const std::string& path, std::string_view text);

/// A machine's directory, locked as long as this object lives, and removed with it unless it is kept. Whatever way hv
/// ends, the lock ends with it: a directory whose lock is free, and whose machine did not end in order and is kept, is
/// a dead machine's, and whoever meets it removes it. The lock's file holds how the machine ended: who has it open and
/// waits for the lock can read that even when the directory is gone. What does not bear hv's mark
/// (core/marked_directory.h) is no machine's directory, and is neither taken nor removed.
class RunDirectory {
public:
    /// Errors: in_use (a machine, or something that is none, has the name), usage (not a name), no_permission.
    static Result<RunDirectory> create(const RunBase& base, const std::string& name);
    /// A name that is free, made from `prefix` and random digits.
    static Result<RunDirectory> create_named_after(const RunBase& base, std::string_view prefix);
    /// The one or the other: `name` if there is one, else made from the file name of `image`.
    static Result<RunDirectory> create_for(const RunBase& base, const std::string& name, std::string_view image);
    /// That of a machine that has ended and is kept, for its next start, with its files. If that start fails:
    /// end_as_before(). Errors: not_found, in_use (it runs).
    static Result<RunDirectory> reopen(const RunBase& base, const std::string& name);
    /// In a child process: the directory that its parent has made, and removes.
    [[nodiscard]] RunDirectory inherited() const;

    RunDirectory(RunDirectory&& other) noexcept = default;
    RunDirectory& operator=(RunDirectory&&) = delete;
    ~RunDirectory();

    /// Another process, which has inherited the lock, removes the directory.
    void leave_to_other_process() { keep_ = true; }
    /// The machine is over. `keep`: its directory stays, until remove_ended_machine().
    void end(int exit_code, bool keep);
    /// A reopened machine was not started: it is kept, with the exit code that it had.
    void end_as_before() { end(former_exit_code_, true); }
    [[nodiscard]] int lock() const { return lock_.get(); }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string path_of(const char* file_name) const { return path_ + "/" + file_name; }
    [[nodiscard]] std::string socket_path() const { return path_of(api_socket); }
    /// Of the guest agent; there when the guest has one.
    [[nodiscard]] std::string agent_socket_path() const { return path_of(agent_socket); }

    /// Replaces the file `name` in the directory as a whole.
    Result<> write(const std::string& file_name, std::string_view text) const;

private:
    static Result<RunDirectory> take(const RunBase& base, const std::string& name, MarkedDirectory marked);
    RunDirectory(std::string name, std::string path) : name_(std::move(name)), path_(std::move(path)) {}
    void remove();

    std::string name_;
    std::string path_;
    /// None in a child process, which does not remove the directory.
    FileDescriptor base_, directory_;
    FileDescriptor lock_;
    bool keep_ = false;
    int former_exit_code_ = 0;  ///< of a reopened machine
};

}  // namespace hv
