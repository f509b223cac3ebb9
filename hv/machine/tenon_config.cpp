// SPDX-License-Identifier: Apache-2.0
// Tenon's own keys of a configuration: each is read and written by neighbours.
#include "hv/machine/tenon_config.h"

#include <fmt/format.h>

#include "hv/machine/cpu_config.h"
#include "hv/machine/user_network_config.h"

namespace hv {

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t most_mib = maximum_memory_bytes / mebibyte;

Result<JsonSection> open_section(const Json& value, std::string name) {
    return JsonSection::open(value, std::move(name), {"configuration", "hv"});
}

/// What `parse` makes of the string at `key`, if there is one.
template <typename T>
Result<> take_word(JsonSection& section, const char* key, Result<T> (*parse)(std::string_view), T& result) {
    TRY(const auto word, section.take_string(key));
    if (!word) return {};
    auto parsed = parse(*word);
    if (!parsed) return section.wrong(fmt::format("'{}': {}", section.path(key), parsed.error().message));
    result = *parsed;
    return {};
}

Result<> read_memory(const Json& value, MachineConfig& config) {
    TRY(JsonSection section, open_section(value, "tenon.memory"));
    TRY(const auto size, section.take_number("size_bytes", 1, maximum_memory_bytes));
    TRY(const auto reservation, section.take_number("reservation_mib", 1, most_mib));
    TRY(const auto limit, section.take_number("limit_mib", 1, most_mib));
    TRY(const auto shares, section.take_number("shares", 1, maximum_memory_shares));
    TRY(const auto cgroup, section.take_string("cgroup"));
    TRY(const auto ksm, section.take_bool("ksm"));
    TRY(const auto is_private, section.take_bool("private"));
    CHECK(section.finish());
    if (size) {
        if (*size / mebibyte != config.memory_bytes / mebibyte)
            return section.wrong("'tenon.memory.size_bytes' is another size than 'machine-config.mem_size_mib'");
        if (const auto checked = check_memory_size(*size); !checked)
            return section.wrong("'tenon.memory.size_bytes': " + checked.error().message);
        config.memory_bytes = *size;
    }
    MemoryPolicy& policy = config.memory_policy;
    if (reservation) policy.reservation = *reservation * mebibyte;
    if (limit) policy.limit = *limit * mebibyte;
    if (shares) policy.shares = static_cast<std::uint32_t>(*shares);
    policy.cgroup = cgroup.value_or("");
    policy.ksm = ksm.value_or(false);
    policy.private_memory = is_private.value_or(false);
    return {};
}

Json memory_json(const MachineConfig& config) {
    const MemoryPolicy& policy = config.memory_policy;
    Json memory;
    if (config.memory_bytes % mebibyte != 0) memory["size_bytes"] = config.memory_bytes;
    if (policy.reservation) memory["reservation_mib"] = *policy.reservation / mebibyte;
    if (policy.limit) memory["limit_mib"] = *policy.limit / mebibyte;
    if (policy.shares != default_memory_shares) memory["shares"] = policy.shares;
    if (!policy.cgroup.empty()) memory["cgroup"] = json_text(policy.cgroup);
    if (policy.ksm) memory["ksm"] = true;
    if (policy.private_memory) memory["private"] = true;
    return memory;
}

Result<> read_lifecycle(const Json& value, LifecycleConfig& lifecycle) {
    TRY(JsonSection section, open_section(value, "tenon.lifecycle"));
    CHECK(take_word(section, "restart", parse_restart, lifecycle.restart));
    CHECK(take_word(section, "on_crash", parse_on_crash, lifecycle.on_crash));
    TRY(const auto remove, section.take_bool("remove"));
    lifecycle.remove = remove.value_or(false);
    return section.finish();
}

Json lifecycle_json(const LifecycleConfig& lifecycle) {
    Json json;
    if (lifecycle.restart != Restart::no) json["restart"] = restart_name(lifecycle.restart);
    if (lifecycle.on_crash != OnCrash::exit) json["on_crash"] = on_crash_name(lifecycle.on_crash);
    if (lifecycle.remove) json["remove"] = true;
    return json;
}

}  // namespace

Result<> read_tenon_config(const Json& value, MachineConfig& config) {
    TRY(JsonSection section, open_section(value, "tenon"));
    TRY(const auto name, section.take_string("name"));
    CHECK(take_word(section, "accelerator", parse_accelerator, config.accelerator));
    if (const Json* memory = section.take("memory")) CHECK(read_memory(*memory, config));
    if (const Json* cpu = section.take("cpu")) {
        TRY(JsonSection inner, open_section(*cpu, "tenon.cpu"));
        CHECK(read_cpu(inner, config.cpu_policy));
    }
    TRY(const auto balloon, section.take_bool("balloon"));
    if (const Json* network = section.take("user_network")) CHECK(read_user_network(*network, config.net));
    TRY(const auto watchdog, section.take_number("watchdog_ms", shortest_watchdog_ms, longest_watchdog_ms));
    TRY(const auto core_file, section.take_string("core_file"));
    if (const Json* lifecycle = section.take("lifecycle")) CHECK(read_lifecycle(*lifecycle, config.lifecycle));
    TRY(const auto boot_report, section.take_bool("boot_report"));
    TRY(const auto run_directory, section.take_string("run_directory"));
    CHECK(section.finish());
    config.name = name.value_or("");
    config.balloon.enabled = balloon.value_or(true);
    config.watchdog_ms = watchdog.value_or(0);
    config.core_file = core_file.value_or("");
    config.boot_report = boot_report.value_or(false);
    config.run_directory = run_directory.value_or("");
    return {};
}

Json tenon_config_json(const MachineConfig& config) {
    Json tenon;
    if (!config.name_is_generated && !config.name.empty()) tenon["name"] = json_text(config.name);
    if (config.accelerator != AcceleratorChoice::automatic) tenon["accelerator"] = accelerator_name(config.accelerator);
    if (Json memory = memory_json(config); !memory.is_null()) tenon["memory"] = std::move(memory);
    if (Json cpu = cpu_json(config.cpu_policy); !cpu.is_null()) tenon["cpu"] = std::move(cpu);
    if (!config.balloon.enabled) tenon["balloon"] = false;
    if (config.net.mode == NetConfig::Mode::user) tenon["user_network"] = user_network_json(config.net);
    if (config.watchdog_ms != 0) tenon["watchdog_ms"] = config.watchdog_ms;
    if (!config.core_file.empty()) tenon["core_file"] = json_text(config.core_file);
    if (Json lifecycle = lifecycle_json(config.lifecycle); !lifecycle.is_null())
        tenon["lifecycle"] = std::move(lifecycle);
    if (config.boot_report) tenon["boot_report"] = true;
    if (!config.run_directory.empty()) tenon["run_directory"] = json_text(config.run_directory);
    return tenon;
}

}  // namespace hv
