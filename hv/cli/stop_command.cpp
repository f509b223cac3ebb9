// SPDX-License-Identifier: Apache-2.0
// hv stop, reboot, kill, wait, rm: the end of machines.
#include <fmt/format.h>

#include <memory>

#include "hv/cli/commands.h"
#include "hv/core/log.h"
#include "hv/machine/machine_life.h"
#include "hv/supervise/event_log.h"
#include "hv/supervise/machine_list.h"
#include "hv/supervise/reboot.h"
#include "hv/supervise/stop.h"

namespace hv {

namespace {

struct EndOptions {
    std::vector<std::string> names;
    std::string run_directory;
    double timeout_seconds = 10;
    bool force = false;
    bool all = false;
};

/// Does `what` to each; the last error is the command's, those before are told.
template <typename What>
Result<int> for_each_machine(const EndOptions& options, What&& what) {
    std::optional<Error> last;
    for (const std::string& name : options.names) {
        Result<> done = what(name);
        if (done) continue;
        if (last) log_line(last->message);
        last = std::move(done).error();
    }
    if (last) return std::unexpected(std::move(*last));
    return 0;
}

using ManyMachines = Result<> (*)(const RunBase& base, const std::vector<std::string>& names, int limit_ms);

/// Those that run, in place of names.
Result<std::vector<std::string>> names_of_all(const RunBase& base, const std::vector<std::string>& names) {
    if (!names.empty()) return fail(ErrorKind::usage, "--all: stops all machines, so it takes no names");
    std::vector<std::string> running;
    for (const std::string& name : machine_names(base))
        if (machine_life(base, name) == MachineLife::alive) running.push_back(name);
    return running;
}

/// Asks, and insists after a while.
Result<int> insist(const EndOptions& options, ManyMachines what) {
    constexpr double most = 24 * 3600;
    if (!(options.timeout_seconds >= 0 && options.timeout_seconds <= most))
        return fail(ErrorKind::usage, fmt::format("--timeout {}: not 0 to {} seconds", options.timeout_seconds, most));
    if (options.names.empty() && !options.all)
        return fail(ErrorKind::usage, "no machine is named (hv stop NAME..., or hv stop --all)");
    TRY(const RunBase base, RunBase::open(options.run_directory));
    std::vector<std::string> names = options.names;
    if (options.all) {
        TRY(names, names_of_all(base, options.names));
    }
    CHECK(what(base, names, static_cast<int>(options.timeout_seconds * 1000)));
    return 0;
}

Result<int> kill_command(const EndOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    return for_each_machine(options, [&](const std::string& name) { return kill_machine(base, name); });
}

Result<int> wait_command(const EndOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    int last = 0;
    for (const std::string& name : options.names) {
        TRY(MachineEnd end, MachineEnd::of(base, name));
        static_cast<void>(end.wait(-1));
        const auto code = end.exit_code();
        if (!code)
            return fail(
                ErrorKind::killed,
                fmt::format("machine '{}' was killed together with its supervisor, so nothing recorded its exit code",
                            name));
        last = *code;
    }
    return last;
}

Result<int> rm_command(const EndOptions& options) {
    TRY(const RunBase base, RunBase::open(options.run_directory));
    return for_each_machine(options, [&](const std::string& name) -> Result<> {
        if (options.force && machine_life(base, name) == MachineLife::alive) {
            CHECK(kill_machine(base, name));
            // A machine that keeps no files is gone with its end.
            if (machine_life(base, name) == MachineLife::absent) return {};
        }
        CHECK(remove_ended_machine(base, name));
        log_event(base.path(), name, "removed");
        return {};
    });
}

std::shared_ptr<EndOptions> add_names(Command& command, bool required = true) {
    auto options = std::make_shared<EndOptions>();
    Option names = command.option("NAME", options->names, "The machines");
    if (required) names.required();
    command.run_directory(options->run_directory);
    return options;
}

}  // namespace

CommandAction add_stop(Command& stop, std::uint64_t) {
    const auto options = add_names(stop, false);
    stop.flag("-a,--all", options->all, "All running machines");
    stop.option("-t,--timeout", options->timeout_seconds,
                "Time for the guest to shut down; hv then gives its agent the same time, and then kills the guest")
        .takes("SECONDS")
        .show_default();
    return [options] { return insist(*options, stop_machines); };
}

CommandAction add_reboot(Command& reboot, std::uint64_t) {
    const auto options = add_names(reboot);
    reboot
        .option("-t,--timeout", options->timeout_seconds,
                "Time for the guest to reboot; hv then gives its agent the same time, and then restarts the machine by "
                "force")
        .takes("SECONDS")
        .show_default();
    return [options] { return insist(*options, reboot_machines); };
}

CommandAction add_kill(Command& kill, std::uint64_t) {
    const auto options = add_names(kill);
    return [options] { return kill_command(*options); };
}

CommandAction add_wait(Command& wait, std::uint64_t) {
    const auto options = add_names(wait);
    return [options] { return wait_command(*options); };
}

CommandAction add_rm(Command& rm, std::uint64_t) {
    const auto options = add_names(rm);
    rm.flag("-f,--force", options->force, "Kill running machines first");
    return [options] { return rm_command(*options); };
}

}  // namespace hv
