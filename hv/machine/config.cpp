// SPDX-License-Identifier: Apache-2.0
// Values derived from a configuration's fields, and checks of combinations.
#include "hv/machine/config.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <iterator>

#include "hv/machine/guest_address.h"

namespace hv {

namespace {

/// Ids are told to the guest, and tell the drives apart.
Result<> name_drives(std::vector<DriveConfig>& drives) {
    if (drives.size() > maximum_drives)
        return fail(ErrorKind::usage,
                    fmt::format("--disk: {} disks; a machine has at most {}", drives.size(), maximum_drives));
    for (std::size_t i = 0; i < drives.size(); ++i)
        for (std::size_t number = i; drives[i].drive_id.empty(); ++number) {
            const std::string id = fmt::format("disk{}", number);
            // A configuration file may have given it to another one.
            if (std::ranges::find(drives, id, &DriveConfig::drive_id) == drives.end()) drives[i].drive_id = id;
        }
    return {};
}

Result<> complete_balloon(MachineConfig& config) {
    const MemoryPolicy& policy = config.memory_policy;
    const MemoryBounds bounds = memory_bounds(policy, config.memory_bytes);
    if (!config.balloon.enabled) {
        if (bounds.overcommitted())
            return fail(ErrorKind::usage,
                        "--no-balloon: a machine with a --memory-reservation below its limit needs the balloon");
        config.balloon = {.enabled = false};
        return {};
    }
    config.balloon.target_bytes = std::max(config.balloon.target_bytes, config.memory_bytes - bounds.limit);
    // A page that was reported is the host's zero page until it is written.
    if (policy.private_memory) config.balloon.reporting = config.balloon.hinting = false;
    if (config.balloon.target_bytes > config.memory_bytes)
        return fail(ErrorKind::usage, fmt::format("balloon of {} MiB: the machine has {} MiB of memory",
                                                  config.balloon.target_bytes >> 20, config.memory_bytes >> 20));
    return {};
}

Result<> refuse_several_vcpus(std::uint32_t vcpus) {
    return fail(ErrorKind::usage, fmt::format("--cpus {}: a machine on the accelerator 'kvm' has one vCPU (use --accel "
                                              "pv, or leave --accel out)",
                                              vcpus));
}

/// Index: AcceleratorChoice.
constexpr const char* accelerator_names[] = {"auto", "pv", "kvm"};

/// Where the helper of a user-mode network finds the guest. The last option counts, as in the guest.
void find_guest_address(MachineConfig& config) {
    config.net.user.guest_address.clear();
    for (const std::string& option : config.command_line.kernel_options) {
        if (!option.starts_with("ip=")) continue;
        const auto address = parse_guest_address(std::string_view(option).substr(3));
        config.net.user.guest_address = address && !address->is_ipv6 ? address->address : "";
    }
}

}  // namespace

Result<AcceleratorChoice> parse_accelerator(std::string_view text) {
    for (std::size_t i = 0; i < std::size(accelerator_names); ++i)
        if (text == accelerator_names[i]) return static_cast<AcceleratorChoice>(i);
    return fail(ErrorKind::usage, fmt::format("accelerator '{}': not one of auto, pv, kvm", text));
}

const char* accelerator_name(AcceleratorChoice choice) { return accelerator_names[static_cast<std::size_t>(choice)]; }

Result<> check_memory_size(std::uint64_t bytes) {
    if (bytes < minimum_memory_bytes || bytes > maximum_memory_bytes)
        return fail(ErrorKind::usage, fmt::format("a machine has at least {}M and at most {}G",
                                                  minimum_memory_bytes >> 20, maximum_memory_bytes >> 30));
    if (bytes % tenon::abi::page_size != 0)
        return fail(ErrorKind::usage, fmt::format("{} bytes are not a multiple of 4K", bytes));
    return {};
}

void make_paths_absolute(MachineConfig& config) {
    char directory[PATH_MAX];
    // One that was removed has no path.
    if (getcwd(directory, sizeof directory) == nullptr) return;
    const auto make_absolute = [&directory](std::string& path) {
        if (!path.empty() && path.front() != '/') path = fmt::format("{}/{}", directory, path);
    };
    make_absolute(config.image);
    for (DriveConfig& drive : config.drives) make_absolute(drive.path);
    make_absolute(config.core_file);
    make_absolute(config.run_directory);
}

Result<> complete_config(MachineConfig& config) {
    CHECK(check_command_line(config.command_line));
    CHECK(check_memory_policy(config.memory_policy, config.memory_bytes));
    if (config.vcpu_count > 1 && config.accelerator == AcceleratorChoice::kvm)
        return refuse_several_vcpus(config.vcpu_count);
    CHECK(check_cpu_policy(config.cpu_policy, config.vcpu_count));
    CHECK(complete_balloon(config));
    find_guest_address(config);
    return name_drives(config.drives);
}

}  // namespace hv
