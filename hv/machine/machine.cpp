// SPDX-License-Identifier: Apache-2.0
// A machine from start to end.
#include "hv/machine/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "hv/accel/choose.h"
#include "hv/api/machine_api.h"
#include "hv/balance/balancer.h"
#include "hv/core/clock_pair.h"
#include "hv/core/confine.h"
#include "hv/core/file_opener.h"
#include "hv/core/footprint.h"
#include "hv/core/log.h"
#include "hv/core/process_memory.h"
#include "hv/devices/balloon.h"
#include "hv/devices/console.h"
#include "hv/devices/net.h"
#include "hv/devices/rng.h"
#include "hv/devices/slirp_helper.h"
#include "hv/image/image.h"
#include "hv/image/symbols.h"
#include "hv/machine/boot_report.h"
#include "hv/machine/crash_printer.h"
#include "hv/machine/disks.h"
#include "hv/machine/firecracker_config.h"
#include "hv/machine/interrupts.h"
#include "hv/machine/memory_cgroup.h"
#include "hv/machine/notice.h"
#include "hv/machine/run_directory.h"

namespace hv {

namespace {

/// Long after every machine that is only started and ended is gone: it leaves looking after the dead to the others.
constexpr std::uint64_t clean_up_delay_ns = 1'000'000'000;

/// Locally administered, and the same for every machine of this name: the neighbours' ARP tables stay right.
MacAddress mac_for(std::string_view name) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
    MacAddress mac{0x02};
    for (std::size_t i = 1; i < mac.size(); ++i) mac[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    return mac;
}

/// Members in the order in which they come to be; the last one goes first.
class Machine final : public ApiMachine {
public:
    Machine(MachineConfig config, std::uint64_t hv_start_tsc, Supervised supervised)
        : config_(std::move(config)), supervised_(supervised), start_tsc_(hv_start_tsc) {}

    Result<> prepare();
    Result<int> run();

    [[nodiscard]] const MachineConfig& config() const override { return config_; }
    [[nodiscard]] bool running() const override { return !end_; }
    [[nodiscard]] std::string accelerator() const override { return accelerator_->name(); }
    [[nodiscard]] std::string accelerator_reason() const override { return chosen_.reason; }
    [[nodiscard]] std::uint64_t uptime_ns() const override {
        return sample_clock_pair().ns - start_ns_;
    }
    [[nodiscard]] std::uint64_t guest_cpu_ns() const override { return accelerator_->guest_cpu_ns(); }
    [[nodiscard]] bool paused() const override { return paused_; }
    Result<> pause() override;
    void resume() override;
    void request_shutdown() override;
    Result<> request_reboot() override;
    void kill() override;

    [[nodiscard]] BalloonDevice* balloon() override { return balloon_; }
    [[nodiscard]] std::optional<ProcessMemory> memory_use() const override { return read_process_status(ram_status_); }
    [[nodiscard]] MemoryCounters memory_counters() const override { return accelerator_->memory_counters(); }
    [[nodiscard]] std::vector<pid_t> processes() const override;
    void request_reclaim() override { accelerator_->request(GuestRequest::reclaim); }
    void page_out(std::uint64_t bytes) override { accelerator_->page_out(bytes); }

private:
    Result<> take_name(const std::string& base);
    Result<> make_cgroup(const std::string& base);
    Result<> make_devices();
    Result<> make_balloon();
    Result<> make_guest(const std::string& base);
    Result<> make_pv_guest(const MachineSetup& setup, const std::string& base);
    Result<> make_kvm_guest(const MachineSetup& setup, const std::string& base);
    void interrupted();
    void report_crash();
    void report_boot();
    void report_ready();
    Result<int> exit_code();
    [[nodiscard]] std::uint64_t ticks_to_ns(std::uint64_t ticks) const;

    void notify(Notice::Kind kind) const { send_notice(supervised_.notices, kind); }

    MachineConfig config_;
    Supervised supervised_;
    std::uint64_t start_tsc_;
    /// A supervised hv is not started by exec: the process's own start is not the machine's.
    std::uint64_t start_ns_ =
        supervised_.directory != nullptr ? sample_clock_pair().ns : process_start_pair().ns;
    std::optional<GuestEnd> end_;
    bool asked_to_end_ = false;
    bool paused_ = false;

    std::unique_ptr<EventLoop> loop_;
    std::unique_ptr<Interrupts> interrupts_;
    std::optional<RunDirectory> directory_;
    std::optional<MemoryCgroup> cgroup_;
    std::optional<SlirpHelper> slirp_;
    std::optional<Image> image_;
    std::unique_ptr<ConsoleOutput> output_;
    std::unique_ptr<PortSocket> agent_socket_;
    Disks disks_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<Device*> device_list_;
    BalloonDevice* balloon_ = nullptr;
    FileDescriptor ram_status_;  ///< /proc/PID/status of the process that has the guest's RAM
    ChosenAccelerator chosen_{};
    bool boot_reported_ = false;
    std::unique_ptr<Accelerator> accelerator_;
    std::unique_ptr<HttpServer> server_;
};

Result<> Machine::prepare() {
    TRY(loop_, EventLoop::create());
    // Before there is anything to leave behind.
    TRY(interrupts_, Interrupts::create(*loop_, [this] { interrupted(); }));
    const std::string base = config_.run_directory.empty() ? default_run_base() : config_.run_directory;
    CHECK(prepare_run_base(base));
    CHECK(take_name(base));
    if (config_.memory_policy.reservation)
        CHECK(balance::ask_for_reservation(base, config_.name, *config_.memory_policy.reservation));
    if (wants_memory_cgroup(config_.memory_policy)) CHECK(make_cgroup(base));
    if (config_.net.mode == NetConfig::Mode::user) {
        TRY(slirp_, SlirpHelper::start(config_.net));
    }
    TRY(image_, Image::open(config_.image, base + "/.images"));
    CHECK(make_devices());
    CHECK(make_guest(base));
    TRY(server_, HttpServer::create(*loop_, directory_->socket_path(),
                                    [this](const HttpRequest& request) { return answer_request(request, *this); }));
    CHECK(directory_->write("config.json", firecracker_config_text(config_)));
    loop_->after(clean_up_delay_ns, [base] {
        remove_dead_machines(base);
        give_back_start_up_memory();
    });
    return {};
}

Result<> Machine::take_name(const std::string& base) {
    if (supervised_.directory != nullptr) {
        directory_.emplace(supervised_.directory->inherited());
        return {};
    }
    auto made = RunDirectory::create_for(base, config_.name, config_.image);
    if (!made) return std::unexpected(std::move(made).error());
    directory_.emplace(std::move(*made));
    config_.name = directory_->name();
    return {};
}

Result<> Machine::make_cgroup(const std::string& base) {
    // Dead machines may have left cgroups, which a confined hv could not remove.
    remove_dead_machines(base);
    auto made = MemoryCgroup::create(config_.memory_policy, config_.memory_bytes, *directory_);
    if (!made) return std::unexpected(std::move(made).error());
    cgroup_.emplace(std::move(*made));
    return {};
}

Result<> Machine::make_devices() {
    output_ = std::make_unique<ConsoleOutput>(STDOUT_FILENO, *loop_);
    TRY(agent_socket_, PortSocket::create(*loop_, directory_->agent_socket_path()));
    devices_.push_back(std::make_unique<ConsoleDevice>(*loop_, *output_, STDIN_FILENO, *agent_socket_));
    devices_.push_back(std::make_unique<RngDevice>(*loop_));
    if (config_.net.mode != NetConfig::Mode::none) {
        auto backend = config_.net.mode == NetConfig::Mode::tap ? open_tap(config_.net.tap, config_.net.mtu)
                                                                : slirp_->wait_until_ready(config_.net);
        if (!backend) return std::unexpected(std::move(backend).error());
        if (!config_.net.mac) config_.net.mac = mac_for(config_.name);
        devices_.push_back(std::make_unique<NetDevice>(*loop_, std::move(*backend), *config_.net.mac));
    }
    if (config_.balloon.enabled) CHECK(make_balloon());
    if (!config_.drives.empty()) CHECK(disks_.open(*loop_, config_.drives, devices_));
    for (const auto& device : devices_) device_list_.push_back(device.get());
    return {};
}

Result<> Machine::make_balloon() {
    if (config_.balloon.target_bytes > config_.memory_bytes)
        return fail(ErrorKind::usage, fmt::format("balloon of {} MiB: the machine has {} MiB of memory",
                                                  config_.balloon.target_bytes >> 20, config_.memory_bytes >> 20));
    auto balloon = std::make_unique<BalloonDevice>(*loop_, config_.balloon);
    balloon_ = balloon.get();
    devices_.push_back(std::move(balloon));
    return {};
}

std::vector<pid_t> Machine::processes() const {
    std::vector<pid_t> list{getpid()};
    if (const pid_t guest = accelerator_->guest_process(); guest != list.front()) list.push_back(guest);
    return list;
}

Result<> Machine::make_guest(const std::string& base) {
    TRY(const std::string command_line, command_line_of(config_));
    chosen_ = choose_accelerator(config_.accelerator, base);
    const MachineSetup setup{
        .name = config_.name,
        .memory_bytes = config_.memory_bytes,
        .mergeable_memory = config_.memory_policy.ksm,
        .private_memory = config_.memory_policy.private_memory,
        .command_line = command_line,
        .image = *image_,
        .devices = device_list_,
        .hv_start_tsc = start_tsc_,
        .state_directory = base,
        .loop = *loop_,
        .console = [this](std::string_view text) { output_->write(text); },
        .ready = [this] { report_ready(); },
        .ended =
            [this](GuestEnd end) {
                end_ = std::move(end);
                loop_->stop();
            },
    };
    CHECK(chosen_.kind == AcceleratorChoice::pv ? make_pv_guest(setup, base) : make_kvm_guest(setup, base));
    if (balloon_ != nullptr) balloon_->attach(accelerator_->pages());
    return {};
}

/// The guest's process has to be confined as much as hv is, so hv comes first.
Result<> Machine::make_pv_guest(const MachineSetup& setup, const std::string& base) {
    TRY(const auto opener, FileOpener::start());
    CHECK(confine_files(base, cgroup_ ? cgroup_->parent() : std::string()));
    TRY(accelerator_, make_accelerator(chosen_.kind, setup));
    ram_status_ = opener->open(process_status_path(accelerator_->guest_process()));
    return {};
}

/// The accelerator opens /dev/kvm, so it comes first.
Result<> Machine::make_kvm_guest(const MachineSetup& setup, const std::string& base) {
    TRY(accelerator_, make_accelerator(chosen_.kind, setup));
    ram_status_ = FileDescriptor(open(process_status_path(getpid()).c_str(), O_RDONLY | O_CLOEXEC));
    return confine_files(base, cgroup_ ? cgroup_->parent() : std::string());
}

Result<int> Machine::run() {
    // Before the guest runs. Also on kvm, where it is hv itself, does what was used so far stay where it was.
    if (cgroup_) CHECK(cgroup_->take(accelerator_->guest_process()));
    CHECK(confine_calls({.kvm = chosen_.kind == AcceleratorChoice::kvm,
                         .guest = accelerator_->guest_process(),
                         .helper = slirp_ ? slirp_->process() : 0,
                         .ring = disks_.ring()}));
    CHECK(accelerator_->start());
    send_notice(supervised_.notices, Notice::Kind::started, accelerator_->name());
    loop_->run();
    // The console's last words come before hv's.
    output_->flush();
    if (end_ && end_->kind == GuestEnd::Kind::crashed) report_crash();
    TRY(const int code, exit_code());
    send_notice(supervised_.notices, Notice::Kind::ended, end_->reason, end_->kind, code);
    // Who waits for this machine reads it there.
    if (supervised_.directory == nullptr) directory_->end(code, false);
    return code;
}

void Machine::report_crash() {
    const ImageSymbols symbols(*image_);
    const std::string text =
        crash_text(config_.name, *end_, [&symbols](std::uint64_t address) { return symbols.find(address); });
    log_text(text);
    if (supervised_.directory == nullptr) return;
    // A disk that is full: the report is in the log.
    static_cast<void>(directory_->write(crash_report_file, text));
    send_notice(supervised_.notices, Notice::Kind::crashed, end_->reason, end_->kind);
    // Where the guest's process has died there is nothing to look at.
    if (!supervised_.preserve_crashed || !end_->has_report) return;
    log_line(fmt::format("machine '{}' stays as it is: gdb -p {}, then hv kill {}", config_.name,
                         accelerator_->guest_process(), config_.name));
    loop_->run();
}

void Machine::kill() {
    // Of a machine that has crashed already only the wait for a debugger ends.
    if (end_) return loop_->stop();
    accelerator_->kill();
}

Result<> Machine::pause() {
    if (end_) return fail(ErrorKind::usage, "it has crashed");
    if (paused_) return {};
    CHECK(accelerator_->pause());
    for (const auto& device : devices_) device->pause();
    paused_ = true;
    notify(Notice::Kind::paused);
    return {};
}

void Machine::resume() {
    if (!paused_) return;
    for (const auto& device : devices_) device->resume();
    accelerator_->resume();
    paused_ = false;
    notify(Notice::Kind::resumed);
}

void Machine::request_shutdown() {
    if (end_) return loop_->stop();
    notify(Notice::Kind::shutdown_asked);
    // A guest that stands still could not hear it.
    resume();
    accelerator_->request(GuestRequest::shutdown);
}

Result<> Machine::request_reboot() {
    if (supervised_.directory == nullptr)
        return fail(ErrorKind::usage, "nobody would start it again (a machine of hv run -d can be rebooted)");
    if (end_) {
        loop_->stop();
        return {};
    }
    notify(Notice::Kind::reboot_asked);
    resume();
    accelerator_->request(GuestRequest::reboot);
    return {};
}

void Machine::interrupted() {
    if (asked_to_end_ || end_) return kill();
    asked_to_end_ = true;
    log_line(fmt::format("machine '{}': asked to shut down (interrupt again to kill it)", config_.name));
    request_shutdown();
}

std::uint64_t Machine::ticks_to_ns(std::uint64_t ticks) const {
    const auto hz = tsc_frequency(process_start_pair(), sample_clock_pair());
    return hz ? static_cast<std::uint64_t>(static_cast<double>(ticks) * 1e9 / *hz) : 0;
}

void Machine::report_boot() {
    if (!config_.boot_report || std::exchange(boot_reported_, true)) return;
    log_line(fmt::format("machine '{}' on {} ({})", config_.name, accelerator_->name(), chosen_.reason));
    log_line(boot_report(start_tsc_, accelerator_->boot_times(),
                         [this](std::uint64_t ticks) { return ticks_to_ns(ticks); }));
}

void Machine::report_ready() {
    report_boot();
    give_back_start_up_memory();
    for (const PortForward& forward : config_.net.forwards)
        log_line(fmt::format("http://127.0.0.1:{}/ is the guest's port {}", forward.host, forward.guest));
    notify(Notice::Kind::ready);
}

Result<int> Machine::exit_code() {
    if (!end_) return fail(ErrorKind::internal, "the event loop ended before the guest");
    switch (end_->kind) {
        case GuestEnd::Kind::shut_down:
            // A program that never said that it was ready has still been started.
            report_boot();
            if (end_->exit_code >= 0 && end_->exit_code <= last_guest_exit_code) return end_->exit_code;
            log_line(fmt::format("machine '{}': the guest's exit code {} is given as {} (higher ones are hv's own)",
                                 config_.name, end_->exit_code, last_guest_exit_code));
            return last_guest_exit_code;
        case GuestEnd::Kind::reboot:
            log_line(fmt::format("machine '{}': the guest asked for a reboot{}", config_.name,
                                 supervised_.directory == nullptr ? ": start it again (hv run -d would)" : ""));
            return 0;
        case GuestEnd::Kind::crashed: return static_cast<int>(ErrorKind::guest_crash);
        case GuestEnd::Kind::killed:
            log_line(fmt::format("machine '{}' was killed{}{}", config_.name, end_->reason.empty() ? "" : ": ",
                                 end_->reason));
            return static_cast<int>(ErrorKind::killed);
    }
    return fail(ErrorKind::internal, "the guest ended in an unknown way");
}

}  // namespace

Result<int> run_machine(MachineConfig config, std::uint64_t hv_start_tsc, Supervised supervised) {
    Machine machine(std::move(config), hv_start_tsc, supervised);
    CHECK(machine.prepare());
    return machine.run();
}

}  // namespace hv
