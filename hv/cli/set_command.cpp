// SPDX-License-Identifier: Apache-2.0
// hv set: limits and disks of a running machine.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "hv/api/cpu_api.h"
#include "hv/api/drives_api.h"
#include "hv/api/network_api.h"
#include "hv/cli/commands.h"
#include "hv/cli/cpu_option.h"
#include "hv/cli/disk_size.h"
#include "hv/cli/limit_option.h"
#include "hv/cli/machine_client.h"
#include "hv/cli/values.h"
#include "hv/core/similar.h"
#include "hv/machine/cpu_reservation.h"
#include "hv/machine/run_base.h"
#include "hv/supervise/supervisor_requests.h"

namespace hv {

namespace {

struct SetOptions {
    std::string name;
    std::vector<std::string> settings;
    std::string run_directory;
};

/// What is to be changed, in the words of the machine's control socket.
struct Changes {
    Json cpu = Json::object();
    std::map<std::string, Json> interfaces;
    std::map<std::string, std::string> disk_sizes;
    std::map<std::string, Json> disk_limits;
};

/// An interface cannot be called so: its settings would be the CPU's.
constexpr std::string_view cpu_part = "cpu";

Result<> add_disk_setting(std::string_view setting, std::string_view disk, std::string_view key, std::string_view value,
                          Changes& changes) {
    if (key == "size") {
        changes.disk_sizes[std::string(disk)] = value;
        return {};
    }
    Json& limits = changes.disk_limits.try_emplace(std::string(disk), Json::object()).first->second;
    TRY(const bool known, add_disk_limit(key, value, limits));
    if (known) return {};
    return fail(ErrorKind::usage,
                fmt::format("setting '{}': a disk has 'size', 'bps' and 'iops', as in vda.size=4G", setting));
}

/// "net0.rx=10M" becomes a change of the interface net0, "cpu.limit=0.5" one of the CPU's.
Result<> add_setting(std::string_view setting, Changes& changes) {
    const std::size_t equals = setting.find('=');
    const std::size_t dot = setting.substr(0, equals).rfind('.');
    if (equals == std::string_view::npos || dot == std::string_view::npos || dot == 0)
        return fail(ErrorKind::usage,
                    fmt::format("setting '{}': not PART.LIMIT=VALUE, as in net0.rx=10M or cpu.limit=0.5", setting));
    const std::string_view part = setting.substr(0, dot);
    const std::string_view key = setting.substr(dot + 1, equals - dot - 1), value = setting.substr(equals + 1);
    if (names_disk(part)) return add_disk_setting(setting, part, key, value, changes);
    const bool is_cpu = part == cpu_part;
    const auto wrong_key = [&](std::span<const std::string_view> keys) {
        return fail(ErrorKind::usage, fmt::format("setting '{}': '{}' is not a limit{} (a {} has {})", setting, key,
                                                  did_you_mean(key, keys), is_cpu ? "machine's CPU time" : "network",
                                                  fmt::join(keys, ", ")));
    };
    if (is_cpu) {
        TRY(const bool known, add_cpu_setting(key, value, changes.cpu));
        return known ? Result<>() : wrong_key(cpu_keys);
    }
    Json& interface = changes.interfaces.try_emplace(std::string(part), Json::object()).first->second;
    TRY(const bool known, add_net_limit(key, value, interface));
    return known ? Result<>() : wrong_key(net_limit_keys);
}

/// The machine first, which checks; then its supervisor, which starts it with the new limits again.
Result<> send_settings(const MachineClient& machine, const std::string& directory, const std::string& path,
                       const Json& limits) {
    CHECK(machine.send("PATCH", path, limits));
    const auto kept = tell_limits(directory, path, limits);
    if (kept || kept.error().kind == ErrorKind::not_found) return {};
    return fail(kept.error().kind, fmt::format("machine '{}': the limits hold until its next start: {}", machine.name(),
                                               kept.error().message));
}

Result<> limit_disk(const MachineClient& machine, const std::string& directory, std::string_view disk,
                    const Json& limits) {
    TRY(const Json drive, drive_of(machine, disk));
    return send_settings(machine, directory, drives_path + text_of(drive, "drive_id"), limits);
}

/// Held from a machine's answer to its supervisor's, so that two commands at once leave both with the same values, and
/// neither takes back what was just granted to the other.
constexpr char set_lock[] = ".settings";

/// A confined hv does not see the other machines: what it may reserve is granted here.
Result<> send_cpu(const MachineClient& machine, const RunBase& base, const Json& cpu) {
    const std::string directory = base.path_of(machine.name());
    const auto wanted = static_cast<std::uint32_t>(number_of(cpu, "reservation_millicpus"));
    const std::uint32_t granted = granted_cpu(directory);
    if (wanted > granted) {
        TRY(const CpuSet host, CpuSet::of_this_thread());
        CHECK(grant_cpu(base, machine.name(), wanted, host.count()));
    }
    auto sent = send_settings(machine, directory, cpu_path, cpu);
    if (!sent && wanted > granted) static_cast<void>(lower_granted_cpu(directory, granted));
    return sent;
}

/// In turn. An error says what was changed before it.
Result<> make_changes(const Changes& changes, const MachineClient& machine, const RunBase& base) {
    std::vector<std::string_view> changed;
    const auto note = [&](std::string_view part, Result<> result) -> Result<> {
        if (!result && !changed.empty())
            return fail(result.error().kind,
                        fmt::format("{} (already changed: {})", result.error().message, fmt::join(changed, ", ")));
        changed.push_back(part);
        return result;
    };
    if (!changes.cpu.empty()) CHECK(note(cpu_part, send_cpu(machine, base, changes.cpu)));
    const std::string directory = base.path_of(machine.name());
    for (const auto& [interface, limits] : changes.interfaces)
        CHECK(note(interface, send_settings(machine, directory, network_interfaces_path + interface, limits)));
    for (const auto& [disk, limits] : changes.disk_limits)
        CHECK(note(disk, limit_disk(machine, directory, disk, limits)));
    for (const auto& [disk, size] : changes.disk_sizes) CHECK(note(disk, resize_disk(machine, disk, size)));
    return {};
}

Result<int> set_command(const SetOptions& options) {
    const std::vector<std::string_view> words(options.settings.begin(), options.settings.end());
    if (const std::string_view key = repeated_key(words); !key.empty())
        return fail(ErrorKind::usage, fmt::format("setting '{}' is given more than once", key));
    Changes changes;
    for (const std::string& setting : options.settings) CHECK(add_setting(setting, changes));
    TRY(const MachineClient machine, MachineClient::find(options.run_directory, options.name));
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(const FileDescriptor lock, base.lock(set_lock));
    CHECK(make_changes(changes, machine, base));
    return 0;
}

}  // namespace

CommandAction add_set(Command& set, std::uint64_t) {
    const auto options = std::make_shared<SetOptions>();
    set.option("NAME", options->name, "The machine").required();
    set.option("SETTING", options->settings,
               "net0.rx=AVERAGE[:PEAK[:BURST]] limits what the guest receives, in bytes per second and bytes; "
               "net0.rx-packets=RATE[:BURST] the same in packets; tx and tx-packets what it sends. "
               "cpu.limit=CPUS, cpu.burst=MS, cpu.reservation=CPUS, cpu.shares=N, cpu.pin=LIST and cpu.hv=LIST are as "
               "in `hv run --cpu`. vda.bps=AVERAGE[:PEAK[:BURST]] limits what a disk reads and writes, "
               "vda.iops=RATE[:BURST] "
               "its requests. none: no limit. vda.size=SIZE enlarges a disk and its image; vda.size=image: the "
               "image was enlarged by other means")
        .required();
    set.run_directory(options->run_directory);
    return [options] { return set_command(*options); };
}

}  // namespace hv
