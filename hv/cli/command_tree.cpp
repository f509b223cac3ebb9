// SPDX-License-Identifier: Apache-2.0
// The table of hv's commands.
#include "hv/cli/command_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "hv/cli/commands.h"
#include "hv/core/version.h"

namespace hv {

namespace {

struct Entry {
    const char* name;
    const char* description;
    CommandAction (*add)(Command& command, std::uint64_t start_tsc);
};

constexpr Entry commands[] = {
    {"run", "Start a machine from an image, and stay until it ends", add_run},
    {"agent", "Have a running machine's agent carry out a command", add_agent},
    {"ps", "List the machines", add_ps},
    {"stop", "Shut machines down: the guest is asked, then its agent, then it is killed", add_stop},
    {"kill", "End machines at once", add_kill},
    {"pause", "Stop machines where they are", add_pause},
    {"resume", "Let paused machines go on", add_resume},
    {"reboot", "Have machines started anew: the guest is asked, then its agent, then it is restarted by force",
     add_reboot},
    {"wait", "Wait for the end of machines, and exit with the code of the last one", add_wait},
    {"rm", "Remove what is kept of machines that have ended", add_rm},
    {"logs", "Print what a detached machine wrote to its console", add_logs},
    {"console", "Attach to a detached machine's console", add_console},
    {"events", "Print what happened to machines, as lines of JSON", add_events},
    {"top", "Show what machines use, again and again on a terminal", add_top},
    {"info", "Print what is known of a machine, by its guest too", add_info},
    {"metrics", "Print or serve the figures of all machines, for Prometheus", add_metrics},
    {"balance", "Balance the memory of all running machines, until Ctrl-C", add_balance},
    {"stat", "Print the counters of a running machine", add_stat},
    {"memory", "Print where the memory of a running machine is", add_memory},
    {"balloon", "Set or print the size of a running machine's balloon", add_balloon},
    {"reclaim", "Have a running machine give back what memory it can", add_reclaim},
    {"completion", "Print a completion script for a shell", add_completion},
    {"man", "Print the manual page hv(1), for man -l -", add_man},
};

}  // namespace

CommandTree::CommandTree(std::string_view named, std::uint64_t start_tsc)
    : app_("hv: a minimal hypervisor for Tenon images", "hv") {
    app_.set_version_flag("--version", fmt::format("hv {}", version));
    app_.require_subcommand(1);
    const auto is_named = [named](const Entry& entry) { return named == entry.name; };
    const bool known = std::ranges::any_of(commands, is_named);
    for (const Entry& entry : commands) {
        if (known && !is_named(entry)) continue;
        CLI::App& added = *app_.add_subcommand(entry.name, entry.description);
        Command command(added);
        actions_.emplace_back(&added, entry.add(command, start_tsc));
    }
}

Result<int> CommandTree::run() const {
    for (const auto& [command, action] : actions_)
        if (command->parsed()) return action();
    return fail(ErrorKind::usage, "no command (hv --help)");
}

}  // namespace hv
