// SPDX-License-Identifier: Apache-2.0
// What can stand where: known from the names that help has for values.
#include "hv/cli/completion.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <vector>

#include "hv/cli/command_tree.h"
#include "hv/core/text.h"
#include "hv/core/version.h"

namespace hv {

namespace {

/// Words that can stand for a value, and whether it can be a file, a directory, or a machine's name.
struct Candidates {
    std::string words;
    bool files = false, directories = false, machines = false;
};

/// What guest-info lists.
constexpr char agent_commands[] =
    "guest-fsfreeze-freeze guest-fsfreeze-freeze-list guest-fsfreeze-status guest-fsfreeze-thaw guest-get-cpustats "
    "guest-get-disks guest-get-diskstats guest-get-fsinfo guest-get-host-name guest-get-load "
    "guest-get-memory-block-info guest-get-memory-blocks guest-get-osinfo guest-get-time guest-get-timezone "
    "guest-get-users guest-get-vcpus guest-info guest-network-get-interfaces guest-network-get-route guest-ping "
    "guest-set-time guest-set-vcpus guest-shutdown guest-sync guest-sync-delimited tenon-get-clock tenon-get-freeze "
    "tenon-get-interface-rates tenon-get-memory tenon-get-threads tenon-get-versions";

void append(std::string& words, std::string_view word, char separator = ' ') {
    if (!words.empty()) words += separator;
    words += word;
}

bool takes_value(const CLI::Option& option) { return option.get_expected_max() > 0; }

std::string command_words(const CLI::App& app) {
    std::string all;
    for (const CLI::App* command : app.get_subcommands({})) append(all, command->get_name());
    return all;
}

/// Of a value that help calls `name`: "FILE", "FILE[,ro]...", "auto|none|PATH".
Candidates candidates_of(std::string_view name, bool positional, const CLI::App& app) {
    Candidates found;
    if (positional && name == "NAME") found.machines = true;
    if (positional && name == "SHELL") found.words = "bash zsh fish";
    if (positional && name == "COMMAND") found.words = command_words(app);
    if (positional && name == "AGENT-COMMAND") found.words = agent_commands;
    for (const std::string_view part : split(name, '|')) {
        if (part == "FILE" || part.starts_with("FILE[") || part == "PATH" || part == "IMAGE") found.files = true;
        if (part == "DIR") found.directories = true;
        if (part.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos) append(found.words, part);
    }
    return found;
}

Candidates candidates_of(const CLI::Option& option, const CLI::App& app) {
    if (option.get_positional()) return candidates_of(option.get_name(true), true, app);
    return takes_value(option) ? candidates_of(option.get_type_name(), false, app) : Candidates();
}

/// Positional arguments, in their order. The words behind -- are not hv's.
std::vector<const CLI::Option*> arguments_of(const CLI::App& command) {
    std::vector<const CLI::Option*> arguments;
    for (const CLI::Option* option : command.get_options())
        if (option->get_positional() && option->get_name(true) != "ARGUMENTS") arguments.push_back(option);
    return arguments;
}

std::string option_words(const CLI::App& command, bool only_with_value = false) {
    std::string all;
    for (const CLI::Option* option : command.get_options()) {
        if (only_with_value && !takes_value(*option)) continue;
        for (const std::string& word : option_names(*option)) append(all, word);
    }
    return all;
}

/// One word of the script: what _hv makes candidates from.
std::string bash_value(const Candidates& candidates) {
    std::string value = candidates.words;
    if (candidates.files) append(value, "@file");
    if (candidates.directories) append(value, "@directory");
    if (candidates.machines) append(value, "@machine");
    return fmt::format("'{}'", value);
}

std::string bash_arguments(const CLI::App& command, const CLI::App& app) {
    std::string text;
    for (const CLI::Option* argument : arguments_of(command)) {
        append(text, bash_value(candidates_of(*argument, app)));
        // As many as one likes: the last one is repeated.
        if (argument->get_items_expected_max() > 1) text += " more";
    }
    return text;
}

std::string bash_command(const CLI::App& command, const CLI::App& app) {
    std::string text = fmt::format("    {}) options='{}' valued='{}' arguments=({})\n", command.get_name(),
                                   option_words(command), option_words(command, true), bash_arguments(command, app));
    std::string cases;
    for (const CLI::Option* option : command.get_options()) {
        const std::vector<std::string> names = option_names(*option);
        if (names.empty() || !takes_value(*option)) continue;
        std::string pattern;
        for (const std::string& name : names) append(pattern, name, '|');
        cases += fmt::format("            {}) value={} ;;\n", pattern, bash_value(candidates_of(*option, app)));
    }
    if (!cases.empty()) text += "        case $before in\n" + cases + "        esac\n";
    return text + "        ;;\n";
}

constexpr char bash_begin[] = R"bash(_hv() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local options='' valued='' arguments=() value=none i last count=0
    COMPREPLY=()
    # bash divides --option=value into three words.
    if [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
    if [ "$word" = = ]; then word=''; fi
)bash";

constexpr char bash_end[] = R"bash(    esac
    for ((i = 2; i < COMP_CWORD; i++)); do
        # The words behind -- are the program's.
        if [ "${COMP_WORDS[i]}" = -- ]; then return; fi
        if [[ " $valued " == *" ${COMP_WORDS[i]} "* ]]; then
            i=$((i + 1))
            if [ "${COMP_WORDS[i]}" = = ]; then i=$((i + 1)); fi
        elif [[ ${COMP_WORDS[i]} != -* ]]; then
            count=$((count + 1))
        fi
    done
    if [ "$value" = none ]; then
        if [[ $word == -* ]]; then
            value=$options
        else
            last=$((${#arguments[@]} - 1))
            if [ "$last" -gt 0 ] && [ "${arguments[last]}" = more ] && [ "$count" -ge "$last" ]; then
                count=$((last - 1))
            fi
            value=${arguments[count]-}
        fi
    fi
    for i in $value; do
        case $i in
            @file)
                compopt -o filenames 2>/dev/null || true
                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
                ;;
            @directory)
                compopt -o filenames 2>/dev/null || true
                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$word")
                ;;
            @machine)
                mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(
                    compgen -W "$("${COMP_WORDS[0]}" ps -a -q 2>/dev/null)" -- "$word"
                )
                ;;
            "$word"*) COMPREPLY+=("$i") ;;
        esac
    done
}
complete -F _hv hv
)bash";

std::string fish_quoted(std::string text) {
    for (std::size_t i = 0; (i = text.find_first_of("'\\", i)) != std::string::npos; i += 2) text.insert(i, "\\");
    return "'" + text + "'";
}

/// What fish offers for a value; -f and -x: no files.
std::string fish_value(const Candidates& candidates, const char* no_files) {
    std::string words = candidates.words;
    if (candidates.directories) append(words, "(__fish_complete_directories)");
    if (candidates.machines) append(words, "(hv ps -a -q 2>/dev/null)");
    std::string text = candidates.files ? " -F" : fmt::format(" {}", no_files);
    if (!words.empty()) text += " -a " + fish_quoted(words);
    return text;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
    std::string text = fmt::format("# bash completion for hv {}: source <(hv completion bash)\n", version) + bash_begin;
    text += fmt::format("    if [ \"$COMP_CWORD\" -eq 1 ]; then command='' options='{0}' arguments=('{1}'); fi\n",
                        option_words(app), command_words(app));
    text += "    case $command in\n";
    for (const CLI::App* command : app.get_subcommands({})) text += bash_command(*command, app);
    return text + bash_end;
}

std::string fish_completion(const CLI::App& app) {
    std::string text =
        fmt::format("# fish completion for hv {}: hv completion fish | source\ncomplete -c hv -f\n", version);
    for (const CLI::App* command : app.get_subcommands({})) {
        const std::string& name = command->get_name();
        text += fmt::format("complete -c hv -f -n __fish_use_subcommand -a {} -d {}\n", name,
                            fish_quoted(command->get_description()));
        const std::string here = fmt::format("complete -c hv -n '__fish_seen_subcommand_from {}'", name);
        for (const CLI::Option* argument : arguments_of(*command))
            text += here + fish_value(candidates_of(*argument, app), "-f") + "\n";
        for (const CLI::Option* option : command->get_options()) {
            if (option_names(*option).empty()) continue;
            text += here;
            for (const std::string& word : option->get_snames()) text += " -s " + word;
            for (const std::string& word : option->get_lnames()) text += " -l " + word;
            if (takes_value(*option)) text += " -r" + fish_value(candidates_of(*option, app), "-x");
            text += fmt::format(" -d {}\n", fish_quoted(option->get_description()));
        }
    }
    return text;
}

}  // namespace hv
