// SPDX-License-Identifier: Apache-2.0
// The table of commands, and checking their arguments.
#include <algorithm>
#include <array>

#include "tools-agent/commands/all.h"

namespace tenon::tools {

namespace {

using Type = Parameter::Type;

constexpr Parameter id[] = {{"id", Type::integer}};
constexpr Parameter time[] = {{"time", Type::integer, false}};
constexpr Parameter mode[] = {{"mode", Type::string, false}};
constexpr Parameter vcpus[] = {{"vcpus", Type::list}};
constexpr Parameter mount_points[] = {{"mountpoints", Type::list, false}};

// clang-format off
constexpr std::array all = {
    Command{.name = "guest-sync-delimited", .run = sync, .parameters = id, .while_frozen = true, .delimited = true},
    Command{.name = "guest-sync", .run = sync, .parameters = id, .while_frozen = true},
    Command{.name = "guest-ping", .run = ping, .while_frozen = true},
    Command{.name = "guest-info", .run = info, .while_frozen = true},
    Command{.name = "guest-get-time", .run = get_time},
    Command{.name = "guest-set-time", .run = set_time, .parameters = time},
    Command{.name = "guest-shutdown", .run = shut_down, .parameters = mode, .answers_success = false},
    Command{.name = "guest-network-get-interfaces", .run = get_interfaces},
    Command{.name = "guest-network-get-route", .run = get_routes},
    Command{.name = "guest-get-host-name", .run = get_host_name},
    Command{.name = "guest-get-osinfo", .run = get_os_information},
    Command{.name = "guest-get-timezone", .run = get_time_zone},
    Command{.name = "guest-get-users", .run = get_users},
    Command{.name = "guest-get-fsinfo", .run = get_file_systems},
    Command{.name = "guest-get-disks", .run = get_disks},
    Command{.name = "guest-get-diskstats", .run = get_disk_statistics},
    Command{.name = "guest-get-vcpus", .run = get_vcpus},
    Command{.name = "guest-set-vcpus", .run = set_vcpus, .parameters = vcpus},
    Command{.name = "guest-get-cpustats", .run = get_processor_statistics},
    Command{.name = "guest-get-load", .run = get_load},
    Command{.name = "guest-get-memory-blocks", .run = get_memory_blocks},
    Command{.name = "guest-get-memory-block-info", .run = get_memory_block_size},
    Command{.name = "guest-fsfreeze-status", .run = freeze_status, .while_frozen = true},
    Command{.name = "guest-fsfreeze-freeze", .run = freeze},
    Command{.name = "guest-fsfreeze-freeze-list", .run = freeze, .parameters = mount_points},
    Command{.name = "guest-fsfreeze-thaw", .run = thaw, .while_frozen = true},
    Command{.name = "tenon-get-versions", .run = get_versions},
    Command{.name = "tenon-get-clock", .run = get_clock},
    Command{.name = "tenon-get-memory", .run = get_memory},
    Command{.name = "tenon-get-interface-rates", .run = get_interface_rates},
    Command{.name = "tenon-get-threads", .run = get_threads},
    Command{.name = "tenon-get-freeze", .run = get_freeze, .while_frozen = true},
};
// clang-format on

bool has_type(const Json& value, Type type) {
    switch (type) {
        case Type::integer:
            // The protocol's integers have 64 bits, with a sign.
            return value.is_number_integer() &&
                   (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX);
        case Type::string: return value.is_string();
        case Type::list: return value.is_array();
    }
    return false;
}

const char* name_of(Type type) { return type == Type::integer ? "integer" : type == Type::string ? "string" : "array"; }

}  // namespace

std::span<const Command> commands() { return all; }

const Command* find_command(std::string_view name) {
    const auto found = std::ranges::find(all, name, &Command::name);
    return found != all.end() ? found : nullptr;
}

std::expected<void, CommandError> check_arguments(const Command& command, const Json& arguments) {
    for (const auto& [name, value] : arguments.items())
        if (std::ranges::find(command.parameters, std::string_view(name), &Parameter::name) == command.parameters.end())
            return failure("Parameter '" + name + "' is unexpected");
    for (const Parameter& parameter : command.parameters) {
        const auto given = arguments.find(parameter.name);
        const std::string name = parameter.name;
        if (given == arguments.end()) {
            if (parameter.required) return failure("Parameter '" + name + "' is missing");
        } else if (!has_type(*given, parameter.type)) {
            return failure("Invalid parameter type for '" + name + "', expected: " + name_of(parameter.type));
        }
    }
    return {};
}

}  // namespace tenon::tools
