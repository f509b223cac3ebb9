// SPDX-License-Identifier: Apache-2.0
// The table of hv's commands.
#include "hv/cli/command_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "hv/cli/commands.h"
#include "hv/core/similar.h"
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
    {"agent", "Send a command to the agent of a running machine, and print its answer", add_agent},
    {"ps", "List the machines", add_ps},
    {"start", "Start ended machines again, with the same name and configuration", add_start},
    {"stop", "Shut machines down: ask the guest, then its agent, then kill it", add_stop},
    {"kill", "End machines at once", add_kill},
    {"pause", "Pause machines: the guest executes nothing until hv resume", add_pause},
    {"resume", "Let paused machines continue", add_resume},
    {"reboot", "Reboot machines: ask the guest, then its agent, then restart it by force", add_reboot},
    {"wait", "Wait until machines end, and exit with the code of the last one", add_wait},
    {"rm", "Remove the files of machines that have ended", add_rm},
    {"prune", "Remove the files of all machines that have ended", add_prune},
    {"logs", "Print the console output of a detached machine", add_logs},
    {"console", "Attach to a detached machine's console", add_console},
    {"events", "Print the events of machines: starts, crashes, ends", add_events},
    {"top", "Show the CPU time, memory and network traffic of machines, refreshed on a terminal", add_top},
    {"info", "Print the state of a machine, with the facts that its guest reports", add_info},
    {"metrics", "Print or serve the figures of all machines, for Prometheus", add_metrics},
    {"balance", "Balance the memory of all running machines, until Ctrl-C", add_balance},
    {"set", "Change limits of a running machine", add_set},
    {"stat", "Print the counters of a running machine", add_stat},
    {"memory", "Print how much memory a running machine takes from the host, and for what", add_memory},
    {"balloon", "Set or print the size of a running machine's balloon", add_balloon},
    {"reclaim", "Ask the guest of a running machine to give back all the memory that it can", add_reclaim},
    {"help", "Print the list of commands, or the options of one", add_help},
    {"completion", "Print a completion script for a shell", add_completion},
    {"man", "Print the manual page hv(1), for man -l -", add_man},
};

/// Help in the form of the manual page: a default stands behind the meaning.
class HelpFormatter final : public CLI::Formatter {
public:
    HelpFormatter() {
        label("SUBCOMMAND", "COMMAND");
        label("Positionals", "Arguments");
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        const bool has_value = option->get_expected_max() > 0 && !option->get_positional();
        return has_value ? " " + option->get_type_name() : "";
    }
    std::string make_option_desc(const CLI::Option* option) const override { return option_meaning(*option); }
};

bool takes_one_value(const CLI::Option& option) { return option.get_expected_max() == 1; }

bool is_command(std::string_view name) {
    return std::ranges::any_of(commands, [name](const Entry& entry) { return name == entry.name; });
}

}  // namespace

CommandTree::CommandTree(std::string_view named, std::uint64_t start_tsc)
    : app_("hv: a minimal hypervisor for Tenon images", "hv") {
    app_.set_version_flag("--version", fmt::format("hv {}", version));
    app_.formatter(std::make_shared<HelpFormatter>());
    app_.require_subcommand(1);
    const bool known = is_command(named);
    for (const Entry& entry : commands) {
        if (known && named != entry.name) continue;
        CLI::App& added = *app_.add_subcommand(entry.name, entry.description)->group("Commands");
        Command command(added);
        CommandAction action = entry.add(command, start_tsc);
        commands_.push_back({&added, std::move(action), command.rest_values()});
    }
}

Result<> CommandTree::parse(int argc, char** argv) {
    const std::string_view first = argc > 1 ? argv[1] : "";
    if (!first.empty() && !first.starts_with('-') && !is_command(first)) return unknown_command(first);
    const auto end = std::find_if(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--"; });
    const bool has_rest = commands_.size() == 1 && commands_.front().rest != nullptr;
    try {
        app_.parse(has_rest ? static_cast<int>(end - argv) : argc, argv);
    } catch (const CLI::Success&) {
        throw;
    } catch (const CLI::ParseError& error) {
        return wrong_words(error);
    }
    if (has_rest && end != argv + argc)
        commands_.front().rest->insert(commands_.front().rest->end(), end + 1, argv + argc);
    return {};
}

std::unexpected<Error> CommandTree::wrong_words(const CLI::ParseError& error) const {
    const auto parsed = app_.get_subcommands();
    const CLI::App& command = parsed.empty() ? app_ : *parsed.front();
    const std::string subject = parsed.empty() ? "" : command.get_name() + ": ";
    const std::string help = parsed.empty() ? "hv help" : fmt::format("hv help {}", command.get_name());
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option_names(*option)) names.push_back(name);
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    const std::vector<std::string> left = app_.remaining(true);
    for (const std::string& word : left) {
        const std::string_view option = std::string_view(word).substr(0, word.find('='));
        if (option.starts_with('-') && std::ranges::find(names, option) == names.end())
            return fail(ErrorKind::usage, fmt::format("{}'{}' is not an option{} ({} lists them)", subject, option,
                                                      did_you_mean(option, candidates), help));
    }
    if (parsed.empty()) return fail(ErrorKind::usage, "no command is named (hv help lists them)");
    if (!left.empty() && left.front().starts_with('-'))
        return fail(ErrorKind::usage, fmt::format("'{0}': options stand behind the command (hv {1} {0})", left.front(),
                                                  command.get_name()));
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !left.empty())
        return fail(ErrorKind::usage, fmt::format("{}'{}' is one argument too many ({})", subject, left.front(), help));
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        for (const CLI::Option* option : command.get_options())
            if (takes_one_value(*option) && option->count() > 1)
                return fail(ErrorKind::usage,
                            fmt::format("{}{} is given more than once ({})", subject, option->get_name(), help));
    return fail(ErrorKind::usage, fmt::format("{}{} ({})", subject, error.what(), help));
}

Result<CommandAction> CommandTree::action() const {
    for (const Added& added : commands_)
        if (added.app->parsed()) return added.action;
    return fail(ErrorKind::usage, "no command (hv help)");
}

std::vector<std::string> option_names(const CLI::Option& option) {
    std::vector<std::string> names;
    for (const std::string& name : option.get_snames()) names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
    return names;
}

std::string option_meaning(const CLI::Option& option) {
    const std::string& fallback = option.get_default_str();
    return option.get_description() + (fallback.empty() ? "" : fmt::format(" (default: {})", fallback));
}

std::unexpected<Error> unknown_command(std::string_view word) {
    std::vector<std::string_view> names;
    for (const Entry& entry : commands) names.emplace_back(entry.name);
    return fail(ErrorKind::usage,
                fmt::format("'{}' is not a command{} (hv help lists them)", word, did_you_mean(word, names)));
}

}  // namespace hv
