// SPDX-License-Identifier: Apache-2.0
// Gathering what is known of a machine.
#include "hv/supervise/machine_info.h"

#include <array>
#include <vector>

#include "hv/api/conversation.h"
#include "hv/core/json_text.h"
#include "hv/core/version.h"
#include "hv/machine/drives_config.h"
#include "hv/machine/machine_files.h"
#include "hv/supervise/agent_request.h"
#include "hv/supervise/guest_facts.h"
#include "hv/supervise/machine_record.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

constexpr int hv_limit_ms = 500;
constexpr std::chrono::milliseconds agent_limit{500};

/// What hv answers at each of `paths`, asked side by side; null where it does not answer.
template <std::size_t N>
std::array<Json, N> ask_hv(const MachineView& view, const std::array<const char*, N>& paths) {
    std::vector<Question> questions;
    questions.reserve(N);
    for (const char* path : paths) questions.push_back({view.directory + "/" + api_socket, "GET", path, {}});
    const std::vector<Answer> answers = ask(questions, hv_limit_ms);
    std::array<Json, N> values;
    for (std::size_t i = 0; i < N; ++i)
        if (answers[i].ok()) values[i] = parse_json(answers[i].body).value_or(nullptr);
    return values;
}

void add_record(Json& info, const MachineView& view) {
    const auto record = read_record(view.directory);
    if (!record) return;
    info["restart_policy"] = record->restart_policy;
    info["created"] = record->created;
    if (record->started != 0) info["started"] = record->started;
    if (record->ended != 0) info["ended"] = record->ended;
}

/// Each drive with the name that the guest has for it, and hv's counters.
Json disks_of(const Json& drives, const Json& stats) {
    Json disks = Json::array();
    if (!drives.is_array()) return disks;
    std::string name = "vda";
    for (const Json& drive : drives) {
        Json disk = {{"name", name},
                     {"id", member_of(drive, "drive_id")},
                     {"path", member_of(drive, "path_on_host")},
                     {"read_only", member_of(drive, "is_read_only")}};
        if (const Json& limiter = member_of(drive, drive_limiter_key); limiter.is_object())
            disk[drive_limiter_key] = limiter;
        if (const Json& counters = member_of(stats, name); counters.is_object()) disk.update(counters);
        disks.push_back(std::move(disk));
        ++name.back();
    }
    return disks;
}

void add_answers(Json& info, const MachineView& view) {
    const auto [config, memory, cpu] = ask_hv(view, std::array{"/vm/config", "/memory", "/cpu"});
    const Json& machine = member_of(view.stats, "machine");
    info["accelerator_reason"] = member_of(machine, "accelerator_reason");
    info["landlock_version"] = member_of(machine, "landlock_version");
    info["boot_arguments"] = member_of(member_of(config, "boot-source"), "boot_args");
    info["cpu"] = {{"vcpus", member_of(member_of(config, "machine-config"), "vcpu_count")},
                   {"used_ns", member_of(machine, "guest_cpu_ns")}};
    // What is set, and what is known: the rest is absent.
    if (cpu.is_object()) info["cpu"].update(cpu);
    info["memory"] = Json::object();
    for (const char* key :
         {"configured_bytes", "resident_bytes", "swapped_bytes", "ballooned_bytes", "balloon_target_bytes",
          "reported_bytes", "zero_shared_bytes", "reservation_bytes", "limit_bytes"})
        info["memory"][key] = member_of(memory, key);
    Json interfaces = member_of(config, "network-interfaces");
    if (!interfaces.is_array()) interfaces = Json::array();
    // Firecracker's key has TAP interfaces only.
    if (const Json& user = member_of(member_of(config, "tenon"), "user_network"); user.is_object())
        interfaces.push_back(user);
    info["network_interfaces"] = std::move(interfaces);
    info["ports"] = member_of(machine, "ports");
    info["network"] = member_of(view.stats, "net");
    info["disks"] = disks_of(member_of(config, "drives"), member_of(view.stats, "disk"));
    info["balloon"] = member_of(config, "balloon");
}

}  // namespace

Json machine_info(const MachineView& view) {
    Json info = {{"name", view.name},
                 {"state", view.state},
                 {"image", view.image},
                 {"accelerator", view.accelerator},
                 {"memory_bytes", view.memory_bytes},
                 {"state_seconds", view.state_seconds ? Json(*view.state_seconds) : Json(nullptr)},
                 {"uptime_seconds", view.uptime_seconds},
                 {"restarts", view.restarts},
                 {"detached", view.detached},
                 {"directory", view.directory},
                 {"hv_version", version}};
    if (view.exit_code) info["exit_code"] = *view.exit_code;
    if (!view.reason.empty()) info["reason"] = view.reason;
    if (!view.stop.empty()) info["stop"] = view.stop;
    add_record(info, view);
    if (view.stats.is_null()) return info;
    add_answers(info, view);
    // One that stands still does not answer.
    if (view.state == "running")
        if (Json guest = guest_facts(view.directory + "/" + agent_socket, agent_limit); !guest.is_null())
            info["guest"] = std::move(guest);
    return info;
}

}  // namespace hv
