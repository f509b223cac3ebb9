// SPDX-License-Identifier: Apache-2.0
// Prometheus text format: https://prometheus.io/docs/instrumenting/exposition_formats/
#include "hv/cli/metrics_text.h"

#include <fmt/format.h>

#include <map>

#include "hv/api/statistics.h"
#include "hv/core/printable.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

std::string label_text(std::string_view value) {
    std::string text;
    for (const char c : printable(value)) {
        if (c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text;
}

/// A name of a metric or of a label: of letters, digits and '_'.
std::string name_text(std::string name) {
    for (char& c : name)
        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_') c = '_';
    return name;
}

std::string label(std::string_view name, std::string_view value) {
    return fmt::format("{}=\"{}\"", name_text(std::string(name)), label_text(value));
}

/// All samples of one metric stand together, as the format wants them.
struct Metric {
    std::string_view meaning, type;
    std::string samples;
};

class Metrics {
public:
    void add(const std::string& name, std::string_view meaning, std::string_view type, std::string_view labels,
             std::string_view value) {
        Metric& metric = metrics_.try_emplace(name, Metric{meaning, type, {}}).first->second;
        metric.samples += fmt::format("{}{{{}}} {}\n", name, labels, value);
    }
    /// The numbers of a subject; what is an object in it is a subject of its own, of the instance of that name.
    void add_subject(const std::string& subject, const Json& values, const std::string& labels) {
        if (!values.is_object()) return;
        for (const auto& [key, value] : values.items()) {
            if (value.is_number()) add_value(subject, key, value, labels);
            if (value.is_object()) add_subject(subject, value, labels + "," + label(subject, key));
        }
    }
    [[nodiscard]] std::string text() const {
        std::string text;
        for (const auto& [name, metric] : metrics_)
            text +=
                fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{3}", name, metric.meaning, metric.type, metric.samples);
        return text;
    }

private:
    /// Prometheus's units are seconds and bytes, and a counter's name ends in _total.
    void add_value(std::string_view subject, std::string_view key, const Json& value, std::string_view labels) {
        const Statistic* const known = find_statistic(subject, key);
        const bool counter = known != nullptr && known->kind == Statistic::Kind::counter;
        const bool time = key.ends_with("_ns");
        if (time) key.remove_suffix(3);
        const std::string name =
            name_text(fmt::format("tenon_{}_{}{}{}", subject, key, time ? "_seconds" : "", counter ? "_total" : ""));
        add(name, known == nullptr ? "unknown to this hv" : known->meaning,
            counter            ? "counter"
            : known == nullptr ? "untyped"
                               : "gauge",
            labels, time ? fmt::format("{}", value.get<double>() / 1e9) : value.dump());
    }

    std::map<std::string, Metric> metrics_;
};

}  // namespace

std::string metrics_text(std::span<const MachineView> machines) {
    Metrics metrics;
    for (const MachineView& machine : machines) {
        if (!machine.alive()) continue;
        const std::string labels = label("machine", machine.name);
        metrics.add("tenon_up", "1 if the machine's hv answers, and else 0", "gauge", labels,
                    machine.stats.is_null() ? "0" : "1");
        metrics.add("tenon_restarts_total", "times that the machine was started again", "counter", labels,
                    fmt::format("{}", machine.restarts));
        if (!machine.stats.is_object()) continue;
        for (const auto& [subject, values] : machine.stats.items()) metrics.add_subject(subject, values, labels);
    }
    return metrics.text();
}

}  // namespace hv
