// SPDX-License-Identifier: Apache-2.0
// hv logs, hv events: what machines said, and what happened to them.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/event_text.h"
#include "hv/cli/follow.h"
#include "hv/cli/machine_client.h"
#include "hv/cli/times.h"
#include "hv/core/host_clock.h"
#include "hv/core/json_text.h"
#include "hv/core/utc_time.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"
#include "hv/supervise/console_log.h"
#include "hv/supervise/event_log.h"
#include "hv/supervise/machine_list.h"

namespace hv {

namespace {

struct LogOptions {
    std::string name;
    std::string run_directory;
    std::uint64_t lines = ~0ULL;
    std::string since;
    bool follow = false;
    bool timestamps = false;
    bool json = false;
};

/// Milliseconds since 1970; 0 = all that is kept.
Result<std::int64_t> since_of(const LogOptions& options) {
    if (options.since.empty()) return 0;
    return parse_time("--since", options.since, host_realtime_ms());
}

Result<int> logs_command(const LogOptions& options) {
    TRY(const std::int64_t since, since_of(options));
    TRY(const RunBase base, RunBase::open(options.run_directory));
    TRY(MachineEnd end, MachineEnd::of(base, options.name));
    const auto over = [&] { return !options.follow || end.wait(0); };
    const std::string path = base.path_of(options.name) + "/" + console_log;
    if (access(path.c_str(), F_OK) != 0)
        return fail(ErrorKind::not_found,
                    fmt::format("machine '{}': its console is the terminal in which it was started (hv run -d keeps a "
                                "log)",
                                options.name));
    ConsoleLogReader reader({.with_times = options.timestamps, .since_ms = since});
    CHECK(follow_log(path, options.lines, over, [&reader](std::string& text) { return reader.take(text); }));
    return 0;
}

/// A line of the log as it is printed, or nothing where it is not wanted.
std::string shown_event(std::string_view line, const LogOptions& options, std::int64_t since) {
    const Json event = parse_json(line).value_or(nullptr);
    if (!event.is_object()) return {};
    if (!options.name.empty() && text_of(event, "machine") != options.name) return {};
    const auto time = event.find("time");
    if (since != 0 &&
        (time == event.end() || !time->is_number() || time->get<double>() * 1000 < static_cast<double>(since)))
        return {};
    return (options.json ? printed_json(event, -1) : event_text(event)) + "\n";
}

Result<int> events_command(const LogOptions& options) {
    TRY(const std::int64_t since, since_of(options));
    // Who waits for the first event needs a directory in which it can appear; who looks changes nothing.
    TRY(const RunBase base,
        options.follow ? RunBase::prepare(options.run_directory) : RunBase::open(options.run_directory));
    CHECK(follow_log(
        base.path_of(event_file), options.lines, [&] { return !options.follow; },
        take_lines([&](std::string_view line) { return shown_event(line, options, since); })));
    return 0;
}

void add_common(Command& command, LogOptions& options) {
    constexpr std::uint64_t most_lines = 1'000'000'000;
    command.option("-n,--lines,--tail", options.lines, "Only the last lines")
        .takes("NUMBER")
        .within(0, most_lines)
        .defaults_to("all");
    command
        .option("--since", options.since, "Only lines after a time: 10m or 2h30m ago, 2026-11-30, 2026-11-30T05:52:12Z")
        .takes("TIME")
        .defaults_to("all");
    command.run_directory(options.run_directory);
}

}  // namespace

CommandAction add_logs(Command& logs, std::uint64_t) {
    const auto options = std::make_shared<LogOptions>();
    logs.option("NAME", options->name, "The machine").required();
    logs.flag("-t,--timestamps", options->timestamps, "Print the time at which each line began, in UTC");
    logs.flag("-f,--follow", options->follow, "Continue with new lines until the machine ends");
    add_common(logs, *options);
    return [options] { return logs_command(*options); };
}

CommandAction add_events(Command& events, std::uint64_t) {
    const auto options = std::make_shared<LogOptions>();
    events.option("NAME", options->name, "Of this machine only");
    events.flag("-f,--follow", options->follow, "Continue with new events until Ctrl-C");
    add_common(events, *options);
    events.format(options->json, "Print each event as a line of JSON");
    return [options] { return events_command(*options); };
}

}  // namespace hv
