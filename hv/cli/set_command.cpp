// SPDX-License-Identifier: Apache-2.0
// hv set: limits of a running machine.
#include <fmt/format.h>

#include <map>
#include <memory>

#include "hv/api/network_api.h"
#include "hv/cli/commands.h"
#include "hv/cli/machine_client.h"
#include "hv/cli/net_limit_option.h"
#include "hv/core/similar.h"
#include "hv/machine/run_base.h"
#include "hv/supervise/supervisor_requests.h"

namespace hv {

namespace {

struct SetOptions {
    std::string name;
    std::vector<std::string> settings;
    std::string run_directory;
};

/// "net0.rx=10M" becomes a change of the interface net0.
Result<> add_setting(std::string_view setting, std::map<std::string, Json>& interfaces) {
    const std::size_t equals = setting.find('=');
    const std::size_t dot = setting.substr(0, equals).rfind('.');
    if (equals == std::string_view::npos || dot == std::string_view::npos || dot == 0)
        return fail(ErrorKind::usage,
                    fmt::format("setting '{}': not INTERFACE.LIMIT=VALUE, as in net0.rx=10M", setting));
    const std::string_view key = setting.substr(dot + 1, equals - dot - 1);
    Json& interface = interfaces.try_emplace(std::string(setting.substr(0, dot)), Json::object()).first->second;
    TRY(const bool known, add_net_limit(key, setting.substr(equals + 1), interface));
    if (known) return {};
    return fail(ErrorKind::usage, fmt::format("setting '{}': '{}' is not a limit{} (a network has {})", setting, key,
                                              did_you_mean(key, net_limit_keys), fmt::join(net_limit_keys, ", ")));
}

/// The machine first, which checks; then its supervisor, which starts it with the new limits again.
Result<> send_settings(const MachineClient& machine, const std::string& directory, const std::string& interface,
                       const Json& limits) {
    const std::string path = network_interfaces_path + interface;
    CHECK(machine.send("PATCH", path, limits));
    const auto kept = tell_limits(directory, path, limits);
    if (kept || kept.error().kind == ErrorKind::not_found) return {};
    return fail(kept.error().kind, fmt::format("machine '{}': the limits hold until its next start: {}", machine.name(),
                                               kept.error().message));
}

Result<int> set_command(const SetOptions& options) {
    std::map<std::string, Json> interfaces;
    for (const std::string& setting : options.settings) CHECK(add_setting(setting, interfaces));
    TRY(const MachineClient machine, MachineClient::find(options.run_directory, options.name));
    TRY(const RunBase base, RunBase::open(options.run_directory));
    for (const auto& [interface, limits] : interfaces)
        CHECK(send_settings(machine, base.path_of(options.name), interface, limits));
    return 0;
}

}  // namespace

CommandAction add_set(Command& set, std::uint64_t) {
    const auto options = std::make_shared<SetOptions>();
    set.option("NAME", options->name, "The machine").required();
    set.option("SETTING", options->settings,
               "net0.rx=AVERAGE[:PEAK[:BURST]] limits what the guest receives, in bytes per second and bytes; "
               "net0.rx-packets=RATE[:BURST] the same in packets; tx and tx-packets what it sends; none: no limit")
        .required();
    set.run_directory(options->run_directory);
    return [options] { return set_command(*options); };
}

}  // namespace hv
