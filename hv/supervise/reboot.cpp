// SPDX-License-Identifier: Apache-2.0
// Reboot event, agent, restart by force: each with its time.
#include "hv/supervise/reboot.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

#include "hv/core/deadline.h"
#include "hv/supervise/machine_record.h"
#include "hv/supervise/supervisor_requests.h"
#include "hv/supervise/target.h"

namespace hv {

namespace {

/// A machine that is started by force, whose hv is there in milliseconds on a host that is well.
constexpr int start_limit_ms = 10'000;

struct Rebooting {
    Target target;
    std::uint64_t restarts = 0;  ///< what its record counts when it is started anew
};

std::unexpected<Error> failed(const Rebooting& machine, ErrorKind kind, const std::string& why) {
    return fail(kind, fmt::format("machine '{}': {}", machine.target.name, why));
}

Result<> ask(Rebooting& machine, const char* step, std::uint64_t within_ms) {
    auto told = tell_reboot(machine.target.directory, step, within_ms);
    if (!told && told.error().kind == ErrorKind::not_found)
        return failed(machine, ErrorKind::usage,
                      "it has no supervisor to start it again (hv run -d has one, and hv run --restart or --on-crash)");
    if (!told) return failed(machine, told.error().kind, told.error().message);
    machine.restarts = *told;
    return {};
}

Result<> ask_guest(Rebooting& machine, std::uint64_t within_ms) {
    if (machine.target.end.wait(0)) return failed(machine, ErrorKind::not_found, "it has ended (hv ps -a)");
    CHECK(ask(machine, step_event, within_ms));
    // One that does not answer is restarted by force in the end.
    static_cast<void>(machine.target.ask_guest("Reboot"));
    return {};
}

/// A slow host may still be starting it: asked again, it would be started twice.
bool is_started_anew(const Rebooting& machine) {
    const auto record = read_record(machine.target.directory);
    return record && record->restarts >= machine.restarts;
}

bool ask_agent(Rebooting& machine, std::uint64_t within_ms) {
    // The supervisor is told first: the machine may be back before the next line, and a later message would count as
    // another reboot.
    if (is_started_anew(machine) || !machine.target.has_agent() || !ask(machine, step_agent, within_ms)) return false;
    return machine.target.ask_agent("reboot");
}

/// True: it is started anew. Errors: killed, it ended instead.
Result<bool> is_back(Rebooting& machine) {
    const auto record = read_record(machine.target.directory);
    if (record && record->state == "running" && record->restarts >= machine.restarts) return true;
    if (!machine.target.end.wait(0)) return false;
    // The end is recorded before it can be seen.
    const auto last = read_record(machine.target.directory);
    return failed(
        machine, ErrorKind::killed,
        fmt::format("it ended instead{}",
                    last ? fmt::format(" with exit code {}: {}", last->exit_code.value_or(-1), last->reason) : ""));
}

/// True: none is left to wait for.
bool wait_for_all(std::vector<Rebooting>& machines, int limit_ms, Errors& errors) {
    const Deadline deadline{std::chrono::milliseconds(limit_ms)};
    for (int step_ms = 1;; step_ms = std::min(step_ms * 2, 20)) {
        bool all = true;
        for (Rebooting& machine : machines) {
            if (machine.target.done) continue;
            auto back = is_back(machine);
            machine.target.done = !back || *back;
            if (!back) errors.add(std::move(back).error());
            all = all && machine.target.done;
        }
        if (all || deadline.passed()) return all;
        poll(nullptr, 0, std::min(step_ms, deadline.left_ms()));
    }
}

Result<> restart(Rebooting& machine) {
    if (is_started_anew(machine)) return {};
    auto told = tell_restart(machine.target.directory);
    if (!told) return failed(machine, told.error().kind, told.error().message);
    machine.restarts = *told;
    return {};
}

template <typename Step>
void for_each_left(std::vector<Rebooting>& machines, Errors& errors, Step&& step) {
    for (Rebooting& machine : machines) {
        if (machine.target.done) continue;
        Result<> done = step(machine);
        if (done) continue;
        machine.target.done = true;
        errors.add(std::move(done).error());
    }
}

}  // namespace

Result<> reboot_machines(const RunBase& base, const std::vector<std::string>& names, int limit_ms) {
    Errors errors;
    std::vector<Rebooting> machines;
    for (Target& target : find_targets(base, names, errors)) machines.push_back({std::move(target)});
    const auto within_ms = 2 * static_cast<std::uint64_t>(limit_ms) + start_limit_ms;
    for_each_left(machines, errors, [&](Rebooting& machine) { return ask_guest(machine, within_ms); });
    if (!wait_for_all(machines, limit_ms, errors)) {
        bool agents = false;
        for (Rebooting& machine : machines)
            if (!machine.target.done && ask_agent(machine, within_ms)) agents = true;
        if (agents) wait_for_all(machines, limit_ms, errors);
    }
    for_each_left(machines, errors, [](Rebooting& machine) { return restart(machine); });
    wait_for_all(machines, start_limit_ms, errors);
    for_each_left(machines, errors, [](Rebooting& machine) -> Result<> {
        return failed(machine, ErrorKind::killed,
                      fmt::format("it is not started again after {} s (hv logs, hv kill)", start_limit_ms / 1000));
    });
    return std::move(errors).result();
}

}  // namespace hv
