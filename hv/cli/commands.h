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
    bool detach = false;
    bool remove = false;
    std::string restart = "no";
    std::string on_crash = "exit";
};

/// The configuration file, if there is one, and over it what the options say. Lines for the user go to `warnings`.
Result<MachineConfig> machine_config_of(const RunOptions& options, std::vector<std::string>& warnings);

void add_memory_options(CLI::App& run, MemoryOptions& options);
/// Puts them over what `config` has from a file. Errors: usage.
Result<> apply_memory_options(const MemoryOptions& options, MachineConfig& config);

/// Each adds a command's options, and returns what it does.
CommandAction add_run(CLI::App& run, std::uint64_t start_tsc);
CommandAction add_agent(CLI::App& agent, std::uint64_t start_tsc);
CommandAction add_ps(CLI::App& ps, std::uint64_t start_tsc);
CommandAction add_stop(CLI::App& stop, std::uint64_t start_tsc);
CommandAction add_kill(CLI::App& kill, std::uint64_t start_tsc);
CommandAction add_pause(CLI::App& pause, std::uint64_t start_tsc);
CommandAction add_resume(CLI::App& resume, std::uint64_t start_tsc);
CommandAction add_reboot(CLI::App& reboot, std::uint64_t start_tsc);
CommandAction add_wait(CLI::App& wait, std::uint64_t start_tsc);
CommandAction add_rm(CLI::App& rm, std::uint64_t start_tsc);
CommandAction add_logs(CLI::App& logs, std::uint64_t start_tsc);
CommandAction add_console(CLI::App& console, std::uint64_t start_tsc);
CommandAction add_events(CLI::App& events, std::uint64_t start_tsc);
CommandAction add_metrics(CLI::App& metrics, std::uint64_t start_tsc);
CommandAction add_top(CLI::App& top, std::uint64_t start_tsc);
CommandAction add_info(CLI::App& info, std::uint64_t start_tsc);
CommandAction add_completion(CLI::App& completion, std::uint64_t start_tsc);
CommandAction add_man(CLI::App& man, std::uint64_t start_tsc);
CommandAction add_balance(CLI::App& balance, std::uint64_t start_tsc);
CommandAction add_stat(CLI::App& stat, std::uint64_t start_tsc);
CommandAction add_memory(CLI::App& memory, std::uint64_t start_tsc);
CommandAction add_balloon(CLI::App& balloon, std::uint64_t start_tsc);
CommandAction add_reclaim(CLI::App& reclaim, std::uint64_t start_tsc);

}  // namespace hv
