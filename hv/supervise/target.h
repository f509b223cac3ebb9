// SPDX-License-Identifier: Apache-2.0
// A machine that is to be ended or rebooted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/machine/machine_life.h"

namespace hv {

struct Target {
    std::string name;
    std::string base;
    std::string directory;
    MachineEnd end;
    FileDescriptor agent;  ///< the connection by which its agent was asked
    bool done = false;     ///< it is as wanted, or will not be

    /// Errors: not_found.
    static Result<Target> find(const RunBase& base, const std::string& name);
    /// An action of its control socket, which may take a second.
    Result<> ask_guest(const char* action) const;
    [[nodiscard]] bool has_agent() const;
    /// False: it does not listen.
    bool ask_agent(const char* mode);
};

/// Tells all errors but the last one, which is the caller's.
class Errors {
public:
    void add(Error error);
    /// Nothing, or the last one.
    [[nodiscard]] Result<> result() &&;

private:
    std::optional<Error> last_;
};

/// The machines of `names` that exist.
[[nodiscard]] std::vector<Target> find_targets(const RunBase& base, const std::vector<std::string>& names,
                                               Errors& errors);

}  // namespace hv
