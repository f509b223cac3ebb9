// SPDX-License-Identifier: Apache-2.0
// How a machine comes to be.
#include <fmt/format.h>
#include <unistd.h>

#include "hv/core/clock_cache.h"
#include "hv/core/footprint.h"
#include "hv/core/log.h"
#include "hv/machine/firecracker_config.h"
#include "hv/machine/image_checks.h"
#include "hv/machine/running_machine.h"
#include "hv/watchdog/agent_sign.h"
#include "hv/watchdog/tick.h"

namespace hv {

namespace {

/// Long after every machine that is only started and ended is gone.
constexpr std::uint64_t settled_after_ns = 1'000'000'000;

}  // namespace

Result<> RunningMachine::prepare() {
    TRY(loop_, EventLoop::create());
    log_.emplace(STDERR_FILENO, *loop_);
    // Before there is anything to leave behind.
    TRY(interrupts_, Interrupts::create(*loop_, [this] { interrupted(); }));
    TRY(const RunBase run_base, RunBase::prepare(config_.run_directory));
    const std::string& base = run_base.path();
    CHECK(take_name(run_base));
    if (const auto& reservation = config_.memory_policy.reservation; reservation && services_.admit)
        CHECK(services_.admit(base, config_.name, *reservation));
    CHECK(prepare_cpus(run_base));
    CHECK(devices_.begin(config_.net, cgroups_ && cgroups_->has_memory()));
    if (cgroups_ && devices_.helper() != 0) CHECK(cgroups_->take(devices_.helper()));
    TRY(image_, Image::open(config_.image, base + "/.images"));
    CHECK(check_kernel_options(config_.command_line));
    for (const std::string& line : missing_drivers(config_, image_->layout()))
        log_line(fmt::format("machine '{}': {}", config_.name, line));
    if (!config_.core_file.empty()) {
        TRY(core_file_, CoreFile::create(config_.core_file));
    }
    CHECK(devices_.make(config_, *loop_, *directory_));
    CHECK(make_guest(base));
    if (config_.watchdog_ms != 0) CHECK(make_watchdogs());
    TRY(server_, services_.serve(*loop_, directory_->socket_path(), *this));
    make_paths_absolute(config_);
    CHECK(directory_->write(config_file, firecracker_config_text(config_)));
    loop_->after(settled_after_ns, [] { give_back_start_up_memory(); });
    return {};
}

Result<> RunningMachine::take_name(const RunBase& base) {
    if (supervised_.directory != nullptr) {
        directory_.emplace(supervised_.directory->inherited());
        return {};
    }
    auto made = RunDirectory::create_for(base, config_.name, config_.image);
    if (!made) return std::unexpected(std::move(made).error());
    directory_.emplace(std::move(*made));
    config_.name_is_generated = config_.name.empty();
    config_.name = directory_->name();
    return {};
}

Result<> RunningMachine::make_guest(const std::string& base) {
    const std::string command_line = command_line_text(config_.command_line);
    const MachineSetup setup{
        .name = config_.name,
        .memory_bytes = config_.memory_bytes,
        .vcpu_count = config_.vcpu_count,
        .mergeable_memory = config_.memory_policy.ksm,
        .private_memory = config_.memory_policy.private_memory,
        .command_line = command_line,
        .image = *image_,
        .devices = devices_.list(),
        .hv_start_tsc = start_tsc_,
        .clock_start = first_clock_pair(base + "/.clock"),
        .loop = *loop_,
        .console = [this](std::string_view text) { devices_.output().write(text); },
        .ready = [this] { report_ready(); },
        .ended =
            [this](GuestEnd end) {
                end_ = std::move(end);
                state_since_ns_ = sample_clock_pair().ns;
                stop_watchdogs();
                loop_->stop();
            },
    };
    if (!supervised_.listener && services_.listen) supervised_.listener = services_.listen(base);
    const MachinePlaces places{.directory = directory_->path(),
                               .base = base,
                               .removes_directory = supervised_.directory == nullptr,
                               .cgroup_parents = cgroups_ ? cgroups_->parents() : std::vector<std::string>()};
    TRY(guest_, make_confined_guest(config_.accelerator, setup, places));
    if (guest_.landlock == 0)
        log_line(
            fmt::format("machine '{}': this host has no Landlock: only the filter of system calls keeps hv from "
                        "other files (boot the host with lsm=landlock)",
                        config_.name));
    if (BalloonDevice* balloon = devices_.balloon()) balloon->attach(guest_.accelerator->pages());
    return {};
}

/// A vCPU's own time: it may be ready to run, and get no CPU, while another one runs.
Watchdog::Observer RunningMachine::observer_of(std::uint32_t vcpu) const {
    const ConfinedGuest::VcpuFiles& files = guest_.vcpus[vcpu];
    return {.activity = [&files] { return read_activity(files.status); },
            .cpu_ns =
                [this, &files] {
                    if (guest_.vcpus.size() == 1) return guest_.accelerator->guest_cpu_ns();
                    return read_run_times(files.statistics).value_or(RunTimes{}).cpu_ns;
                },
            .now_ns = [] { return sample_clock_pair().ns; }};
}

Result<> RunningMachine::make_watchdogs() {
    for (std::uint32_t vcpu = 0; vcpu < guest_.vcpus.size(); ++vcpu) {
        watchdogs_.push_back(std::make_unique<Watchdog>(
            *loop_, config_.watchdog_ms * 1'000'000, observer_of(vcpu),
            [this, vcpu](std::string reason) { guest_.accelerator->end_hung(vcpu, std::move(reason)); }));
        if (vcpu == 0)
            watchdogs_.back()->add(std::make_unique<Tick>(tenon()));
        else
            watchdogs_.back()->add(std::make_unique<VcpuTick>(tenon(), vcpu));
    }
    TRY(auto agent, AgentSign::create(*loop_, devices_.agent_port(), [this] { return devices_.agent_is_open(); }));
    watchdogs_.front()->add(std::move(agent));
    return {};
}

void RunningMachine::start_watchdogs() {
    for (const auto& watchdog : watchdogs_) watchdog->start();
}

void RunningMachine::stop_watchdogs() {
    for (const auto& watchdog : watchdogs_) watchdog->stop();
}

}  // namespace hv
