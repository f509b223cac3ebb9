// SPDX-License-Identifier: Apache-2.0
// Shutdown event, agent, kill: each with its time.
#include "hv/supervise/stop.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "hv/api/http_client.h"
#include "hv/core/unix_socket.h"
#include "hv/machine/machine_life.h"
#include "hv/supervise/agent_request.h"
#include "hv/supervise/supervisor.h"

namespace hv {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int request_limit_ms = 1000;
constexpr int kill_limit_ms = 5000;

struct Target {
    std::string name;
    std::string directory;
    MachineEnd end;
    bool gone = false;
};

int milliseconds_until(Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

/// True: all are gone.
bool wait_for_all(std::vector<Target>& targets, int limit_ms) {
    const auto deadline = Clock::now() + std::chrono::milliseconds(limit_ms);
    bool all = true;
    for (Target& target : targets) {
        if (!target.gone) target.gone = target.end.wait(milliseconds_until(deadline));
        all = all && target.gone;
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
    // Somebody still listens: the number has not been given to another one.
    if (process && connect_to_unix_socket(path)) syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

Result<> kill_target(Target& target) {
    const std::string supervisor = target.directory + "/" + supervisor_socket, api = target.directory + "/api.sock";
    const auto by_supervisor = http_request(supervisor, "PUT", "/kill", {}, request_limit_ms);
    if (!by_supervisor && by_supervisor.error().kind == ErrorKind::not_found)
        static_cast<void>(http_request(api, "PUT", "/actions", R"({"action_type": "Kill"})", request_limit_ms));
    if (target.end.wait(request_limit_ms)) return {};
    for (const std::string& path : {supervisor, api}) kill_listener(path);
    if (target.end.wait(kill_limit_ms)) return {};
    return fail(ErrorKind::internal, fmt::format("machine '{}': it does not end", target.name));
}

Result<Target> find_target(const std::string& base, const std::string& name) {
    TRY(MachineEnd end, MachineEnd::of(base, name));
    return Target{name, base + "/" + name, std::move(end)};
}

void ask_to_shut_down(const Target& target) {
    // First that it does not come back, then that it goes. Who does not answer is killed when the time is over.
    static_cast<void>(
        http_request(target.directory + "/" + supervisor_socket, "PUT", "/stop", {}, request_limit_ms));
    static_cast<void>(http_request(target.directory + "/api.sock", "PUT", "/actions",
                                  R"({"action_type": "SendCtrlAltDel"})", request_limit_ms));
}

}  // namespace

Result<> stop_machines(const std::string& base, const std::vector<std::string>& names, int limit_ms) {
    std::optional<Error> first_error;
    std::vector<Target> targets;
    for (const std::string& name : names) {
        if (auto target = find_target(base, name))
            targets.push_back(std::move(*target));
        else if (!first_error)
            first_error = std::move(target).error();
    }
    for (const Target& target : targets) ask_to_shut_down(target);
    if (!wait_for_all(targets, limit_ms)) {
        bool agents = false;
        for (const Target& target : targets) agents = (!target.gone && agent_shut_down(target.directory)) || agents;
        if (agents) wait_for_all(targets, limit_ms);
    }
    for (Target& target : targets) {
        if (target.gone) continue;
        if (auto killed = kill_target(target); !killed && !first_error) first_error = std::move(killed).error();
    }
    if (first_error) return std::unexpected(std::move(*first_error));
    return {};
}

Result<> kill_machine(const std::string& base, const std::string& name) {
    TRY(Target target, find_target(base, name));
    return target.end.wait(0) ? Result<>() : kill_target(target);
}

}  // namespace hv
