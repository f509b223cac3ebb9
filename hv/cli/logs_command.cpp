// SPDX-License-Identifier: Apache-2.0
// hv logs, hv events: what machines said, and what happened to them.
#include <fmt/format.h>

#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/follow.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"
#include "hv/supervise/bounded_log.h"
#include "hv/supervise/event_log.h"
#include "hv/supervise/machine_list.h"

namespace hv {

namespace {

struct LogOptions {
    std::string name;
    std::string run_directory;
    std::uint64_t lines = ~0ULL;
    bool follow = false;
};

Result<int> logs_command(const LogOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(MachineEnd end, MachineEnd::of(base, options.name));
    const auto over = [&] { return !options.follow || end.wait(0); };
    auto printed = follow_log(base.path_of(options.name) + "/" + console_log, options.lines, over);
    if (!printed && printed.error().kind == ErrorKind::not_found)
        return fail(ErrorKind::not_found,
                    fmt::format("machine '{}': its console is where it was started (hv run -d keeps a "
                                "log)",
                                options.name));
    CHECK(printed);
    return 0;
}

Result<int> events_command(const LogOptions& options) {
    TRY(const RunBase base, RunBase::prepare(options.run_directory));
    // There may be none yet to follow.
    CHECK(BoundedLog::open(base.path_of(event_file)));
    const std::string mark = fmt::format("\"machine\":\"{}\"", options.name);
    CHECK(follow_log(
        base.path_of(event_file), options.lines, [&] { return !options.follow; },
        [&](std::string_view line) { return options.name.empty() || line.find(mark) != std::string_view::npos; }));
    return 0;
}

void add_common(Command& command, LogOptions& options) {
    command.flag("-f,--follow", options.follow, "Go on with what is added");
    command.option("-n,--lines", options.lines, "Only the last lines").takes("NUMBER").defaults_to("all");
    command.run_directory(options.run_directory);
}

}  // namespace

CommandAction add_logs(Command& logs, std::uint64_t) {
    const auto options = std::make_shared<LogOptions>();
    logs.option("NAME", options->name, "The machine").required();
    add_common(logs, *options);
    return [options] { return logs_command(*options); };
}

CommandAction add_events(Command& events, std::uint64_t) {
    const auto options = std::make_shared<LogOptions>();
    events.option("NAME", options->name, "Of this machine only");
    add_common(events, *options);
    events.json_only();
    return [options] { return events_command(*options); };
}

}  // namespace hv
