// SPDX-License-Identifier: Apache-2.0
// The record of a detached machine: a JSON file in its directory, which can be read without asking the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hv/core/error.h"
#include "hv/machine/machine_files.h"

namespace hv {

/// Times are seconds since 1970; 0 = not yet.
struct MachineRecord {
    std::string name;
    std::string state;  ///< starting, running, restarting, ended
    std::string image;
    std::string accelerator;
    std::uint64_t memory_bytes = 0;
    double created = 0;
    double started = 0;
    double ended = 0;
    double state_since = 0;
    std::uint64_t restarts = 0;
    std::string restart_policy = "no";
    bool detached = true;
    std::optional<int> exit_code;
    std::string reason;  ///< why it ended
    std::string stop;    ///< at which step of a stop: event, agent, kill; empty: nobody asked
};

[[nodiscard]] std::string record_text(const MachineRecord& record);
/// Nothing where the text is not a record.
[[nodiscard]] std::optional<MachineRecord> parse_record(std::string_view text);
/// The record in a machine's directory, if there is one.
[[nodiscard]] std::optional<MachineRecord> read_record(const std::string& directory);

}  // namespace hv
