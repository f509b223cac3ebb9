// SPDX-License-Identifier: Apache-2.0
// hv run: starts a machine.
#include <cstdio>
#include <memory>

#include "hv/api/machine_api.h"
#include "hv/balance/balancer.h"
#include "hv/cli/commands.h"
#include "hv/core/log.h"
#include "hv/machine/machine.h"
#include "hv/supervise/event_log.h"
#include "hv/supervise/machine_list.h"
#include "hv/supervise/supervised_start.h"

namespace hv {

namespace {

constexpr char run_footer[] =
    "Networks:\n"
    "  none                          no interface\n"
    "  user[,HOST:GUEST...]          without privilege; connections to 127.0.0.1:HOST go to the guest's TCP port\n"
    "                                GUEST (HOST 0: any free port); the guest is given 10.0.2.15 by DHCP;\n"
    "                                ,host-loopback lets it reach the host's loopback as 10.0.2.2\n"
    "  tap=NAME                      a TAP interface that exists\n"
    "  each also with                ,mac=ADDRESS (default: made from the name) and ,mtu=BYTES (default: the host's)\n"
    "\n"
    "Ctrl-C asks the guest to shut down; a second one kills it. The exit code is the guest's (0 to 99), or one of "
    "hv's:\n"
    "  100 usage   101 not found   102 bad image   103 no memory   104 in use   105 no permission\n"
    "  106 host lacks what is needed   107 the guest crashed   108 killed   109 a fault of hv";

MachineServices machine_services() { return {.serve = serve_machine, .admit = balance::ask_for_reservation}; }

Result<SuperviseOptions> supervise_options_of(const RunOptions& options) {
    TRY(const Restart restart, parse_restart(options.restart));
    TRY(const OnCrash on_crash, parse_on_crash(options.on_crash));
    return SuperviseOptions{.restart = restart,
                            .restart_text = options.restart,
                            .on_crash = on_crash,
                            .remove = options.remove || !options.detach,
                            .services = machine_services(),
                            .detached = options.detach};
}

Result<int> run_detached(const MachineConfig& config, const SuperviseOptions& options) {
    auto name = start_detached(config, options);
    if (!name) {
        // The machine's hv has told it.
        if (name.error().message.empty()) return static_cast<int>(name.error().kind);
        return std::unexpected(std::move(name).error());
    }
    std::puts(name->c_str());
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(ErrorKind::internal);
}

Result<int> run_alone(MachineConfig config, std::uint64_t start_tsc) {
    if (config.run_directory.empty()) config.run_directory = default_run_base();
    const auto note = [base = config.run_directory](const std::string& machine, const Notice& notice) {
        log_notice(base, machine, notice);
    };
    return run_machine(std::move(config), start_tsc, machine_services(), {.listener = note});
}

Result<int> run_command(const RunOptions& options, std::uint64_t start_tsc) {
    std::vector<std::string> warnings;
    TRY(MachineConfig config, machine_config_of(options, warnings));
    TRY(const SuperviseOptions supervision, supervise_options_of(options));
    for (const std::string& warning : warnings) log_line(warning);
    if (options.detach) return run_detached(config, supervision);
    if (options.remove) return fail(ErrorKind::usage, "--rm: only with -d (a machine without it keeps nothing)");
    // A machine that is never started again needs nobody to do that.
    if (supervision.restart == Restart::no && supervision.on_crash == OnCrash::exit)
        return run_alone(std::move(config), start_tsc);
    return run_supervised(config, supervision);
}

}  // namespace

CommandAction add_run(Command& run, std::uint64_t start_tsc) {
    const auto given = std::make_shared<RunOptions>();
    RunOptions& options = *given;
    run.footer(run_footer);
    run.option("IMAGE", options.image, "Image to start (an ELF file)");
    run.option("ARGUMENTS", options.arguments, "The program's arguments, after --");
    run.option("--accel", options.accelerator, "How guest code runs: auto takes kvm if it is usable and fast, else pv")
        .takes("auto|pv|kvm")
        .show_default();
    add_memory_options(run, options.memory);
    run.option("--net", options.net, "Network, see below").takes("NETWORK").defaults_to("none");
    run.option("--disk", options.disks,
               "Raw image or block device for the guest, several times for several (vda, vdb, ...)")
        .takes("FILE[,ro]")
        .one_at_a_time();
    run.option("--ip", options.address, "Static address of the guest")
        .takes("ADDRESS/PREFIX[,GATEWAY[,DNS]]")
        .defaults_to("by DHCP");
    run.option("--name", options.name, "Name of the machine").takes("NAME").defaults_to("made from the image's");
    run.option("--config", options.config_file, "Configuration in Firecracker's format; options go over it")
        .takes("FILE");
    run.option("--kernel-options", options.kernel_options, "Further options for the guest's kernel").takes("TEXT");
    run.flag("--no-balloon", options.no_balloon, "No balloon device: the guest gives no memory back");
    run.flag("--boot-report", options.boot_report, "Print where the time went once the guest is ready");
    run.option(
           "--watchdog", options.watchdog,
           "A guest that gives no sign of life for so long has crashed: its kernel serves no interrupts, or its agent "
           "does not answer")
        .takes("SECONDS")
        .defaults_to("nobody looks");
    run.option("--core", options.core_file, "Where to write a core file of a guest that has crashed, for gdb")
        .takes("FILE")
        .defaults_to("none");
    run.flag("-d,--detach", options.detach, "Print the name once the guest is ready, and leave the machine running");
    run.option("--restart", options.restart, "Start it again when it ends, and when it reboots")
        .takes("no|on-failure|always")
        .show_default();
    run.option("--on-crash", options.on_crash, "End, start again, or leave the guest for a debugger")
        .takes("exit|restart|preserve")
        .show_default();
    run.flag("--rm", options.remove, "With -d: keep nothing when it has ended");
    run.run_directory(options.run_directory);
    return [given, start_tsc] { return run_command(*given, start_tsc); };
}

}  // namespace hv
