// SPDX-License-Identifier: Apache-2.0
// The drives of Firecracker's configuration format.
#include "hv/machine/drives_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "hv/machine/rate_limits_config.h"

namespace hv {

namespace {

constexpr char asynchronous_name[] = "Async";
constexpr char synchronous_name[] = "Sync";

std::unexpected<Error> wrong(const std::string& what) { return fail(ErrorKind::usage, "configuration: " + what); }

Result<> read_drive(const Json& value, const std::string& name, MachineConfig& config,
                    std::vector<std::string>& warnings) {
    const JsonSection::Origin origin{"configuration", "Firecracker's format"};
    TRY(JsonSection section, JsonSection::open(value, name, origin));
    TRY(auto id, section.take_string("drive_id"));
    TRY(auto path, section.take_string("path_on_host"));
    TRY(auto cache, section.take_string("cache_type"));
    TRY(auto engine, section.take_string("io_engine"));
    TRY(auto read_only, section.take_bool("is_read_only"));
    TRY(auto discard, section.take_bool("discard"));
    // A Tenon image has what it boots from in itself; a foreign kernel finds its root by `boot_args`.
    section.ignore("is_root_device", warnings);
    section.ignore("partuuid", warnings);
    RateLimits limits;
    CHECK(read_rate_limits(section, drive_limiter_key, origin, limits));
    CHECK(section.refuse("socket"));
    CHECK(section.finish());
    if (!id || id->empty() || !path || path->empty())
        return wrong(fmt::format("'{}' needs 'drive_id' and 'path_on_host'", name));
    // Flushes are always done: "Unsafe" gets more than it asks for.
    if (cache && *cache != "Unsafe" && *cache != "Writeback")
        return wrong(fmt::format("'{}.cache_type' is not one of Unsafe, Writeback", name));
    if (engine && *engine != asynchronous_name && *engine != synchronous_name)
        return wrong(fmt::format("'{}.io_engine' is not one of {}, {}", name, asynchronous_name, synchronous_name));
    if (std::ranges::find(config.drives, *id, &DriveConfig::drive_id) != config.drives.end())
        return wrong(fmt::format("'{}.drive_id': '{}' is the one of another drive", name, *id));
    config.drives.push_back(
        {.drive_id = *id,
         .path = *path,
         .read_only = read_only.value_or(false),
         .engine = engine == synchronous_name ? DriveConfig::Engine::synchronous : DriveConfig::Engine::asynchronous,
         .discard = discard.value_or(true),
         .limits = limits});
    return {};
}

}  // namespace

Result<> read_drives(const Json& value, MachineConfig& config, std::vector<std::string>& warnings) {
    if (!value.is_array()) return wrong("'drives' is not an array");
    if (value.size() > maximum_drives) return wrong(fmt::format("'drives': a machine has at most {}", maximum_drives));
    for (std::size_t i = 0; i < value.size(); ++i)
        CHECK(read_drive(value[i], fmt::format("drives[{}]", i), config, warnings));
    return {};
}

Json drives_json(const MachineConfig& config) {
    Json drives = Json::array();
    for (const DriveConfig& drive : config.drives) {
        drives.push_back(
            {{"drive_id", json_text(drive.drive_id)},
             {"path_on_host", json_text(drive.path)},
             {"is_root_device", false},
             {"is_read_only", drive.read_only},
             {"cache_type", "Writeback"},
             {"io_engine", drive.engine == DriveConfig::Engine::synchronous ? synchronous_name : asynchronous_name},
             {"discard", drive.discard}});
        add_rate_limits(drives.back(), drive_limiter_key, drive.limits);
    }
    return drives;
}

}  // namespace hv
