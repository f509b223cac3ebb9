// SPDX-License-Identifier: Apache-2.0
// hv stat: a running machine's counters.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "hv/api/http_client.h"
#include "hv/api/statistics.h"
#include "hv/cli/commands.h"
#include "hv/cli/output.h"
#include "hv/cli/published_ports.h"
#include "hv/core/json_text.h"
#include "hv/core/printable.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

/// The values of one subject in the table's order, and behind them what the table does not have.
Json ordered_values(std::string_view subject, const Json& values) {
    if (!values.is_object()) return values;
    const Statistic* const behind = statistics().data() + statistics().size();
    std::vector<std::pair<const Statistic*, std::string>> names;
    for (const auto& [name, value] : values.items()) {
        const Statistic* const known = find_statistic(subject, name);
        names.emplace_back(known != nullptr ? known : behind, name);
    }
    std::ranges::stable_sort(names, {}, &std::pair<const Statistic*, std::string>::first);
    Json ordered = Json::object();
    for (const auto& [known, name] : names) ordered[name] = ordered_values(subject, values[name]);
    return ordered;
}

/// /stats, subject by subject. The disks, one by one, follow what is counted of all of them.
Json ordered_stats(const Json& stats) {
    Json ordered = Json::object();
    const auto add = [&](std::string_view subject) {
        const auto found = stats.find(subject);
        if (found != stats.end() && !ordered.contains(subject))
            ordered[std::string(subject)] = ordered_values(subject, *found);
    };
    for (const Statistic& known : statistics()) {
        const std::string_view subject = known.name.substr(0, known.name.find('.'));
        if (subject == "console") add("disk");
        add(subject);
    }
    for (const auto& [subject, values] : stats.items()) add(subject);
    return ordered;
}

std::string value_text(std::string_view name, const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    return name == "ports" ? ports_text(value) : value.dump();
}

/// A line for each value: "net.tx_bytes  1234", "disk.vda.reads  5", with the meaning behind it if that is wanted.
void add_lines(std::string& text, std::string_view subject, const std::string& prefix, const Json& values,
               bool explain) {
    for (const auto& [name, value] : values.items()) {
        if (value.is_object()) {
            add_lines(text, subject, prefix + name + ".", value, explain);
            continue;
        }
        const Statistic* const known = explain ? find_statistic(subject, name) : nullptr;
        text += fmt::format("{:<40} {}", printable(prefix + name), printable(value_text(name, value)));
        text += known != nullptr ? fmt::format("    ({})\n", known->meaning) : "\n";
    }
}

std::string stats_text(const Json& stats, bool explain) {
    std::string text;
    for (const auto& [subject, values] : stats.items()) {
        if (!text.empty()) text += '\n';
        if (values.is_object()) add_lines(text, subject, subject + ".", values, explain);
    }
    return text;
}

struct StatOptions {
    std::string name;
    std::string run_directory;
    bool json = false;
    bool explain = false;
};

Result<int> stat_command(const StatOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(const std::string socket, find_machine_socket(base, options.name));
    TRY(const std::string body, http_get(socket, "/stats"));
    const Json answer = parse_json(body).value_or(nullptr);
    if (!answer.is_object())
        return fail(ErrorKind::internal, fmt::format("machine '{}': its answer is not JSON", options.name));
    const Json stats = ordered_stats(answer);
    CHECK(print(options.json ? printed_json(stats) + "\n" : stats_text(stats, options.explain)));
    return 0;
}

}  // namespace

CommandAction add_stat(Command& stat, std::uint64_t) {
    const auto options = std::make_shared<StatOptions>();
    stat.option("NAME", options->name, "The machine").required();
    stat.flag("--explain", options->explain, "Print the meaning of each value");
    stat.format(options->json);
    stat.run_directory(options->run_directory);
    return [options] { return stat_command(*options); };
}

}  // namespace hv
