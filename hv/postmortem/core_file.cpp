// SPDX-License-Identifier: Apache-2.0
// The file of a core dump.
#include "hv/postmortem/core_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "hv/core/errno_kind.h"

namespace hv {

namespace {

constexpr int answer_limit_ms = 10'000;

struct Names {
    int directory;
    std::string temporary;  ///< names within the directory
    std::string final;
};

std::unexpected<Error> cannot(const std::string& path, const std::string& what, int error) {
    return fail(errno_kind(error), fmt::format("--core '{}': {}: {}", path, what, std::strerror(error)));
}

/// The process that waits for hv's order, or for hv's end.
[[noreturn]] void name_or_remove(const Names& names, int socket) {
    // Close hv's descriptors, so that files and the lock of the machine's directory are free when hv ends. Leave the
    // signals of the terminal's keys to hv.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, nullptr);
    dup2(names.directory, STDIN_FILENO);
    dup2(socket, STDOUT_FILENO);
    syscall(SYS_close_range, STDERR_FILENO, ~0U, 0);
    prctl(PR_SET_NAME, "tenon-core");
    char order = 0;
    if (recv(STDOUT_FILENO, &order, sizeof order, 0) == sizeof order) {
        const int failed =
            renameat(STDIN_FILENO, names.temporary.c_str(), STDIN_FILENO, names.final.c_str()) == 0 ? 0 : errno;
        send(STDOUT_FILENO, &failed, sizeof failed, MSG_NOSIGNAL);
        if (failed == 0) _exit(0);
    }
    unlinkat(STDIN_FILENO, names.temporary.c_str(), 0);
    _exit(0);
}

}  // namespace

Result<std::unique_ptr<CoreFile>> CoreFile::create(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory_path = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const FileDescriptor directory(open(directory_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return cannot(path, "its directory", errno);
    std::string name = path.substr(slash == std::string::npos ? 0 : slash + 1);
    struct stat about {};
    const bool is_there = !name.empty() && stat(path.c_str(), &about) == 0;
    if (name.empty() || (is_there && !S_ISREG(about.st_mode)))
        return fail(ErrorKind::usage, fmt::format("--core '{}': not the name of a file", path));

    std::unique_ptr<CoreFile> self(new CoreFile(path));
    std::string temporary = path + ".XXXXXX";
    self->file_ = FileDescriptor(mkostemp(temporary.data(), O_CLOEXEC));
    if (!self->file_) return cannot(path, "cannot be made", errno);
    const Names names{directory.get(), temporary.substr(slash == std::string::npos ? 0 : slash + 1), std::move(name)};
    // Without this, exceeding a limit on file sizes would kill hv instead of failing the write.
    signal(SIGXFSZ, SIG_IGN);

    int pair[2] = {-1, -1};
    const int made = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    self->namer_ = FileDescriptor(pair[0]);
    const FileDescriptor far_end(pair[1]);
    std::fflush(nullptr);
    const pid_t child = made == 0 ? fork() : -1;
    if (child == 0) name_or_remove(names, far_end.get());
    if (child < 0) {
        const int error = errno;
        unlink(temporary.c_str());
        return cannot(path, "a process for its name", error);
    }
    self->process_ = child;
    return self;
}

CoreFile::~CoreFile() {
    namer_ = FileDescriptor();
    while (process_ > 0 && waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<> CoreFile::publish() {
    constexpr char order = 'n';
    int failed = EPIPE;
    pollfd answer{.fd = namer_.get(), .events = POLLIN, .revents = 0};
    if (send(namer_.get(), &order, sizeof order, MSG_NOSIGNAL) != sizeof order ||
        poll(&answer, 1, answer_limit_ms) != 1 || recv(namer_.get(), &failed, sizeof failed, 0) != sizeof failed)
        failed = EPIPE;
    if (failed != 0) return fail(ErrorKind::internal, std::strerror(failed));
    return {};
}

}  // namespace hv
