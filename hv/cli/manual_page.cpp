// SPDX-License-Identifier: Apache-2.0
// hv(1), as man(7) has it.
#include "hv/cli/manual_page.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <span>
#include <string_view>

#include "hv/cli/command_tree.h"
#include "hv/core/error.h"
#include "hv/core/version.h"
#include "hv/machine/run_base.h"

namespace hv {

namespace {

/// Text for troff: no line begins with a control character, and characters that troff would make others of (a hyphen, a
/// curved quote) stay what a shell needs (groff_char(7)).
std::string roff(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '.' && (escaped.empty() || escaped.back() == '\n')) escaped += "\\&";
        switch (c) {
            case '\\': escaped += "\\e"; break;
            case '-': escaped += "\\-"; break;
            case '\'': escaped += "\\(aq"; break;
            case '`': escaped += "\\(ga"; break;
            case '^': escaped += "\\(ha"; break;
            case '~': escaped += "\\(ti"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

std::string item(std::string_view term, std::string_view meaning) {
    return fmt::format(".TP\n.B {}\n{}\n", roff(term), roff(meaning));
}

/// Lines as they are.
std::string verbatim(std::string_view text) { return fmt::format(".PP\n.nf\n{}\n.fi\n", roff(text)); }

std::string options(const CLI::App& command) {
    std::string text;
    for (const CLI::Option* option : command.get_options()) {
        std::string name;
        for (const std::string& word : option_names(*option)) name += (name.empty() ? "" : ", ") + word;
        if (name.empty()) name = option->get_name(true);
        if (option->get_expected_max() > 0 && !option->get_positional()) name += " " + option->get_type_name();
        text += item(name, option_meaning(*option));
    }
    return text;
}

std::string commands(const CLI::App& app) {
    std::string text;
    for (const CLI::App* command : app.get_subcommands({})) {
        text += fmt::format(".SS \"hv {}\"\n{}.\n", command->get_name(), roff(command->get_description()));
        text += options(*command);
        if (!command->get_footer().empty()) text += verbatim(command->get_footer());
    }
    return text;
}

struct Described {
    const char* term;
    const char* meaning;
};

std::string items(std::span<const Described> list) {
    std::string text;
    for (const Described& one : list) text += item(one.term, one.meaning);
    return text;
}

constexpr Described examples[] = {
    {"hv run images/hello.elf -- world", "Starts a machine, and returns when its program ends."},
    {"hv run -d --name web --net user,8080:80 images/httpd.elf",
     "Starts a web server in the background, which answers at http://127.0.0.1:8080/."},
    {"hv ps --filter state=running", "Lists the running machines."},
    {"hv logs -t --since 10m web", "Prints the output of the last ten minutes, each line with its time."},
    {"hv stop web; hv start web", "Shuts a machine down, and starts it again with the same configuration."},
    {"hv stop --all; hv prune", "Shuts all machines down, and removes their files."},
};

constexpr Described variables[] = {
    {run_directory_variable, "The run directory, unless --run-dir or a configuration file names one."},
    {"XDG_RUNTIME_DIR",
     "A user other than root has the run directory tenon in this directory, if it exists and the "
     "user can write to it."},
};

constexpr Described files[] = {
    {"/run/tenon, $XDG_RUNTIME_DIR/tenon, /tmp/tenon-UID",
     "The run directory of root, and of other users: a directory for each machine."},
    {"NAME/api.sock", "In the run directory: the machine's control socket, which speaks Firecracker's HTTP API."},
    {"NAME/agent.sock", "The socket of the guest's agent, where there is one."},
    {"NAME/console.log",
     "The console output of a detached machine, with the time of each line; older lines are in "
     "console.log.1."},
    {"NAME/config.json", "The machine's configuration, for hv run --config."},
    {"NAME/record.json", "The record of a detached machine: its state, its exit code, its image."},
    {"NAME/crash.txt", "The report of a machine that crashed."},
    {".images", "In the run directory: one copy of each image in use."},
    {".events, .events.1", "The events of all machines, which hv events prints."},
};

constexpr char see_also[] =
    ".BR qemu\\-system\\-x86_64 (1),\n.BR systemctl (1),\n.BR gdb (1),\n.BR cgroups (7),\n.BR ip\\-tuntap (8)\n";

}  // namespace

std::string manual_page(const CLI::App& app) {
    std::string text = fmt::format(".TH HV 1 \"\" \"hv {}\" \"Tenon\"\n.SH NAME\nhv \\- {}\n.SH SYNOPSIS\n", version,
                                   roff("a minimal hypervisor for Tenon images"));
    text += ".B hv\n.I COMMAND\n.RI [ OPTIONS ]\n.RI [ ARGUMENTS ]\n.SH DESCRIPTION\n";
    text += roff(
        "hv starts Tenon images as machines, and works with running machines. There is no daemon: a machine is a "
        "process and a directory below the run directory. Each command reads the directories and asks the machines "
        "through their sockets.\n");
    text += ".SH OPTIONS\n" + options(app);
    text += ".SH COMMANDS\n" + commands(app);
    text +=
        ".SH EXIT STATUS\nhv run, start and wait exit with the code of the guest (0 to 99); other commands with 0 for "
        "success.\n";
    for (const ExitCode& code : exit_codes) text += item(fmt::format("{}", static_cast<int>(code.kind)), code.meaning);
    text += ".SH ENVIRONMENT\n" + items(variables);
    text += ".SH FILES\n" + items(files);
    text += ".SH EXAMPLES\n" + items(examples);
    return text + ".SH SEE ALSO\n" + see_also;
}

}  // namespace hv
