// SPDX-License-Identifier: Apache-2.0
// hv run: starts a machine.
#include <fmt/format.h>

#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/machine_services.h"
#include "hv/cli/output.h"
#include "hv/cli/run_options.h"
#include "hv/core/log.h"
#include "hv/core/open_file_limit.h"
#include "hv/supervise/machine_list.h"
#include "hv/supervise/supervised_start.h"

namespace hv {

namespace {

constexpr char run_footer[] =
    "A size is a number with K, M, G or T, as in 1.5G; 64M, 64MB and 64MiB are the same.\n"
    "\n"
    "CPU time:\n"
    "  limit=CPUS                    most that the machine uses: a number of CPUs (0.5), or a frequency (1200MHz)\n"
    "  burst=MS                      unused time that it may use beyond the limit, up to one period of 100 ms of it\n"
    "  reservation=CPUS              what it gets whatever others want; the sum of all is at most the host\n"
    "  shares=N                      weight among machines that compete (10 to 100000; default: 1000)\n"
    "  pin=LIST, hv=LIST             CPUs of its vCPUs, and of hv's own thread, as in 0-2,5\n"
    "  node=N                        NUMA node of its CPUs and its memory\n"
    "  cgroup=auto|none|PATH         CPU cgroup for the first four: made beside hv's own, or in the cgroup PATH\n"
    "\n"
    "Networks:\n"
    "  none                          no interface\n"
    "  user[,[ADDRESS:]HOST:GUEST[/udp]...]\n"
    "                                without privilege; connections to 127.0.0.1:HOST, or to HOST at another IPv4\n"
    "                                address of the host (0.0.0.0: all), go to the guest's TCP port GUEST, or to its\n"
    "                                UDP port (HOST 0: any free port); the guest gets 10.0.2.15 by DHCP;\n"
    "                                ,host-loopback lets it reach the host's loopback as 10.0.2.2\n"
    "  tap=NAME                      a TAP interface that exists\n"
    "  each also with                ,mac=ADDRESS (default: made from the name), ,mtu=BYTES (default: the host's), "
    "and\n"
    "                                limits ,rx=RATE ,tx=RATE ,rx-packets=RATE ,tx-packets=RATE (as for hv set)\n"
    "\n"
    "Ctrl-C asks the guest to shut down; a second one kills it. Ctrl-D ends its input. The exit code is the guest's "
    "(0 to 99), or one of hv's:\n";

std::string footer() {
    std::string text = run_footer;
    for (const ExitCode& code : exit_codes)
        text += fmt::format("  {}  {}\n", static_cast<int>(code.kind), code.meaning);
    text.pop_back();
    return text;
}

Result<int> run_detached(const MachineConfig& config, const SuperviseOptions& options) {
    auto name = start_detached(config, options);
    if (!name) {
        // The machine's hv has told it.
        if (name.error().message.empty()) return static_cast<int>(name.error().kind);
        return std::unexpected(std::move(name).error());
    }
    CHECK(print(*name + "\n"));
    return 0;
}

Result<int> run_command(const RunOptions& options, std::uint64_t start_tsc) {
    std::vector<std::string> warnings;
    TRY(MachineConfig config, machine_config_of(options, warnings));
    for (const std::string& warning : warnings) log_line(warning);
    CHECK(raise_open_file_limit());
    const SuperviseOptions supervision{.services = machine_services(), .detached = options.detach};
    if (options.detach) return run_detached(config, supervision);
    if (options.remove)
        return fail(ErrorKind::usage, "--rm: only with -d (hv keeps no files of a machine in the foreground)");
    // A machine that is never started again needs no supervisor.
    if (config.lifecycle.restart == Restart::no && config.lifecycle.on_crash == OnCrash::exit)
        return run_machine(std::move(config), start_tsc, machine_services());
    return run_supervised(config, supervision);
}

}  // namespace

CommandAction add_run(Command& run, std::uint64_t start_tsc) {
    const auto given = std::make_shared<RunOptions>();
    RunOptions& options = *given;
    run.footer(footer());
    add_run_options(run, options);
    return [given, start_tsc] { return run_command(*given, start_tsc); };
}

}  // namespace hv
