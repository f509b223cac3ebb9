// SPDX-License-Identifier: Apache-2.0
// A machine from start to end.
#include "hv/machine/machine.h"

#include <fmt/format.h>
#include <linux/virtio_ids.h>
#include <unistd.h>

#include <utility>

#include "hv/core/confine.h"
#include "hv/core/footprint.h"
#include "hv/core/log.h"
#include "hv/image/symbols.h"
#include "hv/machine/boot_report.h"
#include "hv/machine/crash_printer.h"
#include "hv/machine/exit_code.h"
#include "hv/machine/image_checks.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/running_machine.h"
#include "hv/postmortem/core_writer.h"

namespace hv {

std::vector<pid_t> RunningMachine::processes() const {
    std::vector<pid_t> list{getpid()};
    if (const pid_t guest = guest_.accelerator->guest_process(); guest != list.front()) list.push_back(guest);
    return list;
}

std::optional<MachineControl::NetworkHelper> RunningMachine::network_helper() const {
    const auto memory = devices_.helper_memory();
    if (!memory) return std::nullopt;
    return NetworkHelper{devices_.helper(), memory->resident_bytes};
}

std::vector<PortForward> RunningMachine::published_ports() const {
    if (!may_drive(image_->layout(), VIRTIO_ID_NET)) return {};
    return config_.net.user.forwards;
}

std::optional<std::uint64_t> RunningMachine::guest_steal_ns() const {
    std::uint64_t sum = 0;
    for (const auto& vcpu : guest_.vcpus) {
        const auto times = read_run_times(vcpu.statistics);
        if (!times) return std::nullopt;
        sum += times->delay_ns;
    }
    return sum;
}

std::optional<std::uint64_t> RunningMachine::resident_bytes() const {
    const auto guest = memory_use();
    if (!guest) return std::nullopt;
    std::uint64_t sum = guest->resident_bytes;
    if (const auto own = read_process_status(guest_.hv_status)) sum += own->resident_bytes;
    if (const auto helper = devices_.helper_memory()) sum += helper->resident_bytes;
    return sum;
}

Result<int> RunningMachine::run() {
    CHECK(schedule_guest());
    CHECK(confine_calls({.kvm = guest_.chosen.kind == AcceleratorChoice::kvm,
                         .guest = guest_.accelerator->guest_process(),
                         .vcpus = guest_.accelerator->guest_threads(),
                         .ring = devices_.ring(),
                         .core_file = core_file_ ? core_file_->file() : -1}));
    CHECK(guest_.accelerator->start());
    start_watchdogs();
    notify(Notice::Kind::started, guest_.accelerator->name());
    loop_->run();
    // The console's last words come before hv's.
    devices_.output().flush();
    if (!end_) return fail(ErrorKind::internal, "the event loop ended before the guest");
    if (end_->kind == GuestEnd::Kind::crashed) report_crash();
    // A program that never said that it was ready has still been started.
    if (end_->kind == GuestEnd::Kind::shut_down) report_boot();
    const int code = exit_code_of(*end_, config_.name, supervised_.directory != nullptr);
    notify(Notice::Kind::ended, end_->reason, end_->kind, code);
    // Commands that wait for this machine read it there.
    if (supervised_.directory == nullptr) directory_->end(code, false);
    log_->flush();
    return code;
}

ReadRam RunningMachine::guest_reader() const {
    return [this](std::uint64_t address, std::span<std::byte> bytes) {
        return guest_.accelerator->read_ram(address, bytes);
    };
}

void RunningMachine::write_core_file() {
    const std::string image = image_->path();
    Result<> written = write_core(core_file_->file(), {.guest = *end_,
                                                       .program = image.substr(image.rfind('/') + 1),
                                                       .threads = guest_.accelerator->guest_threads(),
                                                       .ram = guest_.accelerator->ram(),
                                                       .read = guest_reader()});
    if (written) written = core_file_->publish();
    if (written)
        log_line(fmt::format("machine '{}': core file '{}' (gdb {} {})", config_.name, core_file_->path(), image,
                             core_file_->path()));
    else
        log_line(fmt::format("machine '{}': core file '{}' is not written: {}", config_.name, core_file_->path(),
                             written.error().message));
    // A directory that did not get its name is removed.
    core_file_.reset();
}

void RunningMachine::report_crash() {
    if (end_->has_report && end_->report.frame_count == 0)
        add_backtrace(end_->report, image_->layout(), guest_reader());
    for (GuestEnd::OtherVcpu& other : end_->others) add_backtrace(other.report, image_->layout(), guest_reader());
    const ImageSymbols symbols(*image_);
    const std::string text =
        crash_text(config_.name, *end_, [&symbols](std::uint64_t address) { return symbols.find(address); });
    log_text(text);
    // A disk that is full: the report is in the log.
    if (supervised_.directory != nullptr) static_cast<void>(directory_->write(crash_report_file, text));
    // Where the guest's process has died there is nothing left to write.
    if (core_file_ && end_->has_report) write_core_file();
    notify(Notice::Kind::crashed, end_->reason, end_->kind);
    // Where the guest's process has died there is nothing to look at.
    if (!supervised_.preserve_crashed || !end_->has_report) return;
    log_line(fmt::format("machine '{}' is kept for a debugger: gdb -p {}, then hv kill {}", config_.name,
                         guest_.accelerator->guest_process(), config_.name));
    loop_->run();
}

void RunningMachine::kill() {
    // Of a machine that has crashed already only the wait for a debugger ends.
    if (end_) return loop_->stop();
    guest_.accelerator->kill();
}

Result<> RunningMachine::pause() {
    if (end_) return fail(ErrorKind::usage, "it has crashed");
    if (paused_) return {};
    // Before the devices rest: it may be the agent's client at this moment.
    stop_watchdogs();
    if (auto stopped = guest_.accelerator->pause(); !stopped) {
        start_watchdogs();
        return stopped;
    }
    devices_.pause();
    paused_ = true;
    state_since_ns_ = sample_clock_pair().ns;
    notify(Notice::Kind::paused);
    return {};
}

void RunningMachine::resume() {
    if (!paused_) return;
    devices_.resume();
    guest_.accelerator->resume();
    paused_ = false;
    state_since_ns_ = sample_clock_pair().ns;
    start_watchdogs();
    notify(Notice::Kind::resumed);
}

void RunningMachine::limit_network(const NetLimits& limits) {
    config_.net.limits = limits;
    if (NetDevice* network = devices_.network()) network->limit(limits);
}

void RunningMachine::limit_disk(std::size_t drive, const RateLimits& limits) {
    config_.drives[drive].limits = limits;
    devices_.disks()[drive]->limit(limits);
}

void RunningMachine::request_shutdown() {
    if (end_) return loop_->stop();
    notify(Notice::Kind::shutdown_asked);
    // A guest that stands still could not hear it.
    resume();
    tenon().request(GuestRequest::shutdown);
}

Result<> RunningMachine::request_reboot() {
    if (supervised_.directory == nullptr)
        return fail(ErrorKind::usage,
                    "it has no supervisor to start it again (hv run -d has one, and hv run --restart or --on-crash)");
    if (end_) {
        loop_->stop();
        return {};
    }
    notify(Notice::Kind::reboot_asked);
    resume();
    tenon().request(GuestRequest::reboot);
    return {};
}

void RunningMachine::interrupted() {
    if (asked_to_end_ || end_) return kill();
    asked_to_end_ = true;
    log_line(fmt::format("machine '{}': asked to shut down (interrupt again to kill it)", config_.name));
    request_shutdown();
}

std::uint64_t RunningMachine::ticks_to_ns(std::uint64_t ticks) const {
    const auto hz = tsc_frequency(process_start_pair(), sample_clock_pair());
    return hz ? static_cast<std::uint64_t>(static_cast<double>(ticks) * 1e9 / *hz) : 0;
}

void RunningMachine::report_boot() {
    if (!config_.boot_report || std::exchange(boot_reported_, true)) return;
    log_line(fmt::format("machine '{}' on {} ({})", config_.name, guest_.accelerator->name(), guest_.chosen.reason));
    log_line(boot_report(start_tsc_, tenon().boot_times(), [this](std::uint64_t ticks) { return ticks_to_ns(ticks); }));
}

void RunningMachine::report_ready() {
    // Once: a guest may say it as often as it likes.
    if (std::exchange(ready_reported_, true)) return;
    report_boot();
    give_back_start_up_memory();
    for (const PortForward& forward : published_ports())
        log_line(fmt::format("{}{}:{}{} is the guest's port {}", forward.udp ? "" : "http://", forward.address,
                             forward.host, forward.udp ? "/udp" : "/", forward.guest));
    notify(Notice::Kind::ready);
}

Result<int> run_machine(MachineConfig config, std::uint64_t hv_start_tsc, MachineServices services,
                        Supervised supervised) {
    RunningMachine machine(std::move(config), hv_start_tsc, std::move(services), std::move(supervised));
    CHECK(machine.prepare());
    return machine.run();
}

}  // namespace hv
