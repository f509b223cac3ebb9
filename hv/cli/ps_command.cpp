// SPDX-License-Identifier: Apache-2.0
// hv ps: the machines of this user.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/table.h"
#include "hv/supervise/machine_list.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;

struct PsOptions {
    std::string run_directory;
    bool json = false;
    bool all = false;
    bool quiet = false;
};

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Json json_of(const MachineView& view) {
    Json json = {{"name", view.name},
                 {"state", view.state},
                 {"accelerator", view.accelerator},
                 {"memory_bytes", view.memory_bytes},
                 {"uptime_seconds", view.uptime_seconds},
                 {"image", view.image},
                 {"detached", view.detached},
                 {"restarts", view.restarts},
                 {"exit_code", nullptr}};
    if (view.exit_code) json["exit_code"] = *view.exit_code;
    if (!view.reason.empty()) json["reason"] = view.reason;
    if (!view.stop.empty()) json["stop"] = view.stop;
    return json;
}

Result<int> ps_command(const PsOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    std::vector<MachineView> views = list_machines(base);
    if (!options.all) std::erase_if(views, [](const MachineView& view) { return !view.alive(); });
    if (options.quiet) {
        for (const MachineView& view : views) std::puts(view.name.c_str());
    } else if (options.json) {
        Json list = Json::array();
        for (const MachineView& view : views) list.push_back(json_of(view));
        std::puts(list.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    } else {
        Table table({"NAME", "STATE", "ACCEL", "MEMORY", "UPTIME", "EXIT", "IMAGE"});
        for (const MachineView& view : views)
            table.add({view.name, view.state, view.accelerator.empty() ? "-" : view.accelerator,
                       short_size_text(view.memory_bytes),
                       view.stats.is_null() ? "-" : duration_text(view.uptime_seconds),
                       view.exit_code ? fmt::format("{}", *view.exit_code) : "-", file_name(view.image)});
        std::fputs(table.text().c_str(), stdout);
    }
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ErrorKind::internal);
}

}  // namespace

CommandAction add_ps(Command& ps, std::uint64_t) {
    const auto options = std::make_shared<PsOptions>();
    ps.flag("-a,--all", options->all, "Also the machines that have ended and are kept");
    ps.flag("-q,--quiet", options->quiet, "Names only");
    ps.format(options->json);
    ps.run_directory(options->run_directory);
    return [options] { return ps_command(*options); };
}

}  // namespace hv
