// SPDX-License-Identifier: Apache-2.0
// Opening an output anew, or having a process wait for it.
#include "hv/core/nonblocking_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace hv {

namespace {

constexpr int process_limit_ms = 1000;

/// The process: from standard input to standard output, until either end is closed. Nothing of hv's stays open in it.
[[noreturn]] void copy(int from, int to) {
    dup2(from, STDIN_FILENO);
    dup2(to, STDOUT_FILENO);
    syscall(SYS_close_range, STDERR_FILENO, ~0U, 0);
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t size = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (size <= 0) _exit(0);
        for (ssize_t done = 0; done < size;) {
            const ssize_t written = ::write(STDOUT_FILENO, buffer.data() + done, static_cast<std::size_t>(size - done));
            if (written <= 0) _exit(0);
            done += written;
        }
    }
}

}  // namespace

NonblockingOutput::NonblockingOutput(int fd, How how) : fd_(fd) {
    struct stat about {};
    if (fstat(fd, &about) != 0 || (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0) return;
    socket_ = S_ISSOCK(about.st_mode);
    if (!S_ISFIFO(about.st_mode) && (!S_ISCHR(about.st_mode) || isatty(fd) == 0)) return;
    if (how == How::any) open_anew();
    if (!own_) start_process();
}

void NonblockingOutput::open_anew() {
    const std::string path = "/proc/self/fd/" + std::to_string(fd_);
    own_ = FileDescriptor(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

void NonblockingOutput::start_process() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    const FileDescriptor read_end(ends[0]);
    FileDescriptor write_end(ends[1]);
    // Ctrl-C goes to all processes of a terminal's group: it is hv that decides what follows.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t hv = getpid();
    const pid_t process = fork();
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == hv) copy(read_end.get(), fd_);
        _exit(0);
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    if (process < 0) return;
    process_ = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
    own_ = std::move(write_end);
    fcntl(own_.get(), F_SETFL, O_NONBLOCK);
}

NonblockingOutput::~NonblockingOutput() {
    if (!process_) return;
    // Its end of input.
    close(own_.release());
    pollfd poller{.fd = process_.get(), .events = POLLIN, .revents = 0};
    poll(&poller, 1, process_limit_ms);
    // One that still waits for its reader goes with hv.
    siginfo_t end{};
    waitid(P_PIDFD, static_cast<id_t>(process_.get()), &end, WEXITED | WNOHANG);
}

ssize_t NonblockingOutput::write(std::string_view text) const {
    return socket_ ? send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                   : ::write(fd(), text.data(), text.size());
}

}  // namespace hv
