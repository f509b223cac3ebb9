// SPDX-License-Identifier: Apache-2.0
// The options of `hv run`.
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

/// As they were typed; empty = not given, and then the configuration file says it.
struct RunOptions {
    std::string image;
    std::vector<std::string> arguments;
    std::string accelerator;
    MemoryOptions memory;
    std::uint32_t cpus = 0;
    std::string cpu;
    std::string net;
    std::vector<std::string> disks;
    std::string address;
    std::vector<std::string> environment;
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
    std::string restart;
    std::string on_crash;
};

void add_run_options(Command& run, RunOptions& options);
void add_memory_options(Command& run, MemoryOptions& options);

/// The configuration file, if there is one, and over it what the options say. Lines for the user go to `warnings`.
Result<MachineConfig> machine_config_of(const RunOptions& options, std::vector<std::string>& warnings);
/// Puts them over what `config` has from a file. Errors: usage.
Result<> apply_memory_options(const MemoryOptions& options, MachineConfig& config);

}  // namespace hv
