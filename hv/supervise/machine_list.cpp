// SPDX-License-Identifier: Apache-2.0
// Looking at machines.
#include "hv/supervise/machine_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "hv/api/http_client.h"
#include "hv/core/host_clock.h"
#include "hv/core/json_text.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/machine_life.h"
#include "hv/supervise/machine_record.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

std::string text_at(const Json& json, const char* key) {
    const Json& text = member_of(json, key);
    return text.is_string() ? text.get<std::string>() : std::string();
}

std::uint64_t number_at(const Json& json, const char* key) {
    const Json& number = member_of(json, key);
    return number.is_number_unsigned() ? number.get<std::uint64_t>() : 0;
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

void fill_from_record(MachineView& view) {
    const auto record = read_record(view.directory);
    if (!record) return;
    view.detached = record->detached;
    view.image = record->image;
    view.accelerator = record->accelerator;
    view.memory_bytes = record->memory_bytes;
    view.restarts = record->restarts;
    if (view.state == "ended") {
        view.exit_code = record->exit_code;
        view.reason = record->reason;
        view.stop = record->stop;
    } else {
        view.state = record->state;
    }
    if (record->state_since != 0) view.state_seconds = std::max(host_realtime_seconds() - record->state_since, 0.0);
}

void set_unresponsive(MachineView& view) {
    view.state = "unresponsive";
    view.state_seconds.reset();
}

void fill_from_answer(MachineView& view, const Result<std::string>& answer) {
    if (!answer) {
        // What has no socket is between two lives. What has one, and does not answer, is not well.
        if (answer.error().kind != ErrorKind::not_found) set_unresponsive(view);
        return;
    }
    Json stats = parse_json(*answer).value_or(nullptr);
    const Json& machine = member_of(stats, "machine");
    if (!machine.is_object()) {
        set_unresponsive(view);
        return;
    }
    view.state = lower(text_at(machine, "state"));
    view.image = text_at(machine, "image");
    view.accelerator = text_at(machine, "accelerator");
    view.memory_bytes = number_at(machine, "memory_bytes");
    view.uptime_seconds = static_cast<double>(number_at(machine, "uptime_ns")) / 1e9;
    view.state_seconds = static_cast<double>(number_at(machine, "state_ns")) / 1e9;
    view.stats = std::move(stats);
}

std::vector<MachineView> look_at(const RunBase& base, const std::vector<std::string>& names, int limit_ms) {
    std::vector<MachineView> views;
    std::vector<std::size_t> alive;
    std::vector<std::string> sockets;
    for (const std::string& name : names) {
        const MachineLife life = machine_life(base, name);
        if (life == MachineLife::absent) continue;
        MachineView view;
        view.name = name;
        view.directory = base.path_of(name);
        view.state = life == MachineLife::ended ? "ended" : "starting";
        fill_from_record(view);
        if (life == MachineLife::alive) {
            alive.push_back(views.size());
            sockets.push_back(view.directory + "/" + api_socket);
        }
        views.push_back(std::move(view));
    }
    const auto answers = http_get_all(sockets, "/stats", limit_ms);
    for (std::size_t i = 0; i < alive.size(); ++i) fill_from_answer(views[alive[i]], answers[i]);
    return views;
}

}  // namespace

std::vector<MachineView> list_machines(const RunBase& base, int limit_ms) {
    return look_at(base, machine_names(base), limit_ms);
}

Result<MachineView> view_machine(const RunBase& base, const std::string& name, int limit_ms) {
    auto views = look_at(base, {name}, limit_ms);
    if (views.empty())
        return fail(ErrorKind::not_found,
                    fmt::format("machine '{}': no machine of this name in '{}' (hv ps -a)", name, base.path()));
    return std::move(views.front());
}

}  // namespace hv
