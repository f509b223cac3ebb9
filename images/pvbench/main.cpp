// SPDX-License-Identifier: Apache-2.0
// Measures how good a hypervisor's paravirtual path is: as a Tenon image, as a Linux program, and as the /init of a
// Linux guest. `pvbench --help` lists the options; docs/pvbench.md says what each measure means.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "json_format.h"
#include "json_writer.h"
#include "measure.h"
#include "options.h"
#include "peer.h"
#include "report_command.h"
#include "start.h"
#include "system.h"
#include "table.h"

namespace {

using namespace pvbench;

bool names(const std::string& name, const Measure& measure) { return name == measure.name || name == measure.subject; }

bool wanted(const Measure& measure, const Options& options) {
    return options.only.empty() ||
           std::ranges::any_of(options.only, [&](const std::string& name) { return names(name, measure); });
}

/// A name in --only that is no measure's and no subject's.
const std::string* unknown_name(const Options& options) {
    for (const std::string& name : options.only)
        if (std::ranges::none_of(all_measures(), [&](const Measure& measure) { return names(name, measure); }))
            return &name;
    return nullptr;
}

void list_measures() {
    for (const Measure& measure : all_measures())
        std::printf("%-24s %-10s %-5s %s\n", measure.name, measure.subject, measure.unit, measure.description);
}

Result run(const Options& options) {
    Result result;
    result.platform = system::platform();
    if (!options.label.empty()) result.platform.name = options.label;
    await_peer(options);
    for (const Measure& measure : all_measures()) {
        if (!wanted(measure, options)) continue;
        // On standard error, so that a run of minutes is not silent; standard output has the result alone.
        std::fprintf(stderr, "pvbench: %s\n", measure.name);
        Outcome outcome = measure.run(options);
        if (outcome)
            result.measures.push_back({measure.name, measure.subject, measure.unit, measure.better, outcome->warm_up,
                                       summarize(outcome->repetitions, measure.better)});
        else
            result.left_out.push_back({measure.name, measure.subject, std::move(outcome.error())});
    }
    // Drivers may set their devices up when they are first used.
    result.features = system::device_features();
    return result;
}

int run_program(const std::vector<std::string_view>& arguments) {
    if (const auto code = run_report(arguments)) return *code;
    const auto options = parse_options(arguments);
    if (!options) {
        std::fprintf(stderr, "pvbench: %s\n", options.error().c_str());
        return 2;
    }
    if (options->help) return std::fputs(usage, stdout), 0;
    if (options->list) return list_measures(), 0;
    if (options->serve_port != 0) {
        std::fprintf(stderr, "pvbench: %s\n", serve_peer(options->serve_port, options->serve_delay_us).c_str());
        return 1;
    }
    if (const std::string* name = unknown_name(*options)) {
        std::fprintf(stderr, "pvbench: there is no measure or subject '%s'; --list names them\n", name->c_str());
        return 2;
    }
    Result result = run(*options);
    for (const std::string_view argument : arguments)
        result.command_line.append(result.command_line.empty() ? "" : " ").append(argument);
    if (options->json)
        std::printf("%s\n%s\n%s\n", json_begin, to_json(result).c_str(), json_end);
    else
        std::fputs(to_table(result).c_str(), stdout);
    std::fflush(stdout);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    system::note_main();
    prepare_machine();
    const int status = run_program({argv + std::min(argc, 1), argv + argc});
    leave_machine();
    return status;
}
