// SPDX-License-Identifier: Apache-2.0
// hv completion, hv man: made from the tree of commands itself, so that they cannot be untrue.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "hv/cli/command_tree.h"
#include "hv/cli/commands.h"
#include "hv/core/version.h"

namespace hv {

namespace {

/// "-f" and "--follow" of an option; nothing of a positional one.
std::vector<std::string> words_of(const CLI::Option& option) {
    std::vector<std::string> words;
    for (const std::string& name : option.get_snames()) words.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) words.push_back("--" + name);
    return words;
}

std::string option_words(const CLI::App& command) {
    std::string all;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& word : words_of(*option)) all += (all.empty() ? "" : " ") + word;
    return all;
}

bool takes_machines(const CLI::App& command) {
    return std::ranges::any_of(command.get_options(), [](const CLI::Option* option) {
        return option->get_positional() && option->get_name(true) == "NAME";
    });
}

std::string command_words(const CLI::App& app) {
    std::string all;
    for (const CLI::App* command : app.get_subcommands({})) all += (all.empty() ? "" : " ") + command->get_name();
    return all;
}

std::string bash_completion(const CLI::App& app) {
    std::string text = fmt::format(
        "# bash completion for hv {0}: source <(hv completion bash)\n"
        "_hv() {{\n"
        "    local word=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} options= names= files=\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
        "        COMPREPLY=($(compgen -W '{1} {2}' -- \"$word\"))\n"
        "        return\n"
        "    fi\n"
        "    case $command in\n",
        version, command_words(app), option_words(app));
    for (const CLI::App* command : app.get_subcommands({}))
        text += fmt::format("    {}) options='{}'{} ;;\n", command->get_name(), option_words(*command),
                            takes_machines(*command) ? " names=1" : " files=1");
    text +=
        "    esac\n"
        "    if [[ $word == -* ]]; then\n"
        "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
        "    elif [ -n \"$names\" ]; then\n"
        "        COMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" ps -a -q 2>/dev/null)\" -- \"$word\"))\n"
        "    elif [ -n \"$files\" ]; then\n"
        "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
        "    fi\n"
        "}\n"
        "complete -o filenames -F _hv hv\n";
    return text;
}

std::string fish_quoted(std::string text) {
    for (std::size_t i = 0; (i = text.find_first_of("'\\", i)) != std::string::npos; i += 2) text.insert(i, "\\");
    return "'" + text + "'";
}

std::string fish_completion(const CLI::App& app) {
    std::string text = fmt::format("# fish completion for hv {}: hv completion fish | source\n", version);
    for (const CLI::App* command : app.get_subcommands({})) {
        const std::string& name = command->get_name();
        text += fmt::format("complete -c hv -f -n __fish_use_subcommand -a {} -d {}\n", name,
                            fish_quoted(command->get_description()));
        const std::string here = fmt::format("complete -c hv -n '__fish_seen_subcommand_from {}'", name);
        if (takes_machines(*command)) text += here + " -f -a '(hv ps -a -q 2>/dev/null)'\n";
        for (const CLI::Option* option : command->get_options()) {
            if (words_of(*option).empty()) continue;
            text += here;
            for (const std::string& word : option->get_snames()) text += " -s " + word;
            for (const std::string& word : option->get_lnames()) text += " -l " + word;
            text += fmt::format("{} -d {}\n", option->get_expected_max() > 0 ? " -r" : "",
                                fish_quoted(option->get_description()));
        }
    }
    return text;
}

/// Text for troff: no line begins with a control character, and backslashes and hyphens are themselves.
std::string roff(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) escaped += "\\&";
        if (c == '\\')
            escaped += "\\e";
        else if (c == '-')
            escaped += "\\-";
        else
            escaped += c;
    }
    return escaped;
}

void append_options(std::string& text, const CLI::App& command) {
    for (const CLI::Option* option : command.get_options()) {
        std::string name;
        for (const std::string& word : words_of(*option)) name += (name.empty() ? "" : ", ") + word;
        if (name.empty()) name = option->get_name(true);
        if (option->get_expected_max() > 0 && !option->get_positional()) name += " " + option->get_type_name();
        const std::string& fallback = option->get_default_str();
        text += fmt::format(".TP\n.B {}\n{}{}\n", roff(name), roff(option->get_description()),
                            fallback.empty() ? "" : roff(fmt::format(" (default: {})", fallback)));
    }
}

std::string manual_page(const CLI::App& app) {
    std::string text = fmt::format(".TH HV 1 \"\" \"hv {}\" \"Tenon\"\n.SH NAME\nhv \\- {}\n.SH SYNOPSIS\n", version,
                                   roff("a minimal hypervisor for Tenon images"));
    text += ".B hv\n.I COMMAND\n.RI [ OPTIONS ]\n.SH OPTIONS\n";
    append_options(text, app);
    text += ".SH COMMANDS\n";
    for (const CLI::App* command : app.get_subcommands({})) {
        text += fmt::format(".SS \"hv {}\"\n{}.\n", command->get_name(), roff(command->get_description()));
        append_options(text, *command);
        if (!command->get_footer().empty()) text += fmt::format(".PP\n.nf\n{}\n.fi\n", roff(command->get_footer()));
    }
    text += ".SH EXIT STATUS\n0 to 99: the guest's own.\n";
    for (const ExitCode& code : exit_codes)
        text += fmt::format(".TP\n.B {}\n{}\n", static_cast<int>(code.kind), roff(code.meaning));
    return text;
}

Result<int> print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ErrorKind::internal);
}

Result<int> completion_command(const std::string& shell) {
    CommandTree all("", 0);
    if (shell == "bash") return print(bash_completion(all.app()));
    // zsh runs bash's completions itself.
    if (shell == "zsh")
        return print("autoload -U +X compinit bashcompinit && compinit && bashcompinit\n" + bash_completion(all.app()));
    if (shell == "fish") return print(fish_completion(all.app()));
    return fail(ErrorKind::usage, fmt::format("completion '{}': not bash, zsh or fish", shell));
}

Result<int> help_command(const std::string& name) {
    CommandTree all("", 0);
    if (name.empty()) return print(all.app().help());
    for (const CLI::App* command : all.app().get_subcommands({}))
        if (command->get_name() == name) return print(command->help("hv"));
    return unknown_command(name);
}

}  // namespace

CommandAction add_help(Command& help, std::uint64_t) {
    const auto name = std::make_shared<std::string>();
    help.option("COMMAND", *name, "The command whose options are printed").defaults_to("all commands");
    return [name] { return help_command(*name); };
}

CommandAction add_completion(Command& completion, std::uint64_t) {
    const auto shell = std::make_shared<std::string>();
    completion.option("SHELL", *shell, "bash, zsh or fish").required();
    return [shell] { return completion_command(*shell); };
}

CommandAction add_man(Command&, std::uint64_t) {
    return [] {
        CommandTree all("", 0);
        return print(manual_page(all.app()));
    };
}

}  // namespace hv
