// SPDX-License-Identifier: Apache-2.0
// hv prune: removes what is kept of machines that have ended.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "hv/cli/commands.h"
#include "hv/cli/machine_client.h"
#include "hv/cli/output.h"
#include "hv/core/json_text.h"
#include "hv/machine/machine_life.h"
#include "hv/supervise/event_log.h"

namespace hv {

namespace {

struct PruneOptions {
    std::string run_directory;
    bool dry_run = false;
    bool json = false;
};

struct Pruned {
    std::string name;
    std::uint64_t bytes;
};

/// One that another command has removed meanwhile, or started, is not among them.
std::vector<Pruned> prune(const RunBase& base, bool dry_run) {
    std::vector<Pruned> pruned;
    for (const std::string& name : machine_names(base)) {
        if (machine_life(base, name) != MachineLife::ended) continue;
        const std::uint64_t bytes = kept_bytes(base, name);
        if (!dry_run) {
            if (!remove_ended_machine(base, name)) continue;
            log_event(base.path(), name, "removed");
        }
        pruned.push_back({name, bytes});
    }
    return pruned;
}

std::string text_of(const std::vector<Pruned>& pruned, std::uint64_t sum, bool dry_run) {
    if (pruned.empty()) return "no ended machine is kept\n";
    std::string text;
    for (const Pruned& machine : pruned) text += fmt::format("{}: {}\n", machine.name, size_text(machine.bytes));
    return text + fmt::format("{} machine{} {}, {} {}\n", pruned.size(), pruned.size() == 1 ? "" : "s",
                              dry_run ? "would be removed" : "removed", size_text(sum),
                              dry_run ? "would be freed" : "freed");
}

Result<int> prune_command(const PruneOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    const std::vector<Pruned> pruned = prune(base, options.dry_run);
    Json machines = Json::array();
    std::uint64_t sum = 0;
    for (const Pruned& machine : pruned) {
        machines.push_back({{"name", machine.name}, {"freed_bytes", machine.bytes}});
        sum += machine.bytes;
    }
    const Json json = {{"dry_run", options.dry_run}, {"removed", std::move(machines)}, {"freed_bytes", sum}};
    CHECK(print(options.json ? printed_json(json) + "\n" : text_of(pruned, sum, options.dry_run)));
    return 0;
}

}  // namespace

CommandAction add_prune(Command& prune, std::uint64_t) {
    const auto options = std::make_shared<PruneOptions>();
    prune.flag("--dry-run", options->dry_run, "Print which machines would be removed, and remove nothing");
    prune.format(options->json);
    prune.run_directory(options->run_directory);
    return [options] { return prune_command(*options); };
}

}  // namespace hv
