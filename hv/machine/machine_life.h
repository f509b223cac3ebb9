// SPDX-License-Identifier: Apache-2.0
// Machines as others find them, by their directories: which there are, whether they run, and their end.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/machine/run_base.h"

namespace hv {

enum class MachineLife { alive, ended, absent };

/// Looks at the machine `name`; a dead machine's directory is removed, and it is absent. What is not a directory that
/// hv has made (core/marked_directory.h) is absent, and left as it is.
[[nodiscard]] MachineLife machine_life(const RunBase& base, const std::string& name);

/// What has a machine's name in `base`, sorted; machine_life() tells which of them are machines.
[[nodiscard]] std::vector<std::string> machine_names(const RunBase& base);

/// Where the socket of the running machine `name` is. Errors: not_found; a dead machine's directory is removed.
Result<std::string> find_machine_socket(const RunBase& base, const std::string& name);
/// The same for the socket of its guest's agent, which may not be there.
Result<std::string> find_agent_socket(const RunBase& base, const std::string& name);

/// Waits for a machine's end.
class MachineEnd {
public:
    /// Errors: not_found (neither running nor kept).
    static Result<MachineEnd> of(const RunBase& base, const std::string& name);
    /// Waits `limit_ms` at most, -1 = for ever. False: it still runs.
    [[nodiscard]] bool wait(int limit_ms);
    /// After the end: the exit code; nothing where the machine was killed with all that knew of it.
    [[nodiscard]] std::optional<int> exit_code() const;
    /// The process that locked the machine's directory: its hv, where it has no supervisor. 0: unknown.
    [[nodiscard]] pid_t owner() const;

private:
    explicit MachineEnd(FileDescriptor lock) : lock_(std::move(lock)) {}
    FileDescriptor lock_;
};

/// Removes what is kept of a machine that has ended. Errors: not_found, in_use (it runs).
Result<> remove_ended_machine(const RunBase& base, const std::string& name);

/// What the files of an ended machine take on the disk; 0 where there is none.
[[nodiscard]] std::uint64_t kept_bytes(const RunBase& base, const std::string& name);

/// Removes the directories of machines that died without doing it. Cheap: one attempt to lock for each machine.
void remove_dead_machines(const RunBase& base);

}  // namespace hv
