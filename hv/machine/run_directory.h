// SPDX-License-Identifier: Apache-2.0
// The directory of a running machine: its lock, its configuration, its control socket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Where this user's machines are: /run/tenon for root, else $XDG_RUNTIME_DIR/tenon, else /tmp/tenon-UID.
[[nodiscard]] std::string default_run_base();

/// Makes `base` (mode 0700) if it is missing, and refuses one that others could write to.
/// Errors: no_permission (somebody else's, or cannot be made), not_found (its parent is missing).
Result<> prepare_run_base(const std::string& base);

/// Letters, digits, '.', '_' and '-', at most 48 of them, the first a letter or digit.
[[nodiscard]] bool is_machine_name(std::string_view name);

/// A machine's directory, locked as long as this object lives, and removed with it. Whatever way hv ends, the lock ends
/// with it: a directory whose lock is free is a dead machine's, and whoever meets it removes it.
class RunDirectory {
public:
    /// Errors: in_use (the name is taken), usage (not a name), no_permission.
    static Result<RunDirectory> create(const std::string& base, const std::string& name);
    /// A name that is free, made from `prefix` and random digits.
    static Result<RunDirectory> create_named_after(const std::string& base, std::string_view prefix);

    RunDirectory(RunDirectory&&) = default;
    RunDirectory& operator=(RunDirectory&&) = delete;
    ~RunDirectory();

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string socket_path() const { return path_ + "/api.sock"; }
    /// Of the guest agent; there when the guest has one.
    [[nodiscard]] std::string agent_socket_path() const { return path_ + "/agent.sock"; }

    /// Replaces the file `name` in the directory as a whole.
    Result<> write(const std::string& file_name, std::string_view text) const;

private:
    RunDirectory(std::string name, std::string path, FileDescriptor lock)
        : name_(std::move(name)), path_(std::move(path)), lock_(std::move(lock)) {}

    std::string name_;
    std::string path_;
    FileDescriptor lock_;
};

/// Names of the machines whose directories are there, sorted.
[[nodiscard]] std::vector<std::string> machine_names(const std::string& base);

/// Where the socket of the running machine `name` is. Errors: not_found; a dead machine's directory is removed.
Result<std::string> find_machine_socket(const std::string& base, const std::string& name);
/// The same for the socket of its guest's agent, which may not be there.
Result<std::string> find_agent_socket(const std::string& base, const std::string& name);

/// Removes the directories of machines that died without doing it. Cheap: one attempt to lock for each machine.
void remove_dead_machines(const std::string& base);

}  // namespace hv
