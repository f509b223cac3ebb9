// SPDX-License-Identifier: Apache-2.0
// hv's commands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hv/cli/command_tree.h"
#include "hv/core/error.h"
#include "hv/machine/config.h"

namespace hv {

/// Those about memory.
struct MemoryOptions {
    std::string memory;
    std::string reservation;
    std::string limit;
    std::uint32_t shares = 0;
    std::string cgroup;
    bool ksm = false;
    bool private_memory = false;
};

/// Options of `hv run` as they were typed; empty = not given.
struct RunOptions {
    std::string image;
    std::vector<std::string> arguments;
    std::string accelerator = "auto";
    MemoryOptions memory;
    std::string net;
    std::vector<std::string> disks;
    std::string address;
    std::string name;
    std::string config_file;
    std::string kernel_options;
    std::string run_directory;
    bool boot_report = false;
    bool no_balloon = false;
};

/// The configuration file, if there is one, and over it what the options say. Lines for the user go to `warnings`.
Result<MachineConfig> machine_config_of(const RunOptions& options, std::vector<std::string>& warnings);

void add_memory_options(CLI::App& run, MemoryOptions& options);
/// Puts them over what `config` has from a file. Errors: usage.
Result<> apply_memory_options(const MemoryOptions& options, MachineConfig& config);

/// Each adds a command's options, and returns what it does.
CommandAction add_run(CLI::App& run, std::uint64_t start_tsc);
CommandAction add_agent(CLI::App& agent, std::uint64_t start_tsc);
CommandAction add_balance(CLI::App& balance, std::uint64_t start_tsc);
CommandAction add_stat(CLI::App& stat, std::uint64_t start_tsc);
CommandAction add_memory(CLI::App& memory, std::uint64_t start_tsc);
CommandAction add_balloon(CLI::App& balloon, std::uint64_t start_tsc);
CommandAction add_reclaim(CLI::App& reclaim, std::uint64_t start_tsc);

}  // namespace hv
