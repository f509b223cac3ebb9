// SPDX-License-Identifier: Apache-2.0
// Records of machines as JSON.
#include "hv/supervise/machine_record.h"

#include <nlohmann/json.hpp>

#include "hv/core/json_text.h"
#include "hv/machine/machine_files.h"
#include "hv/supervise/bounded_log.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

/// Reads a file that may be damaged: a value of a wrong type counts as missing.
template <typename T>
void take(const Json& json, const char* key, T& value) {
    const auto found = json.find(key);
    if (found == json.end()) return;
    if constexpr (std::is_same_v<T, std::string>) {
        if (found->is_string()) value = found->get<std::string>();
    } else if constexpr (std::is_same_v<T, bool>) {
        if (found->is_boolean()) value = found->get<bool>();
    } else if constexpr (std::is_floating_point_v<T>) {
        if (found->is_number()) value = found->get<T>();
    } else {
        if (found->is_number_unsigned()) value = found->get<T>();
    }
}

}  // namespace

std::string record_text(const MachineRecord& record) {
    Json json = {{"name", record.name},
                 {"state", record.state},
                 {"image", record.image},
                 {"accelerator", record.accelerator},
                 {"memory_bytes", record.memory_bytes},
                 {"created", record.created},
                 {"started", record.started},
                 {"ended", record.ended},
                 {"state_since", record.state_since},
                 {"restarts", record.restarts},
                 {"restart_policy", record.restart_policy},
                 {"detached", record.detached},
                 {"reason", record.reason}};
    if (!record.stop.empty()) json["stop"] = record.stop;
    if (record.exit_code) json["exit_code"] = *record.exit_code;
    // A path or a guest's reason may hold any bytes.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<MachineRecord> parse_record(std::string_view text) {
    const Json json = parse_json(text).value_or(nullptr);
    if (!json.is_object()) return std::nullopt;
    MachineRecord record;
    take(json, "name", record.name);
    take(json, "state", record.state);
    take(json, "image", record.image);
    take(json, "accelerator", record.accelerator);
    take(json, "memory_bytes", record.memory_bytes);
    take(json, "created", record.created);
    take(json, "started", record.started);
    take(json, "ended", record.ended);
    take(json, "state_since", record.state_since);
    take(json, "restarts", record.restarts);
    take(json, "restart_policy", record.restart_policy);
    take(json, "detached", record.detached);
    take(json, "reason", record.reason);
    take(json, "stop", record.stop);
    std::uint64_t exit_code = ~0ULL;
    take(json, "exit_code", exit_code);
    if (exit_code <= 255) record.exit_code = static_cast<int>(exit_code);
    if (record.name.empty() || record.state.empty()) return std::nullopt;
    return record;
}

std::optional<MachineRecord> read_record(const std::string& directory) {
    constexpr std::uint64_t limit = 64 * 1024;
    return parse_record(read_log_tail(directory + "/" + record_file, limit));
}

}  // namespace hv
