// SPDX-License-Identifier: Apache-2.0
// The machines of a user, running or kept: from their directories, and from what they answer.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/machine/run_base.h"

namespace hv {

struct MachineView {
    std::string name;
    std::string directory;
    /// starting, running, paused, crashed (and preserved), restarting, ended, or unresponsive (no answer in time)
    std::string state;
    std::string image;
    std::string accelerator;  ///< empty: not known yet
    std::uint64_t memory_bytes = 0;
    double uptime_seconds = 0;            ///< of the current life; 0 where it does not run
    std::optional<double> state_seconds;  ///< how long it has been in `state`, where that is known
    std::optional<int> exit_code;
    std::string reason;
    std::string stop;  ///< see MachineRecord
    std::uint64_t restarts = 0;
    bool detached = false;
    nlohmann::ordered_json stats;  ///< /stats; null where there was no answer

    [[nodiscard]] bool alive() const { return state != "ended"; }
};

/// How long all machines together have to answer.
inline constexpr int list_time_limit_ms = 1000;

/// All machines in `base`, sorted by name. Removes the directories of those that died.
[[nodiscard]] std::vector<MachineView> list_machines(const RunBase& base, int limit_ms = list_time_limit_ms);

/// One of them. Errors: not_found.
Result<MachineView> view_machine(const RunBase& base, const std::string& name, int limit_ms = list_time_limit_ms);

}  // namespace hv
