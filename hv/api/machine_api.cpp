// SPDX-License-Identifier: Apache-2.0
// The paths of the control socket.
#include "hv/api/machine_api.h"

#include <fmt/format.h>

#include <cstring>

#include "hv/api/api_body.h"
#include "hv/api/cpu_api.h"
#include "hv/api/drives_api.h"
#include "hv/api/memory_api.h"
#include "hv/api/network_api.h"
#include "hv/core/counters.h"
#include "hv/core/json_text.h"
#include "hv/core/version.h"
#include "hv/machine/firecracker_config.h"

namespace hv {

namespace {

/// The version of Firecracker's API that the paths are those of.
constexpr char firecracker_version[] = "1.10.0";

const char* state_text(const MachineControl& machine) {
    return !machine.running() ? "Crashed" : machine.paused() ? "Paused" : "Running";
}

const char* agent_text(const MachineControl& machine) {
    switch (machine.agent()) {
        case MachineControl::Agent::none: return "none";
        case MachineControl::Agent::closed: return "closed";
        case MachineControl::Agent::open: break;
    }
    return "open";
}

HttpResponse get_root(const HttpRequest&, MachineControl& machine) {
    return json_answer(
        {{"app_name", "hv"}, {"id", machine.config().name}, {"state", state_text(machine)}, {"vmm_version", version}});
}

HttpResponse get_version(const HttpRequest&, MachineControl&) {
    return json_answer({{"firecracker_version", firecracker_version}, {"hv_version", version}});
}

HttpResponse get_config(const HttpRequest&, MachineControl& machine) {
    return {200, firecracker_config_text(machine.config())};
}

Json ports_of(const MachineControl& machine) {
    Json ports = Json::array();
    for (const PortForward& forward : machine.published_ports())
        ports.push_back({{"host_address", forward.address},
                         {"host_port", forward.host},
                         {"guest_port", forward.guest},
                         {"protocol", forward.udp ? "udp" : "tcp"}});
    return ports;
}

/// "net.tx_bytes" becomes {"net": {"tx_bytes": ...}}; and "blk.reads" of the disk "vda" {"disk": {"vda": {"reads":
/// ...}}}, and a part of {"blk": {"reads": ...}}.
void add_counter(Json& stats, const Counter& counter) {
    const char* dot = std::strchr(counter.name(), '.');
    const std::string group = dot == nullptr ? "hv" : std::string(counter.name(), dot);
    const char* key = dot == nullptr ? counter.name() : dot + 1;
    Json& value = stats[group][key];
    value = (value.is_null() ? 0 : value.get<std::uint64_t>()) + counter.value();
    if (counter.instance() != nullptr) stats[counter.instance_group()][counter.instance()][key] = counter.value();
}

/// What is not known, or not set, is left out.
void add_cpu_stats(Json& values, const MachineControl& machine) {
    const CpuPolicy& policy = machine.config().cpu_policy;
    if (const auto steal = machine.guest_steal_ns()) values["guest_steal_ns"] = *steal;
    if (const auto throttling = machine.cpu_throttling()) values["cpu_throttled_ns"] = throttling->throttled_ns;
    if (policy.limit_millicpus) values["cpu_limit_millicpus"] = *policy.limit_millicpus;
    if (policy.reservation_millicpus) values["cpu_reservation_millicpus"] = *policy.reservation_millicpus;
    if (policy.shares) values["cpu_shares"] = *policy.shares;
}

HttpResponse get_stats(const HttpRequest&, MachineControl& machine) {
    Json stats = {{"machine",
                   {{"name", machine.config().name},
                    {"state", state_text(machine)},
                    {"image", machine.config().image},
                    {"agent", agent_text(machine)},
                    {"accelerator", machine.accelerator()},
                    {"accelerator_reason", machine.accelerator_reason()},
                    {"landlock_version", machine.landlock()},
                    {"state_ns", machine.state_ns()},
                    {"uptime_ns", machine.uptime_ns()},
                    {"guest_cpu_ns", machine.guest_cpu_ns()},
                    {"memory_bytes", machine.config().memory_bytes},
                    {"resident_bytes", resident_of(machine)},
                    {"ports", ports_of(machine)}}}};
    add_cpu_stats(stats["machine"], machine);
    stats["guest_memory"] = memory_counters_of(machine);
    Counter::for_each([&stats](const Counter& counter) { add_counter(stats, counter); });
    if (const auto helper = machine.network_helper()) stats["net"]["helper_resident_bytes"] = helper->resident_bytes;
    return json_answer(stats);
}

HttpResponse put_actions(const HttpRequest& request, MachineControl& machine) {
    const Json body = parse_json(request.body).value_or(nullptr);
    if (!body.is_object() || !body.contains("action_type") || !body["action_type"].is_string())
        return http_fault(400, "the body is not a JSON object with 'action_type'");
    const std::string action = body["action_type"];
    if (action == "SendCtrlAltDel") {
        machine.request_shutdown();
    } else if (action == "Kill") {
        machine.kill();
    } else if (action == "Reboot") {
        if (const auto asked = machine.request_reboot(); !asked) return http_fault(400, asked.error().message);
    } else {
        return http_fault(400,
                          "action_type: a running machine knows SendCtrlAltDel (which asks the guest to shut down), "
                          "Reboot and Kill");
    }
    return {204, {}};
}

HttpResponse patch_vm(const HttpRequest& request, MachineControl& machine) {
    const Json body = parse_json(request.body).value_or(nullptr);
    const std::string state =
        body.is_object() && body.contains("state") && body["state"].is_string() ? body["state"].get<std::string>() : "";
    if (state == "Paused") {
        if (const auto paused = machine.pause(); !paused) return http_fault(500, paused.error().message);
    } else if (state == "Resumed") {
        machine.resume();
    } else {
        return http_fault(400, "the body is not a JSON object with 'state' Paused or Resumed");
    }
    return {204, {}};
}

struct Route {
    const char* method;
    std::string_view path;  ///< one that ends with a slash: of all that lies below
    HttpResponse (*answer)(const HttpRequest&, MachineControl&);
};

constexpr Route routes[] = {
    {"GET", "/", get_root},
    {"GET", "/version", get_version},
    {"GET", "/vm/config", get_config},
    {"GET", "/stats", get_stats},
    {"PUT", "/actions", put_actions},
    {"PATCH", "/vm", patch_vm},
    {"GET", "/balloon", get_balloon},
    {"PUT", "/balloon", put_balloon},
    {"PATCH", "/balloon", patch_balloon},
    {"GET", "/balloon/statistics", get_balloon_statistics},
    {"PATCH", "/balloon/statistics", patch_balloon_statistics},
    {"PATCH", "/balloon/hinting/start", start_balloon_hinting},
    {"GET", "/balloon/hinting/status", get_balloon_hinting},
    {"PATCH", "/balloon/hinting/stop", stop_balloon_hinting},
    {"GET", cpu_path, get_cpu},
    {"PATCH", cpu_path, patch_cpu},
    {"GET", "/memory", get_memory},
    {"PUT", "/memory/reclaim", put_memory_reclaim},
    {"PUT", "/memory/page-out", put_memory_page_out},
    {"PATCH", network_interfaces_path, patch_network_interface},
    {"PATCH", drives_path, patch_drive},
};

bool is_of(const Route& route, std::string_view path) {
    const bool below = route.path.size() > 1 && route.path.ends_with('/');
    return below ? path.starts_with(route.path) : path == route.path;
}

/// "GET, PATCH", or nothing for a path that there is not.
std::string methods_of(std::string_view path) {
    std::string methods;
    for (const Route& route : routes)
        if (is_of(route, path)) methods += (methods.empty() ? "" : ", ") + std::string(route.method);
    return methods;
}

}  // namespace

HttpResponse answer_request(const HttpRequest& request, MachineControl& machine) {
    for (const Route& route : routes)
        if (is_of(route, request.path) && request.method == route.method) return route.answer(request, machine);
    if (const std::string methods = methods_of(request.path); !methods.empty())
        return http_fault(405, fmt::format("{} {}: this path takes {}", request.method, request.path, methods));
    return http_fault(404, fmt::format("{}: no such path", request.path));
}

}  // namespace hv
