// SPDX-License-Identifier: Apache-2.0
// Shutdown event, agent, kill: each with its time.
#include "hv/supervise/stop.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hv/core/deadline.h"
#include "hv/core/unix_socket.h"
#include "hv/machine/machine_files.h"
#include "hv/supervise/event_log.h"
#include "hv/supervise/supervisor_requests.h"
#include "hv/supervise/target.h"

namespace hv {

namespace {

constexpr int request_limit_ms = 1000;
constexpr int kill_limit_ms = 5000;

/// True: all are gone.
bool wait_for_all(std::vector<Target>& targets, int limit_ms) {
    const Deadline deadline{std::chrono::milliseconds(limit_ms)};
    bool all = true;
    for (Target& target : targets) {
        if (!target.done) target.done = target.end.wait(deadline.left_ms());
        all = all && target.done;
    }
    return all;
}

/// The process that listens at `path` is sent SIGKILL: the last resort for one that does not answer. A pidfd is opened
/// while the connection shows that the process is there, so that no other one gets the signal.
void kill_listener(const std::string& path) {
    const auto socket = connect_to_unix_socket(path);
    if (!socket) return;
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0) return;
    const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, peer.pid, 0)));
    // The socket still has a listener, so the process number has not been reused.
    if (process && connect_to_unix_socket(path)) syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

/// The same where a hung hv's queue of connections is full. Without a supervisor it is the process that holds the lock:
/// its number is not another one's as long as the lock is held.
void kill_owner(const Target& target) {
    if (access((target.directory + "/" + supervisor_socket).c_str(), F_OK) == 0) return;
    const pid_t owner = target.end.owner();
    const FileDescriptor process(owner > 0 ? static_cast<int>(syscall(SYS_pidfd_open, owner, 0)) : -1);
    if (process && target.end.owner() == owner) syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

/// `told`: to the machine's supervisor, which notes at which step the machine goes. False: it has none, and this is
/// noted here.
bool was_told(const Target& target, const Result<>& told, const char* step) {
    if (told || told.error().kind != ErrorKind::not_found) return true;
    log_event(target.base, target.name, "stop-asked", {{"step", step}});
    return false;
}

Result<> kill_target(Target& target) {
    if (!was_told(target, tell_kill(target.directory), step_kill)) static_cast<void>(target.ask_guest("Kill"));
    if (target.end.wait(request_limit_ms)) return {};
    for (const char* socket : {supervisor_socket, api_socket}) kill_listener(target.directory + "/" + socket);
    if (target.end.wait(request_limit_ms)) return {};
    kill_owner(target);
    if (target.end.wait(kill_limit_ms)) return {};
    return fail(ErrorKind::killed, fmt::format("machine '{}': it does not end", target.name));
}

/// A machine that does not answer is killed when the time is over.
void ask_guest_to_shut_down(const Target& target) {
    // First that it does not come back, then that it goes.
    was_told(target, tell_stop(target.directory, step_event), step_event);
    static_cast<void>(target.ask_guest("SendCtrlAltDel"));
}

bool ask_agent_to_shut_down(Target& target) {
    if (!target.has_agent()) return false;
    was_told(target, tell_stop(target.directory, step_agent), step_agent);
    return target.ask_agent("powerdown");
}

}  // namespace

Result<> stop_machines(const RunBase& base, const std::vector<std::string>& names, int limit_ms) {
    Errors errors;
    std::vector<Target> targets = find_targets(base, names, errors);
    for (const Target& target : targets) ask_guest_to_shut_down(target);
    if (!wait_for_all(targets, limit_ms)) {
        bool agents = false;
        for (Target& target : targets)
            if (!target.done && ask_agent_to_shut_down(target)) agents = true;
        if (agents) wait_for_all(targets, limit_ms);
    }
    for (Target& target : targets) {
        if (target.done) continue;
        if (auto killed = kill_target(target); !killed) errors.add(std::move(killed).error());
    }
    return std::move(errors).result();
}

Result<> kill_machine(const RunBase& base, const std::string& name) {
    TRY(Target target, Target::find(base, name));
    return target.end.wait(0) ? Result<>() : kill_target(target);
}

}  // namespace hv
