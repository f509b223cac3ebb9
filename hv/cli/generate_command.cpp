// SPDX-License-Identifier: Apache-2.0
// hv help, completion, man: all printed from the tree of commands.
#include <fmt/format.h>

#include <memory>

#include "hv/cli/command_tree.h"
#include "hv/cli/commands.h"
#include "hv/cli/completion.h"
#include "hv/cli/manual_page.h"
#include "hv/cli/output.h"

namespace hv {

namespace {

Result<std::string> completion_for(const std::string& shell) {
    CommandTree all("", 0);
    if (shell == "bash") return bash_completion(all.app());
    // zsh runs bash's completions itself.
    if (shell == "zsh")
        return "autoload -U +X compinit bashcompinit && compinit && bashcompinit\n" + bash_completion(all.app());
    if (shell == "fish") return fish_completion(all.app());
    return fail(ErrorKind::usage, fmt::format("completion '{}': not bash, zsh or fish", shell));
}

Result<std::string> help_for(const std::string& name) {
    CommandTree all("", 0);
    if (name.empty()) return all.app().help();
    for (const CLI::App* command : all.app().get_subcommands({}))
        if (command->get_name() == name) return command->help("hv");
    return unknown_command(name);
}

Result<int> print_text(const Result<std::string>& text) {
    if (!text) return std::unexpected(text.error());
    CHECK(print(*text));
    return 0;
}

}  // namespace

CommandAction add_help(Command& help, std::uint64_t) {
    const auto name = std::make_shared<std::string>();
    help.option("COMMAND", *name, "The command whose options are printed").defaults_to("all commands");
    return [name] { return print_text(help_for(*name)); };
}

CommandAction add_completion(Command& completion, std::uint64_t) {
    const auto shell = std::make_shared<std::string>();
    completion.option("SHELL", *shell, "bash, zsh or fish").required();
    return [shell] { return print_text(completion_for(*shell)); };
}

CommandAction add_man(Command&, std::uint64_t) {
    return [] {
        CommandTree all("", 0);
        return print_text(manual_page(all.app()));
    };
}

}  // namespace hv
