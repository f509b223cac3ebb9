// SPDX-License-Identifier: Apache-2.0
// From the options of `hv run` to a machine's configuration.
#include <fmt/format.h>

#include "hv/cli/commands.h"
#include "hv/cli/values.h"
#include "hv/machine/firecracker_config.h"

namespace hv {

namespace {

void add_option(std::string& options, const std::string& option) {
    // Options stand ahead of `--`; what the file says may have one.
    const bool starts = options == "--" || options.starts_with("-- ");
    const std::size_t separator = starts ? 0 : options.find(" -- ");
    if (starts)
        options.insert(0, option + " ");
    else if (separator != std::string::npos)
        options.insert(separator, " " + option);
    else
        options += (options.empty() ? "" : " ") + option;
}

}  // namespace

Result<MachineConfig> machine_config_of(const RunOptions& options, std::vector<std::string>& warnings) {
    MachineConfig config;
    if (!options.config_file.empty()) CHECK(read_firecracker_config(options.config_file, config, warnings));
    if (!options.image.empty()) config.image = options.image;
    if (config.image.empty())
        return fail(ErrorKind::usage, "run: no image (hv run IMAGE, or --config FILE; hv run --help)");

    TRY(config.accelerator, parse_accelerator(options.accelerator));
    if (!options.net.empty()) {
        TRY(config.net, parse_net(options.net));
    }
    for (const std::string& disk : options.disks) {
        TRY(DriveConfig drive, parse_disk(disk));
        config.drives.push_back(std::move(drive));
    }
    if (config.drives.size() > maximum_drives)
        return fail(ErrorKind::usage,
                    fmt::format("--disk: {} disks; a machine has at most {}", config.drives.size(), maximum_drives));
    if (!options.kernel_options.empty()) add_option(config.kernel_options, options.kernel_options);
    if (!options.address.empty()) {
        TRY(const std::string option, parse_guest_address(options.address));
        if (config.net.mode == NetConfig::Mode::none)
            return fail(ErrorKind::usage, "--ip: the machine has no network (add --net user or --net tap=NAME)");
        add_option(config.kernel_options, option);
        const std::string address = options.address.substr(0, options.address.find('/'));
        if (!address.contains(':')) config.net.user.guest_address = address;
    }
    config.name = options.name;
    config.arguments = options.arguments;
    config.run_directory = options.run_directory;
    config.boot_report = options.boot_report;
    if (!options.watchdog.empty()) {
        TRY(config.watchdog_ms, parse_watchdog(options.watchdog));
    }
    if (!options.core_file.empty()) config.core_file = options.core_file;
    if (options.no_balloon) config.balloon.enabled = false;
    CHECK(apply_memory_options(options.memory, config));
    return config;
}

}  // namespace hv
