// SPDX-License-Identifier: Apache-2.0
// Starting and ending the hv of a supervised machine.
#include "hv/supervise/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <x86intrin.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "hv/core/log.h"
#include "hv/machine/machine.h"

namespace hv {

namespace {

struct Pipe {
    FileDescriptor read_end, write_end;
};

Result<Pipe> make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::internal, fmt::format("pipe: {}", std::strerror(errno)));
    return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

/// The worker does not inherit the supervisor's descriptors: its loop, its sockets, the ends of other pipes.
void close_all_but(std::array<int, 2> kept) {
    std::ranges::sort(kept);
    unsigned first = STDERR_FILENO + 1;
    for (const int file : kept) {
        if (static_cast<unsigned>(file) > first) syscall(SYS_close_range, first, file - 1, 0);
        first = static_cast<unsigned>(file) + 1;
    }
    syscall(SYS_close_range, first, ~0U, 0);
}

/// The child: a machine as any other, but for who listens.
[[noreturn]] void run_worker(const MachineConfig& config, const RunDirectory& directory, int notices,
                             const WorkerProcess::Options& options) {
    close_all_but({directory.lock(), notices});
    sigprocmask(SIG_SETMASK, &options.signals, nullptr);
    const auto tell = [notices](const std::string&, const Notice& notice) {
        // A supervisor that is gone takes this process with it.
        [[maybe_unused]] const ssize_t written = write(notices, &notice, sizeof notice);
    };
    auto code =
        run_machine(config, __rdtsc(), options.services, Supervised{&directory, tell, options.preserve_crashed});
    if (!code) log_line(code.error().message);
    std::fflush(nullptr);
    _exit(code ? *code : static_cast<int>(code.error().kind));
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const MachineConfig& config, const RunDirectory& directory,
                                                            const Options& options) {
    Pipe output, messages, input;
    if (options.piped) {
        TRY(output, make_pipe());
        TRY(messages, make_pipe());
        TRY(input, make_pipe());
    }
    TRY(Pipe notices, make_pipe());
    std::unique_ptr<WorkerProcess> worker(new WorkerProcess);
    const pid_t supervisor = getpid();
    std::fflush(nullptr);
    worker->pid_ = fork();
    if (worker->pid_ < 0)
        return fail(ErrorKind::no_memory,
                    fmt::format("cannot start the machine's hv: fork: {} (ulimit -u)", std::strerror(errno)));
    if (worker->pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        // It may have died before that.
        if (getppid() != supervisor) _exit(static_cast<int>(ErrorKind::killed));
        if (options.piped) {
            dup2(input.read_end.get(), STDIN_FILENO);
            dup2(output.write_end.get(), STDOUT_FILENO);
            dup2(messages.write_end.get(), STDERR_FILENO);
        }
        // That of the supervisor.
        set_log_sink({});
        run_worker(config, directory, notices.write_end.get(), options);
    }
    worker->pidfd_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, worker->pid_, 0)));
    if (!worker->pidfd_) return fail(ErrorKind::host_lacks, fmt::format("pidfd_open: {}", std::strerror(errno)));
    worker->output_ = std::move(output.read_end);
    worker->messages_ = std::move(messages.read_end);
    worker->input_ = std::move(input.write_end);
    worker->notices_ = std::move(notices.read_end);
    for (const int file :
         {worker->output_.get(), worker->messages_.get(), worker->notices_.get(), worker->input_.get()})
        if (file >= 0) fcntl(file, F_SETFL, O_NONBLOCK);
    return worker;
}

WorkerProcess::~WorkerProcess() {
    if (pid_ <= 0) return;
    kill();
    reap();
}

void WorkerProcess::kill() const {
    if (!reaped_) ::kill(pid_, SIGKILL);
}

WorkerProcess::End WorkerProcess::reap() {
    if (reaped_) return end_;
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
    if (WIFSIGNALED(status)) {
        end_.signal = WTERMSIG(status);
        end_.exit_code = static_cast<int>(end_.signal == SIGKILL ? ErrorKind::killed : ErrorKind::internal);
    } else {
        end_.exit_code = WEXITSTATUS(status);
    }
    return end_;
}

}  // namespace hv
