// SPDX-License-Identifier: Apache-2.0
// hv help, completion, man: all printed from the tree of commands.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "hv/cli/command_tree.h"
#include "hv/cli/commands.h"
#include "hv/cli/completion.h"
#include "hv/cli/manual_page.h"

namespace hv {

namespace {

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
