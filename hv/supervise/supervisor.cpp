// SPDX-License-Identifier: Apache-2.0
// The supervisor's life: one machine, several lives of its hv.
#include "hv/supervise/supervisor.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "hv/core/clock_pair.h"
#include "hv/core/footprint.h"
#include "hv/core/host_clock.h"
#include "hv/core/landlock.h"
#include "hv/core/printable.h"
#include "hv/machine/firecracker_config.h"
#include "hv/machine/machine.h"
#include "hv/machine/machine_files.h"
#include "hv/supervise/event_log.h"

namespace hv {

namespace {

/// A program that runs but does not say that it is ready is taken as started after this time.
constexpr std::uint64_t start_limit_ns = 1'000'000'000;

std::uint64_t now_ns() { return sample_clock_pair().ns; }

}  // namespace

Supervisor::Supervisor(MachineConfig config, const SuperviseOptions& options, RunDirectory directory, std::string base,
                       FileDescriptor starter)
    : config_(std::move(config)),
      options_(options),
      base_(std::move(base)),
      directory_(std::move(directory)),
      policy_(config_.lifecycle.restart, config_.lifecycle.on_crash),
      starter_(std::move(starter)),
      events_(base_, directory_.name()) {}

Result<int> Supervisor::run() {
    if (auto begun = begin(); !begun) {
        if (options_.again) end_as_before();
        return std::unexpected(std::move(begun).error());
    }
    loop_->run();
    return exit_code_;
}

Result<> Supervisor::begin() {
    CHECK(restrict_signals());
    CHECK(prepare());
    return start_worker();
}

Result<> Supervisor::prepare() {
    TRY(loop_, EventLoop::create());
    TRY(interrupts_, Interrupts::create(*loop_, [this] { interrupted(); }));
    if (options_.detached) {
        TRY(console_, WorkerConsole::create(*loop_, directory_.path()));
        console_->echo_messages(true);
        log_.emplace(STDERR_FILENO, *loop_);
    }
    const std::string socket = directory_.path_of(supervisor_socket);
    // Of a machine that died under this name.
    unlink(socket.c_str());
    TRY(server_, HttpServer::create(*loop_, socket, [this](const HttpRequest& request) { return answer(request); }));
    record_.name = directory_.name();
    record_.image = config_.image;
    record_.detached = options_.detached;
    record_.memory_bytes = config_.memory_bytes;
    if (options_.again) former_ = read_record(directory_.path());
    record_.created = former_ ? former_->created : host_realtime_seconds();
    record_.restart_policy = restart_name(config_.lifecycle.restart);
    record("starting");
    if (!options_.again) log_event(base_, record_.name, "created", {{"image", config_.image}});
    return {};
}

Result<> Supervisor::start_worker() {
    last_words_.reset();
    started_ns_ = now_ns();
    TRY(worker_, WorkerProcess::start(config_, directory_,
                                      {.piped = options_.detached,
                                       .preserve_crashed = config_.lifecycle.on_crash == OnCrash::preserve,
                                       .signals = interrupts_->mask_before(),
                                       .services = options_.services}));
    if (console_) CHECK(console_->attach(*worker_));
    CHECK(loop_->watch(worker_->notices(), EPOLLIN, [this](std::uint32_t events) {
        if ((events & EPOLLIN) != 0) return take_notices();
        // A pipe that is closed is always readable.
        loop_->unwatch(worker_->notices());
    }));
    return loop_->watch(worker_->death(), EPOLLIN, [this](std::uint32_t) { worker_died(); });
}

void Supervisor::take_notices() {
    Notice notice{};
    while (worker_ && read(worker_->notices(), &notice, sizeof notice) == sizeof notice) {
        notice.text[sizeof notice.text - 1] = '\0';
        on_notice(notice);
    }
}

void Supervisor::on_notice(const Notice& notice) {
    if (notice.kind == Notice::Kind::ended)
        last_words_ = notice;
    else if (notice.kind == Notice::Kind::started)
        on_started(notice.text);
    else if (NoticeEvent event = event_of(notice); event.by_guest)
        events_.log(now_ns(), event.event, std::move(event.fields));
    else
        log_event(base_, record_.name, event.event, event.fields);
    if (notice.kind == Notice::Kind::ready) {
        // What hv says about it (ports) was said before.
        if (console_) console_->relay_messages();
        tell_starter(0);
    }
    if (notice.kind == Notice::Kind::crashed) add_console_to_crash_report();
}

void Supervisor::on_started(const char* accelerator) {
    record_.accelerator = accelerator;
    record_.started = host_realtime_seconds();
    record_.exit_code.reset();
    record("running");
    EventFields fields{{"accelerator", accelerator}, {"restarts", fmt::format("{}", record_.restarts)}};
    if (!asked_.reboot.empty()) fields.emplace_back("reboot", std::exchange(asked_.reboot, {}));
    events_.log(now_ns(), std::exchange(started_once_, true) ? "restarted" : "started", std::move(fields));
    if (starter_ && start_timer_ == 0)
        start_timer_ = loop_->after(start_limit_ns, [this] {
            start_timer_ = 0;
            tell_starter(0);
        });
    if (!starter_) give_back_start_up_memory();
}

void Supervisor::worker_died() {
    take_notices();
    if (console_) console_->detach();
    const WorkerProcess::End death = worker_->reap();
    forget_worker();
    Outcome outcome = outcome_of(last_words_, death);
    if (outcome.killed) policy_.forbid();
    if (reboot_is_wanted()) {
        outcome.ending = {.kind = MachineEnding::Kind::reboot, .exit_code = death.exit_code, .asked = true};
        if (asked_.reboot == step_restart) outcome.reason = "restarted from outside";
    } else {
        asked_.reboot.clear();
    }
    if (asked_.stop == step_kill) outcome.reason = "killed from outside";
    // A machine that cannot be started is reported to the starter, and leaves nothing new.
    const bool failed_to_start = !started_once_;
    const auto delay = failed_to_start ? std::nullopt : policy_.after(outcome.ending, now_ns() - started_ns_);
    EventFields fields{{"exit_code", fmt::format("{}", death.exit_code)}, {"reason", outcome.reason}};
    if (!delay && !asked_.stop.empty()) fields.emplace_back("stop", asked_.stop);
    if (delay)
        events_.log(now_ns(), "ended", std::move(fields));
    else
        events_.log_last("ended", std::move(fields));
    record_.exit_code = death.exit_code;
    if (delay) return start_again(*delay);
    if (!failed_to_start) return finish(death.exit_code, std::move(outcome.reason));
    exit_code_ = death.exit_code;
    if (options_.again)
        end_as_before();
    else
        directory_.end(exit_code_, false);
    tell_starter(exit_code_);
    loop_->stop();
}

void Supervisor::end_as_before() {
    release_sockets();
    if (former_) write_record(*former_);
    directory_.end_as_before();
}

void Supervisor::forget_worker() {
    for (const int file : {worker_->notices(), worker_->death()}) loop_->unwatch(file);
    worker_.reset();
}

void Supervisor::start_again(std::uint64_t delay_ns) {
    ++record_.restarts;
    record("restarting");
    static_cast<void>(loop_->after(delay_ns, [this, life = record_.restarts] {
        // Somebody may have asked for it before its time.
        if (!worker_ && record_.restarts == life && record_.state == "restarting") start_now();
    }));
}

void Supervisor::start_now() {
    if (const auto started = start_worker(); !started)
        finish(static_cast<int>(started.error().kind), started.error().message);
}

void Supervisor::add_console_to_crash_report() {
    if (!console_) return;
    console_->relay_output();
    constexpr std::uint64_t limit = 8192, lines = 25;
    std::string report = read_log_tail(directory_.path_of(crash_report_file), limit * 4);
    // The worker's own words, of which the report is one, stand among them.
    std::string tail = console_->tail(limit + report.size());
    if (const std::size_t at = tail.rfind(report); at != std::string::npos && !report.empty())
        tail.erase(at, report.size());
    report += "\nThe console's last lines:\n";
    report += printable_lines(last_lines(tail, lines));
    static_cast<void>(directory_.write(crash_report_file, report));
}

void Supervisor::finish(int exit_code, std::string reason) {
    record_end(exit_code, std::move(reason));
    release_sockets();
    // Only a detached machine is kept: who waits for another one has seen its end.
    const bool kept = options_.detached && !config_.lifecycle.remove;
    if (kept) keep_config();
    directory_.end(exit_code, kept);
    tell_starter(0);
    loop_->stop();
}

void Supervisor::release_sockets() {
    // Those who listen hear the last words before they hear of the end.
    console_.reset();
    for (const char* socket : {console_socket, supervisor_socket, api_socket, agent_socket})
        unlink(directory_.path_of(socket).c_str());
}

void Supervisor::record_end(int exit_code, std::string reason) {
    exit_code_ = exit_code;
    record_.ended = host_realtime_seconds();
    record_.exit_code = exit_code;
    record_.reason = std::move(reason);
    record_.stop = asked_.stop;
    record("ended");
}

/// hv start takes the configuration from there, so it is not to be what the worker wrote: a guest may have taken that
/// over.
void Supervisor::keep_config() {
    MachineConfig config = config_;
    make_paths_absolute(config);
    if (!directory_.write(config_file, firecracker_config_text(config)))
        unlink(directory_.path_of(config_file).c_str());
}

void Supervisor::record(const char* state) {
    record_.state = state;
    record_.state_since = host_realtime_seconds();
    write_record(record_);
}

void Supervisor::write_record(const MachineRecord& record) const {
    // A disk that is full: the machine goes on without.
    static_cast<void>(directory_.write(record_file, record_text(record)));
}

void Supervisor::tell_starter(int exit_code) {
    if (start_timer_ != 0) loop_->cancel(std::exchange(start_timer_, 0));
    if (!starter_) return;
    const std::int32_t code = exit_code;
    static_cast<void>(send(starter_.get(), &code, sizeof code, MSG_NOSIGNAL));
    starter_ = FileDescriptor();
    if (console_) console_->echo_messages(false);
    if (log_) log_->flush();
    log_.reset();
    // Who collects the starter's output waits until nobody has it open.
    dup2(STDIN_FILENO, STDERR_FILENO);
    give_back_start_up_memory();
}

}  // namespace hv
