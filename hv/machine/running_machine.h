// SPDX-License-Identifier: Apache-2.0
// A machine as hv has it: what it is made of, and what can be done with it.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "hv/core/clock_pair.h"
#include "hv/core/log_output.h"
#include "hv/core/process_memory.h"
#include "hv/core/run_delay.h"
#include "hv/image/image.h"
#include "hv/machine/confined_guest.h"
#include "hv/machine/devices.h"
#include "hv/machine/image_checks.h"
#include "hv/machine/interrupts.h"
#include "hv/machine/machine.h"
#include "hv/machine/machine_cgroups.h"
#include "hv/machine/machine_control.h"
#include "hv/machine/machine_cpus.h"
#include "hv/machine/notice.h"
#include "hv/machine/run_directory.h"
#include "hv/postmortem/backtrace.h"
#include "hv/postmortem/core_file.h"
#include "hv/watchdog/watchdog.h"

namespace hv {

/// Members in the order in which they come to be; the last one goes first.
class RunningMachine final : public MachineControl {
public:
    RunningMachine(MachineConfig config, std::uint64_t hv_start_tsc, MachineServices services, Supervised supervised)
        : config_(std::move(config)),
          services_(std::move(services)),
          supervised_(std::move(supervised)),
          start_tsc_(hv_start_tsc) {}

    Result<> prepare();
    Result<int> run();

    [[nodiscard]] const MachineConfig& config() const override { return config_; }
    [[nodiscard]] bool running() const override { return !end_; }
    [[nodiscard]] std::string accelerator() const override { return guest_.accelerator->name(); }
    [[nodiscard]] std::string accelerator_reason() const override { return guest_.chosen.reason; }
    [[nodiscard]] int landlock() const override { return guest_.landlock; }
    [[nodiscard]] std::uint64_t uptime_ns() const override { return sample_clock_pair().ns - start_ns_; }
    [[nodiscard]] std::uint64_t state_ns() const override { return sample_clock_pair().ns - state_since_ns_; }
    [[nodiscard]] std::uint64_t guest_cpu_ns() const override { return guest_.accelerator->guest_cpu_ns(); }
    [[nodiscard]] bool paused() const override { return paused_; }
    [[nodiscard]] Agent agent() const override {
        if (!may_open_port(image_->layout(), agent_port_name)) return Agent::none;
        return devices_.agent_is_open() ? Agent::open : Agent::closed;
    }
    [[nodiscard]] std::vector<PortForward> published_ports() const override;
    Result<> pause() override;
    void resume() override;
    void request_shutdown() override;
    Result<> request_reboot() override;
    void kill() override;

    [[nodiscard]] BalloonDevice* balloon() override { return devices_.balloon(); }
    [[nodiscard]] std::optional<ProcessMemory> memory_use() const override {
        return read_process_status(guest_.ram_status);
    }
    [[nodiscard]] std::optional<std::uint64_t> resident_bytes() const override;
    [[nodiscard]] MemoryCounters memory_counters() const override { return tenon().memory_counters(); }
    [[nodiscard]] std::vector<pid_t> processes() const override;
    [[nodiscard]] std::optional<NetworkHelper> network_helper() const override;
    void request_reclaim() override { tenon().request(GuestRequest::reclaim); }
    void page_out(std::uint64_t bytes) override { guest_.accelerator->page_out(bytes); }
    void limit_network(const NetLimits& limits) override;
    void limit_disk(std::size_t drive, const RateLimits& limits) override;
    Result<> reread_disk(std::size_t drive) override { return devices_.disks()[drive]->reread_size(); }
    Result<> set_cpu(const CpuPolicy& policy) override;
    [[nodiscard]] std::optional<std::uint64_t> guest_steal_ns() const override;
    [[nodiscard]] std::optional<CpuThrottling> cpu_throttling() const override {
        return cgroups_ ? cgroups_->throttling() : std::nullopt;
    }

private:
    Result<> take_name(const RunBase& base);
    Result<> prepare_cpus(const RunBase& base);
    Result<> make_cgroups(const RunBase& base);
    Result<> schedule_guest();
    Result<> make_guest(const std::string& base);
    Result<> make_watchdogs();
    [[nodiscard]] Watchdog::Observer observer_of(std::uint32_t vcpu) const;
    void start_watchdogs();
    void stop_watchdogs();
    /// Binds all vCPUs to the CPUs that the policy wants for them.
    [[nodiscard]] Result<> pin_vcpus(const CpuPolicy& policy) const;
    void interrupted();
    void report_crash();
    void write_core_file();
    [[nodiscard]] TenonGuest& tenon() const { return guest_.accelerator->guest(); }
    [[nodiscard]] ReadRam guest_reader() const;
    void report_boot();
    void report_ready();
    [[nodiscard]] std::uint64_t ticks_to_ns(std::uint64_t ticks) const;

    void notify(Notice::Kind kind, std::string_view text = {}, GuestEnd::Kind end = {}, int exit_code = 0) const {
        if (supervised_.listener) supervised_.listener(config_.name, make_notice(kind, text, end, exit_code));
    }

    MachineConfig config_;
    MachineServices services_;
    Supervised supervised_;
    std::uint64_t start_tsc_;
    /// A supervised hv is not started by exec: the process's own start is not the machine's.
    std::uint64_t start_ns_ = supervised_.directory != nullptr ? sample_clock_pair().ns : process_start_pair().ns;
    std::uint64_t state_since_ns_ = start_ns_;
    std::optional<GuestEnd> end_;
    bool asked_to_end_ = false;
    bool paused_ = false;

    std::unique_ptr<EventLoop> loop_;
    std::optional<LogOutput> log_;
    std::unique_ptr<Interrupts> interrupts_;
    std::optional<RunDirectory> directory_;
    MachineCpus cpus_;
    std::optional<MachineCgroups> cgroups_;
    std::optional<Image> image_;
    std::unique_ptr<CoreFile> core_file_;
    MachineDevices devices_;
    bool boot_reported_ = false;
    bool ready_reported_ = false;
    ConfinedGuest guest_;
    std::vector<std::unique_ptr<Watchdog>> watchdogs_;  ///< one for each vCPU, or none
    std::unique_ptr<ControlServer> server_;
};

}  // namespace hv
