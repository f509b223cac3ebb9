// SPDX-License-Identifier: Apache-2.0
// Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/
#include "hv/cli/metrics_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "hv/core/printable.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

/// What can go down again; all the rest of what hv counts is a counter.
constexpr std::string_view gauges[] = {"tenon_machine_memory_bytes", "tenon_machine_uptime_ns",
                                       "tenon_blk_capacity_bytes", "tenon_disk_capacity_bytes",
                                       "tenon_net_helper_resident_bytes"};

std::string label_text(std::string_view value) {
    std::string text;
    for (const char c : printable(value)) {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text;
}

std::string metric_name(std::string_view group, std::string_view key) {
    std::string name = fmt::format("tenon_{}_{}", group, key);
    for (char& c : name)
        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_') c = '_';
    return name;
}

/// All samples of one metric stand together, as the format wants them.
using Samples = std::map<std::string, std::string>;

void add(Samples& samples, const std::string& name, const std::string& labels, const std::string& value) {
    samples[name] += fmt::format("{}{{{}}} {}\n", name, labels, value);
}

std::string label(std::string_view name, std::string_view value) {
    return fmt::format("{}=\"{}\"", name, label_text(value));
}

/// The numbers of a group; what is an object in it is a group of its own, of the instance of that name.
void add_group(Samples& samples, const std::string& group, const Json& values, const std::string& labels) {
    if (!values.is_object()) return;
    for (const auto& [key, value] : values.items()) {
        if (value.is_number()) add(samples, metric_name(group, key), labels, value.dump());
        if (value.is_object()) add_group(samples, group, value, labels + "," + label(group, key));
    }
}

}  // namespace

std::string metrics_text(std::span<const MachineView> machines) {
    Samples samples;
    for (const MachineView& machine : machines) {
        if (!machine.alive()) continue;
        const std::string labels = label("machine", machine.name);
        add(samples, "tenon_up", labels, machine.stats.is_null() ? "0" : "1");
        add(samples, "tenon_restarts", labels, fmt::format("{}", machine.restarts));
        if (!machine.stats.is_object()) continue;
        for (const auto& [group, values] : machine.stats.items()) add_group(samples, group, values, labels);
    }
    std::string text;
    for (const auto& [name, lines] : samples) {
        const bool gauge = name == "tenon_up" || std::ranges::find(gauges, name) != std::end(gauges);
        text += fmt::format("# TYPE {} {}\n{}", name, gauge ? "gauge" : "counter", lines);
    }
    return text;
}

}  // namespace hv
