// SPDX-License-Identifier: Apache-2.0
// hv ps: the machines of this user.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/machine_filter.h"
#include "hv/cli/output.h"
#include "hv/cli/published_ports.h"
#include "hv/cli/table.h"
#include "hv/core/json_text.h"
#include "hv/supervise/machine_list.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

struct PsOptions {
    std::string run_directory;
    bool json = false;
    bool all = false;
    bool quiet = false;
    std::vector<std::string> filters;
};

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// An empty array where there are none, or where hv does not say.
Json ports_of(const MachineView& view) {
    const Json& ports = member_of(member_of(view.stats, "machine"), "ports");
    return ports.is_array() ? ports : Json::array();
}

Json json_of(const MachineView& view) {
    Json json = {{"name", view.name},
                 {"state", view.state},
                 {"accelerator", view.accelerator},
                 {"state_seconds", view.state_seconds ? Json(*view.state_seconds) : Json(nullptr)},
                 {"memory_bytes", view.memory_bytes},
                 {"uptime_seconds", view.uptime_seconds},
                 {"ports", ports_of(view)},
                 {"image", view.image},
                 {"detached", view.detached},
                 {"restarts", view.restarts},
                 {"exit_code", nullptr}};
    // What is set: the rest is absent.
    for (const char* key : {"cpu_limit_millicpus", "cpu_reservation_millicpus", "cpu_shares"})
        if (const Json& value = member_of(member_of(view.stats, "machine"), key); value.is_number()) json[key] = value;
    if (view.exit_code) json["exit_code"] = *view.exit_code;
    if (!view.reason.empty()) json["reason"] = view.reason;
    if (!view.stop.empty()) json["stop"] = view.stop;
    return json;
}

std::string json_of(const std::vector<MachineView>& views) {
    Json list = Json::array();
    for (const MachineView& view : views) list.push_back(json_of(view));
    return printed_json(list) + "\n";
}

std::string names_of(const std::vector<MachineView>& views) {
    std::string text;
    for (const MachineView& view : views) text += view.name + "\n";
    return text;
}

std::string table_of(const std::vector<MachineView>& views) {
    Table table({"NAME", "STATE", "FOR", "EXIT", "ACCEL", "MEMORY", "PORTS", "IMAGE"});
    for (const MachineView& view : views)
        table.add({view.name, view.state, view.state_seconds ? duration_text(*view.state_seconds) : "-",
                   view.exit_code ? fmt::format("{}", *view.exit_code) : "-", or_dash(view.accelerator),
                   short_size_text(view.memory_bytes), or_dash(ports_text(ports_of(view))), file_name(view.image)});
    return table.text();
}

Result<int> ps_command(const PsOptions& options) {
    TRY(const MachineFilter filter, MachineFilter::parse(options.filters));
    TRY(const RunBase base, RunBase::open(options.run_directory));
    std::vector<MachineView> views = list_machines(base);
    const bool all = options.all || filter.wants_ended();
    std::erase_if(views, [&](const MachineView& view) { return !filter.matches(view) || (!all && !view.alive()); });
    CHECK(print(options.quiet ? names_of(views) : options.json ? json_of(views) : table_of(views)));
    return 0;
}

}  // namespace

CommandAction add_ps(Command& ps, std::uint64_t) {
    const auto options = std::make_shared<PsOptions>();
    ps.flag("-a,--all", options->all, "Also machines that have ended and whose files are kept");
    ps.flag("-q,--quiet", options->quiet, "Names only");
    ps.option("--filter", options->filters, "Only machines that match, see below").takes("KEY=VALUE").one_at_a_time();
    ps.footer(MachineFilter::help);
    ps.format(options->json);
    ps.run_directory(options->run_directory);
    return [options] { return ps_command(*options); };
}

}  // namespace hv
