// SPDX-License-Identifier: Apache-2.0
// The supervisor's life: one machine, several lives of its hv.
#include "hv/supervise/supervisor.h"

#include <fmt/format.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "hv/api/http_server.h"
#include "hv/core/clock_pair.h"
#include "hv/core/footprint.h"
#include "hv/core/log.h"
#include "hv/machine/interrupts.h"
#include "hv/machine/machine.h"
#include "hv/machine/notice.h"
#include "hv/supervise/console_hub.h"
#include "hv/supervise/event_log.h"
#include "hv/supervise/machine_record.h"
#include "hv/supervise/worker_process.h"

namespace hv {

namespace {

/// A program that runs but does not say that it is ready is taken as started after this time.
constexpr std::uint64_t start_limit_ns = 1'000'000'000;

std::uint64_t now_ns() { return sample_clock_pair().ns; }

class Supervisor {
public:
    Supervisor(const MachineConfig& config, const DetachOptions& options, RunDirectory directory, std::string base,
               FileDescriptor starter)
        : config_(config),
          options_(options),
          base_(std::move(base)),
          directory_(std::move(directory)),
          policy_(options.restart, options.on_crash),
          starter_(std::move(starter)) {}

    /// Until the machine is over.
    Result<> run();
    /// To the process that waits for the start; the first call counts.
    void tell_starter(int exit_code);

private:
    Result<> prepare();
    Result<> start_worker();
    void relay_console(std::uint64_t most);
    void relay_messages();
    void take_notices();
    void on_notice(const Notice& notice);
    void worker_died();
    void forget_worker();
    void start_again(std::uint64_t delay_ns);
    void finish(int exit_code, std::string reason);
    void add_console_to_crash_report();
    void record(const char* state);
    HttpResponse answer(const HttpRequest& request);

    const MachineConfig& config_;
    const DetachOptions& options_;
    std::string base_;
    RunDirectory directory_;
    RestartPolicy policy_;
    FileDescriptor starter_;
    MachineRecord record_;

    std::unique_ptr<EventLoop> loop_;
    std::unique_ptr<Interrupts> interrupts_;
    std::optional<BoundedLog> log_;
    std::unique_ptr<ConsoleHub> hub_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<WorkerProcess> worker_;
    std::optional<Notice> end_;  ///< of the worker's machine, as far as it could tell
    bool started_once_ = false;
    bool restart_wanted_ = false;
    std::uint64_t started_ns_ = 0;
    std::uint64_t start_timer_ = 0;  ///< 0 = none
};

Result<> Supervisor::run() {
    CHECK(prepare());
    CHECK(start_worker());
    loop_->run();
    return {};
}

Result<> Supervisor::prepare() {
    TRY(loop_, EventLoop::create());
    TRY(interrupts_, Interrupts::create(*loop_, [this] {
            policy_.forbid();
            if (worker_)
                worker_->kill();
            else
                finish(static_cast<int>(ErrorKind::killed), "killed");
        }));
    TRY(BoundedLog log, BoundedLog::open(directory_.path() + "/" + console_log));
    log_.emplace(std::move(log));
    // Of a machine that died under this name.
    for (const char* socket : {console_socket, supervisor_socket}) unlink((directory_.path() + "/" + socket).c_str());
    TRY(hub_, ConsoleHub::create(*loop_, *log_, directory_.path() + "/" + console_socket));
    TRY(server_, HttpServer::create(*loop_, directory_.path() + "/" + supervisor_socket,
                                    [this](const HttpRequest& request) { return answer(request); }));
    record_.name = directory_.name();
    record_.image = config_.image;
    record_.memory_bytes = config_.memory_bytes;
    record_.created = wall_clock_seconds();
    record_.restart_policy = options_.restart_text;
    record("starting");
    log_event(base_, record_.name, "created", {{"image", config_.image}});
    return {};
}

Result<> Supervisor::start_worker() {
    end_.reset();
    restart_wanted_ = false;
    started_ns_ = now_ns();
    TRY(worker_, WorkerProcess::start(config_, directory_, options_.on_crash == OnCrash::preserve,
                                         interrupts_->mask_before()));
    hub_->set_guest_input(worker_->console_input());
    CHECK(loop_->watch(worker_->console_output(), EPOLLIN, [this](std::uint32_t events) {
        if ((events & EPOLLIN) != 0) return relay_console(BoundedLog::default_file_limit);
        // A pipe that is closed is always readable.
        loop_->unwatch(worker_->console_output());
    }));
    CHECK(loop_->watch(worker_->messages(), EPOLLIN, [this](std::uint32_t events) {
        if ((events & EPOLLIN) != 0) return relay_messages();
        loop_->unwatch(worker_->messages());
    }));
    CHECK(loop_->watch(worker_->notices(), EPOLLIN, [this](std::uint32_t events) {
        if ((events & EPOLLIN) != 0) return take_notices();
        loop_->unwatch(worker_->notices());
    }));
    CHECK(loop_->watch(worker_->death(), EPOLLIN, [this](std::uint32_t) { worker_died(); }));
    return {};
}

void Supervisor::relay_console(std::uint64_t most) {
    std::array<char, 16384> buffer;
    // Bounded: a guest that writes without end does not keep the loop from its other work.
    for (std::uint64_t taken = 0; taken < most;) {
        const ssize_t size = read(worker_->console_output(), buffer.data(), buffer.size());
        if (size <= 0) return;
        taken += static_cast<std::uint64_t>(size);
        hub_->write({buffer.data(), static_cast<std::size_t>(size)});
    }
}

void Supervisor::relay_messages() {
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t size = read(worker_->messages(), buffer.data(), buffer.size());
        if (size <= 0) return;
        const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
        if (starter_) log_text(text);
        hub_->write(text);
    }
}

void Supervisor::take_notices() {
    Notice notice{};
    while (worker_ && read(worker_->notices(), &notice, sizeof notice) == sizeof notice) {
        notice.text[sizeof notice.text - 1] = '\0';
        on_notice(notice);
    }
}

void Supervisor::on_notice(const Notice& notice) {
    switch (notice.kind) {
        case Notice::Kind::started:
            record_.accelerator = notice.text;
            record_.started = wall_clock_seconds();
            record("running");
            log_event(base_, record_.name, started_once_ ? "restarted" : "started",
                      {{"accelerator", record_.accelerator}, {"restarts", fmt::format("{}", record_.restarts)}});
            started_once_ = true;
            if (starter_) start_timer_ = loop_->after(start_limit_ns, [this] {
                start_timer_ = 0;
                tell_starter(0);
            });
            break;
        case Notice::Kind::ready:
            log_event(base_, record_.name, "ready");
            // What hv says about it (ports) was said before.
            relay_messages();
            tell_starter(0);
            break;
        case Notice::Kind::paused: log_event(base_, record_.name, "paused"); break;
        case Notice::Kind::resumed: log_event(base_, record_.name, "resumed"); break;
        case Notice::Kind::shutdown_asked: log_event(base_, record_.name, "shutdown-asked"); break;
        case Notice::Kind::reboot_asked: log_event(base_, record_.name, "reboot-asked"); break;
        case Notice::Kind::crashed:
            log_event(base_, record_.name, "crashed", {{"reason", notice.text}});
            relay_console(BoundedLog::default_file_limit);
            add_console_to_crash_report();
            break;
        case Notice::Kind::ended: end_ = notice; break;
    }
}

void Supervisor::worker_died() {
    take_notices();
    relay_console(~0ULL);
    relay_messages();
    const WorkerProcess::End death = worker_->reap();
    forget_worker();
    std::string reason;
    MachineEnding ending{.kind = MachineEnding::Kind::failed, .exit_code = death.exit_code};
    if (restart_wanted_) {
        ending.kind = MachineEnding::Kind::reboot;
        reason = "restarted from outside";
    } else if (end_ && death.signal == 0) {
        reason = end_->text;
        switch (end_->end) {
            case GuestEnd::Kind::shut_down:
                ending.kind = MachineEnding::Kind::shut_down;
                reason = "the guest shut down";
                break;
            case GuestEnd::Kind::reboot:
                ending.kind = MachineEnding::Kind::reboot;
                reason = "the guest rebooted";
                break;
            case GuestEnd::Kind::crashed: ending.kind = MachineEnding::Kind::crashed; break;
            // Somebody asked for it: it is not to come back.
            case GuestEnd::Kind::killed: policy_.forbid(); break;
        }
    } else if (death.signal != 0) {
        reason = fmt::format("its hv was ended by signal {}", death.signal);
    } else {
        reason = "it could not be started";
    }
    // What cannot be started at all is reported, and nothing of it stays.
    const bool failed_to_start = !started_once_;
    const auto delay = failed_to_start ? std::nullopt : policy_.after(ending, now_ns() - started_ns_);
    log_event(base_, record_.name, "ended", {{"exit_code", fmt::format("{}", death.exit_code)}, {"reason", reason}});
    if (delay) return start_again(*delay);
    if (failed_to_start) {
        directory_.end(death.exit_code, false);
        tell_starter(death.exit_code);
        return loop_->stop();
    }
    finish(death.exit_code, std::move(reason));
}

void Supervisor::forget_worker() {
    hub_->set_guest_input(-1);
    for (const int file : {worker_->console_output(), worker_->messages(), worker_->notices(), worker_->death()})
        loop_->unwatch(file);
    worker_.reset();
}

void Supervisor::start_again(std::uint64_t delay_ns) {
    ++record_.restarts;
    record("restarting");
    const auto timer = loop_->after(delay_ns, [this] {
        if (worker_) return;
        const auto started = start_worker();
        if (!started) finish(static_cast<int>(started.error().kind), started.error().message);
    });
    static_cast<void>(timer);
}

void Supervisor::add_console_to_crash_report() {
    constexpr std::uint64_t limit = 8192, lines = 25;
    const std::string tail = log_->tail(limit);
    const std::string path = directory_.path() + "/" + crash_report_file;
    std::string report = read_log_tail(path, limit * 4);
    report += "\nThe console's last lines:\n";
    report += last_lines(tail, lines);
    static_cast<void>(directory_.write(crash_report_file, report));
}

void Supervisor::finish(int exit_code, std::string reason) {
    record_.ended = wall_clock_seconds();
    record_.exit_code = exit_code;
    record_.reason = std::move(reason);
    record("ended");
    // Those who listen hear the last words before they hear of the end.
    hub_.reset();
    for (const char* socket : {console_socket, supervisor_socket, "api.sock", "agent.sock"})
        unlink((directory_.path() + "/" + socket).c_str());
    directory_.end(exit_code, !options_.remove);
    tell_starter(0);
    loop_->stop();
}

void Supervisor::record(const char* state) {
    record_.state = state;
    // A disk that is full: the machine goes on without.
    static_cast<void>(directory_.write(record_file, record_text(record_)));
}

void Supervisor::tell_starter(int exit_code) {
    if (start_timer_ != 0) loop_->cancel(std::exchange(start_timer_, 0));
    if (!starter_) return;
    const std::int32_t code = exit_code;
    static_cast<void>(send(starter_.get(), &code, sizeof code, MSG_NOSIGNAL));
    starter_ = FileDescriptor();
    // Who collects the starter's output waits until nobody has it open.
    dup2(STDIN_FILENO, STDERR_FILENO);
    give_back_start_up_memory();
}

HttpResponse Supervisor::answer(const HttpRequest& request) {
    if (request.method != "PUT") return http_fault(405, fmt::format("{}: takes PUT", request.path));
    if (request.path == "/stop" || request.path == "/kill") {
        policy_.forbid();
        if (worker_ && request.path == "/kill") worker_->kill();
        // It waits for its next start: that does not come. Later, so that this answer is sent.
        if (!worker_) loop_->after(0, [this] {
            if (!worker_) finish(record_.exit_code.value_or(0), "stopped between two starts");
        });
        return {204, {}};
    }
    if (request.path == "/restart") {
        if (!worker_) return {204, {}};
        restart_wanted_ = true;
        worker_->kill();
        return {204, {}};
    }
    return http_fault(404, fmt::format("{}: no such path", request.path));
}

/// In the new process.
[[noreturn]] void supervise(const MachineConfig& config, const DetachOptions& options, RunDirectory directory,
                            std::string base, FileDescriptor starter) {
    // Away from the terminal and its signals. Standard error stays until the machine is started.
    setsid();
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    close(nothing);
    int code = 0;
    {
        Supervisor supervisor(config, options, std::move(directory), std::move(base), std::move(starter));
        if (const auto result = supervisor.run(); !result) {
            log_line(result.error().message);
            code = static_cast<int>(result.error().kind);
            supervisor.tell_starter(code);
        }
    }
    _exit(code);
}

}  // namespace

Result<std::string> start_detached(const MachineConfig& config, const DetachOptions& options) {
    const std::string base = config.run_directory.empty() ? default_run_base() : config.run_directory;
    CHECK(prepare_run_base(base));
    TRY(RunDirectory directory, RunDirectory::create_for(base, config.name, config.image));
    MachineConfig named = config;
    named.name = directory.name();
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(ErrorKind::internal, fmt::format("socketpair: {}", std::strerror(errno)));
    const FileDescriptor ours(pair[0]);
    FileDescriptor theirs(pair[1]);
    const pid_t child = fork();
    if (child < 0) return fail(ErrorKind::no_memory, fmt::format("fork: {}", std::strerror(errno)));
    if (child == 0) supervise(named, options, std::move(directory), base, std::move(theirs));
    directory.leave_to_other_process();
    theirs = FileDescriptor();
    std::int32_t code = 0;
    ssize_t size = 0;
    do size = recv(ours.get(), &code, sizeof code, 0);
    while (size < 0 && errno == EINTR);
    if (size != static_cast<ssize_t>(sizeof code))
        return fail(ErrorKind::internal, fmt::format("machine '{}': its supervisor died", named.name));
    if (code != 0) return fail(static_cast<ErrorKind>(code), {});
    return named.name;
}

}  // namespace hv
