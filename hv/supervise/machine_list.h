// SPDX-License-Identifier: Apache-2.0
// The machines of a user, running or kept: from their directories, and from what they answer.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "hv/core/error.h"

namespace hv {

struct MachineView {
    std::string name;
    std::string directory;
    /// starting, running, paused, crashed (and preserved), restarting, ended, or unresponsive (no answer in time)
    std::string state;
    std::string image;
    std::string accelerator;  ///< empty: not known yet
    std::uint64_t memory_bytes = 0;
    double uptime_seconds = 0;  ///< of the current life; 0 where it does not run
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
[[nodiscard]] std::vector<MachineView> list_machines(const std::string& base, int limit_ms = list_time_limit_ms);

/// One of them. Errors: not_found.
Result<MachineView> view_machine(const std::string& base, const std::string& name, int limit_ms = list_time_limit_ms);

/// `run_directory` as an option gave it, or the default.
[[nodiscard]] std::string run_base_of(const std::string& run_directory);

}  // namespace hv
