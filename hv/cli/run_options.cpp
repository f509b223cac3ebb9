// SPDX-License-Identifier: Apache-2.0
// The options of `hv run`, and a machine's configuration from them.
#include "hv/cli/run_options.h"

#include <fmt/format.h>

#include "hv/cli/cpu_option.h"
#include "hv/cli/values.h"
#include "hv/machine/firecracker_config.h"
#include "hv/machine/guest_address.h"

namespace hv {

namespace {

/// An option's text, if it was given, as `parse` reads it, over what `field` has from the file.
template <typename T, typename Field>
Result<> apply(const std::string& text, Result<T> (*parse)(std::string_view), Field& field) {
    if (text.empty()) return {};
    TRY(field, parse(text));
    return {};
}

Result<> apply_network(const RunOptions& options, MachineConfig& config) {
    CHECK(apply(options.net, parse_net, config.net));
    if (options.address.empty()) return {};
    TRY(const StaticAddress address, parse_guest_address(options.address));
    if (config.net.mode == NetConfig::Mode::none)
        return fail(ErrorKind::usage, "--ip: the machine has no network (add --net user or --net tap=NAME)");
    config.command_line.kernel_options.push_back((address.is_ipv6 ? "ip6=" : "ip=") + options.address);
    return {};
}

Result<> apply_command_line(const RunOptions& options, CommandLine& line) {
    CHECK(line.add(options.kernel_options));
    for (const std::string& variable : options.environment) CHECK(line.set_variable(variable));
    if (!options.arguments.empty()) line.arguments = options.arguments;
    return {};
}

Result<> apply_lifecycle(const RunOptions& options, LifecycleConfig& lifecycle) {
    CHECK(apply(options.restart, parse_restart, lifecycle.restart));
    CHECK(apply(options.on_crash, parse_on_crash, lifecycle.on_crash));
    if (options.remove) lifecycle.remove = true;
    return {};
}

}  // namespace

Result<MachineConfig> machine_config_of(const RunOptions& options, std::vector<std::string>& warnings) {
    MachineConfig config;
    if (!options.config_file.empty()) CHECK(read_firecracker_config(options.config_file, config, warnings));
    if (!options.image.empty()) config.image = options.image;
    if (config.image.empty())
        return fail(ErrorKind::usage, "run: no image (hv run IMAGE, or --config FILE; hv run --help)");
    CHECK(apply(options.accelerator, parse_accelerator, config.accelerator));
    if (options.cpus != 0) config.vcpu_count = options.cpus;
    if (!options.cpu.empty()) CHECK(parse_cpu_option(options.cpu, config.cpu_policy));
    CHECK(apply_command_line(options, config.command_line));
    CHECK(apply_network(options, config));
    for (const std::string& disk : options.disks) {
        TRY(DriveConfig drive, parse_disk(disk));
        config.drives.push_back(std::move(drive));
    }
    if (!options.name.empty()) config.name = options.name;
    if (!options.run_directory.empty()) config.run_directory = options.run_directory;
    if (options.boot_report) config.boot_report = true;
    CHECK(apply(options.watchdog, parse_watchdog, config.watchdog_ms));
    if (!options.core_file.empty()) config.core_file = options.core_file;
    if (options.no_balloon) config.balloon.enabled = false;
    CHECK(apply_lifecycle(options, config.lifecycle));
    CHECK(apply_memory_options(options.memory, config));
    CHECK(complete_config(config));
    return config;
}

void add_run_options(Command& run, RunOptions& options) {
    run.option("IMAGE", options.image, "Image to start (an ELF file)");
    run.rest("ARGUMENTS", options.arguments, "The program's arguments, after --");
    run.option("--accel", options.accelerator, "How guest code runs: auto takes kvm if it is usable and fast, else pv")
        .takes("auto|pv|kvm")
        .defaults_to("auto");
    add_memory_options(run, options.memory);
    run.option("--cpus", options.cpus, "vCPUs of the machine; more than one on pv only")
        .takes("N")
        .within(1, tenon::abi::max_vcpus)
        .defaults_to("1");
    run.option("--cpu", options.cpu, "What the machine gets of the host's CPUs, see below")
        .takes("KEY=VALUE[,KEY=VALUE...]")
        .defaults_to("what other programs get");
    run.option("--net", options.net, "Network, see below").takes("NETWORK").defaults_to("none");
    run.option("--disk", options.disks,
               "Raw image or block device for the guest; repeat it for further disks (vda, vdb, ...)")
        .takes("FILE[,ro][,discard=on|off][,bps=RATE][,iops=RATE]")
        .one_at_a_time();
    run.option("--ip", options.address, "Static address of the guest")
        .takes("ADDRESS/PREFIX[,GATEWAY[,DNS...]]")
        .defaults_to("by DHCP");
    run.option("--env", options.environment, "Variable of the program's environment; repeat it for further variables")
        .takes("NAME=VALUE")
        .one_at_a_time();
    run.option("--name", options.name, "Name of the machine").takes("NAME").defaults_to("made from the image's");
    run.option("--config", options.config_file, "Configuration in Firecracker's format; options override it")
        .takes("FILE");
    run.text("--kernel-options", options.kernel_options, "Further options for the guest's kernel").takes("TEXT");
    run.flag("--no-balloon", options.no_balloon, "No balloon device: the guest gives no memory back");
    run.flag("--boot-report", options.boot_report,
             "Print how long each part of the start took, once the guest is ready");
    run.option(
           "--watchdog", options.watchdog,
           "Treat a guest as crashed that gives no sign of life for this time: its kernel serves no interrupts, or its "
           "agent does not answer")
        .takes("SECONDS")
        .defaults_to("no watchdog");
    run.option("--core", options.core_file, "File for the memory and registers of a crashed guest, for gdb")
        .takes("FILE")
        .defaults_to("none");
    run.flag("-d,--detach", options.detach, "Leave the machine running, and print its name once the guest is ready");
    run.option("--restart", options.restart, "When to start the machine again after its end")
        .takes("no|on-failure|always")
        .defaults_to("no");
    run.option("--on-crash", options.on_crash,
               "After a crash: end the machine, start it again, or keep the guest for a debugger")
        .takes("exit|restart|preserve")
        .defaults_to("exit");
    run.flag("--rm", options.remove, "With -d: remove the machine's files when it ends");
    run.run_directory(options.run_directory);
}

}  // namespace hv
