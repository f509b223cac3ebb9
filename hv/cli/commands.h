// SPDX-License-Identifier: Apache-2.0
// hv's commands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hv/cli/command.h"
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
    std::string watchdog;
    std::string core_file;
    bool boot_report = false;
    bool no_balloon = false;
    bool detach = false;
    bool remove = false;
    std::string restart = "no";
    std::string on_crash = "exit";
};

/// The configuration file, if there is one, and over it what the options say. Lines for the user go to `warnings`.
Result<MachineConfig> machine_config_of(const RunOptions& options, std::vector<std::string>& warnings);

void add_memory_options(Command& run, MemoryOptions& options);
/// Puts them over what `config` has from a file. Errors: usage.
Result<> apply_memory_options(const MemoryOptions& options, MachineConfig& config);

/// Each adds a command's options, and returns what it does.
CommandAction add_run(Command& run, std::uint64_t start_tsc);
CommandAction add_agent(Command& agent, std::uint64_t start_tsc);
CommandAction add_ps(Command& ps, std::uint64_t start_tsc);
CommandAction add_stop(Command& stop, std::uint64_t start_tsc);
CommandAction add_kill(Command& kill, std::uint64_t start_tsc);
CommandAction add_pause(Command& pause, std::uint64_t start_tsc);
CommandAction add_resume(Command& resume, std::uint64_t start_tsc);
CommandAction add_reboot(Command& reboot, std::uint64_t start_tsc);
CommandAction add_wait(Command& wait, std::uint64_t start_tsc);
CommandAction add_rm(Command& rm, std::uint64_t start_tsc);
CommandAction add_logs(Command& logs, std::uint64_t start_tsc);
CommandAction add_console(Command& console, std::uint64_t start_tsc);
CommandAction add_events(Command& events, std::uint64_t start_tsc);
CommandAction add_metrics(Command& metrics, std::uint64_t start_tsc);
CommandAction add_top(Command& top, std::uint64_t start_tsc);
CommandAction add_info(Command& info, std::uint64_t start_tsc);
CommandAction add_completion(Command& completion, std::uint64_t start_tsc);
CommandAction add_man(Command& man, std::uint64_t start_tsc);
CommandAction add_balance(Command& balance, std::uint64_t start_tsc);
CommandAction add_stat(Command& stat, std::uint64_t start_tsc);
CommandAction add_memory(Command& memory, std::uint64_t start_tsc);
CommandAction add_balloon(Command& balloon, std::uint64_t start_tsc);
CommandAction add_reclaim(Command& reclaim, std::uint64_t start_tsc);

}  // namespace hv
