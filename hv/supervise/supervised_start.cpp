// SPDX-License-Identifier: Apache-2.0
// A supervisor in a process of its own, or in this one.
#include "hv/supervise/supervised_start.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "hv/core/log.h"
#include "hv/machine/firecracker_config.h"
#include "hv/machine/machine_files.h"
#include "hv/machine/machine_life.h"

namespace hv {

namespace {

/// A machine that has its name and its directory.
struct Place {
    std::string base;
    RunDirectory directory;
    MachineConfig config;

    static Result<Place> take(const MachineConfig& config) {
        TRY(const RunBase base, RunBase::prepare(config.run_directory));
        TRY(RunDirectory directory, RunDirectory::create_for(base, config.name, config.image));
        MachineConfig named = config;
        named.name_is_generated = config.name.empty();
        named.name = directory.name();
        return Place{base.path(), std::move(directory), std::move(named)};
    }

    static Result<Place> take_again(const RunBase& base, const std::string& name) {
        MachineConfig config;
        // Before the directory is taken: a configuration that cannot be read costs nothing.
        if (machine_life(base, name) == MachineLife::ended) {
            std::vector<std::string> warnings;
            CHECK(read_firecracker_config(base.path_of(name) + "/" + config_file, config, warnings));
            CHECK(complete_config(config));
        }
        TRY(RunDirectory directory, RunDirectory::reopen(base, name));
        config.name = name;
        config.run_directory = base.path();
        return Place{base.path(), std::move(directory), std::move(config)};
    }
};

/// In the new process.
[[noreturn]] void supervise(Place place, const SuperviseOptions& options, FileDescriptor starter) {
    // Away from the terminal and its signals. Standard error stays until the machine is started.
    setsid();
    const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    close(nothing);
    int code = 0;
    {
        Supervisor supervisor(place.config, options, std::move(place.directory), place.base, std::move(starter));
        if (const auto result = supervisor.run(); !result) {
            log_line(result.error().message);
            code = static_cast<int>(result.error().kind);
            supervisor.tell_starter(code);
        }
    }
    _exit(code);
}

/// The supervisor's result of the start: 0, or an exit code.
Result<int> wait_for_start(const FileDescriptor& supervisor, const std::string& name) {
    std::int32_t code = 0;
    ssize_t size = 0;
    do size = recv(supervisor.get(), &code, sizeof code, 0);
    while (size < 0 && errno == EINTR);
    if (size != static_cast<ssize_t>(sizeof code))
        return fail(ErrorKind::internal, fmt::format("machine '{}': its supervisor died", name));
    return code;
}

/// Returns when the machine is started, and leaves it to its supervisor.
Result<> leave_running(Place& place, const SuperviseOptions& options) {
    const auto cannot = [&](ErrorKind kind, const char* call) {
        const std::string why = fmt::format("{}: {}", call, std::strerror(errno));
        if (options.again) place.directory.end_as_before();
        return fail(kind, why);
    };
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return cannot(ErrorKind::internal, "socketpair");
    const FileDescriptor ours(pair[0]);
    FileDescriptor theirs(pair[1]);
    const pid_t child = fork();
    if (child < 0) return cannot(ErrorKind::no_memory, "cannot start a supervisor (ulimit -u): fork");
    if (child == 0) supervise(std::move(place), options, std::move(theirs));
    place.directory.leave_to_other_process();
    theirs = FileDescriptor();
    TRY(const int code, wait_for_start(ours, place.config.name));
    if (code != 0) return fail(static_cast<ErrorKind>(code), {});
    return {};
}

}  // namespace

Result<std::string> start_detached(const MachineConfig& config, const SuperviseOptions& options) {
    // Not the machine's, which would hold its caller's pipes open, and have larger tables of descriptors for them.
    close_range(STDERR_FILENO + 1, ~0U, 0);
    TRY(Place place, Place::take(config));
    CHECK(leave_running(place, options));
    return place.config.name;
}

Result<> start_again(const RunBase& base, const std::string& name, const SuperviseOptions& options) {
    TRY(Place place, Place::take_again(base, name));
    return leave_running(place, options);
}

Result<int> run_supervised(const MachineConfig& config, const SuperviseOptions& options) {
    TRY(Place place, Place::take(config));
    return Supervisor(place.config, options, std::move(place.directory), place.base, FileDescriptor()).run();
}

}  // namespace hv
