// SPDX-License-Identifier: Apache-2.0
// The balancer's loop: look, decide, act, say.
#include "hv/balance/balancer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "hv/balance/page_out.h"
#include "hv/core/errno_kind.h"
#include "hv/core/host_clock.h"
#include "hv/core/json_text.h"
#include "hv/core/log.h"
#include "hv/machine/interrupts.h"
#include "hv/machine/machine_life.h"
#include "hv/machine/run_directory.h"

namespace hv::balance {

namespace {

using Json = nlohmann::ordered_json;

Counter lines_written("balance.out_bytes");
Counter lines_dropped("balance.dropped_bytes");

/// For all machines together: one that hangs does not keep the others waiting for longer.
constexpr int answer_limit_ms = 300;
constexpr std::uint64_t longest_back_off_ms = 60'000;
constexpr std::size_t lines_kept = 32;

PolicySettings settings_for(const BalanceOptions& options) {
    PolicySettings settings;
    settings.give_back_after_ms = options.give_back_after_ms;
    if (!options.once) return settings;
    // One look has no later one to wait for.
    settings.stages = false;
    settings.give_back_after_ms = 0;
    return settings;
}

const char* kind_name(Action::Kind kind) {
    switch (kind) {
        case Action::Kind::reclaim: return "reclaim";
        case Action::Kind::balloon: return "balloon";
        case Action::Kind::ksm: return "ksm";
        case Action::Kind::page_out: return "page-out";
    }
    return "";
}

}  // namespace

std::string balance_socket(const std::string& run_base) { return run_base + "/.balance.sock"; }

Balancer::Balancer(BalanceOptions options, Host host)
    : options_(std::move(options)), host_(std::move(host)), policy_(settings_for(options_)) {}

Result<std::unique_ptr<Balancer>> Balancer::create(BalanceOptions options) {
    // A look without consequences makes no directory, and does not disturb the one who serves.
    const bool serves = !options.dry_run && !options.once;
    CHECK(serves ? RunBase::prepare(options.run_base) : RunBase::open(options.run_base));
    TRY(Host host, Host::open(options.budget, options.cgroup));
    std::unique_ptr<Balancer> self(new Balancer(std::move(options), std::move(host)));
    TRY(self->loop_, EventLoop::create());
    // Neither of their readers holds up the machines.
    self->output_.emplace(STDOUT_FILENO, *self->loop_, lines_written, lines_dropped);
    self->log_.emplace(STDERR_FILENO, *self->loop_);
    if (!serves) return self;
    const std::string lock = self->options_.run_base + "/.balance.lock";
    self->lock_ = FileDescriptor(open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!self->lock_ || flock(self->lock_.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(errno == EWOULDBLOCK ? ErrorKind::in_use : errno_kind(errno),
                    fmt::format("'{}': {}", lock,
                                errno == EWOULDBLOCK ? "hv balance runs already for this run directory"
                                                     : std::strerror(errno)));
    const std::string socket = balance_socket(self->options_.run_base);
    unlink(socket.c_str());
    TRY(self->server_, HttpServer::create(*self->loop_, socket, [raw = self.get()](const HttpRequest& request) {
            return raw->answer(request);
        }));
    return self;
}

Balancer::~Balancer() {
    if (output_) output_->flush();
    if (log_) log_->flush();
}

Result<int> Balancer::run() {
    if (options_.once) {
        CHECK(look());
        return 0;
    }
    TRY(const auto interrupts, Interrupts::create(*loop_, [this] { loop_->stop(); }));
    Result<> outcome;
    const std::function<void()> tick = [&] {
        outcome = look();
        if (!outcome) return loop_->stop();
        loop_->after(options_.interval_ms * 1'000'000, tick);
    };
    tick();
    if (outcome) loop_->run();
    if (server_) unlink(balance_socket(options_.run_base).c_str());
    if (options_.restore && !options_.dry_run) restore_balloons();
    CHECK(outcome);
    return 0;
}

Result<> Balancer::look() {
    TRY(const RunBase base, RunBase::open(options_.run_base));
    const std::vector<MachineSample> samples = ask_machines(base);
    resident_ = 0;
    for (const MachineSample& sample : samples) resident_ += sample.resident;
    TRY(last_host_, host_.look(resident_));
    act(policy_.decide(host_monotonic_ms(), last_host_, samples));
    return {};
}

std::string Balancer::socket_of(const std::string& machine) const {
    return options_.run_base + "/" + machine + "/api.sock";
}

std::vector<MachineSample> Balancer::ask_machines(const RunBase& base) {
    const std::uint64_t now = host_monotonic_ms();
    std::vector<std::string> names;
    std::vector<Question> questions;
    for (std::string& name : machine_names(base)) {
        if (machine_life(base, name) != MachineLife::alive || machines_[name].skip_until_ms > now) continue;
        questions.push_back({socket_of(name), "GET", "/memory", {}});
        names.push_back(std::move(name));
    }
    const std::vector<Answer> answers = ask(questions, answer_limit_ms, answer_limit);
    std::vector<MachineSample> samples;
    for (std::size_t i = 0; i < names.size(); ++i) {
        Known& machine = machines_[names[i]];
        if (answers[i].absent()) {
            machines_.erase(names[i]);  // it has ended, or has not begun to answer
            continue;
        }
        auto memory = answers[i].ok() ? parse_machine_memory(names[i], answers[i].body)
                                      : fail(ErrorKind::internal,
                                             answers[i].status == 0 ? answers[i].error
                                                                    : fmt::format("it answers {}", answers[i].status));
        if (!memory) {
            failed(names[i], machine, memory.error().message);
            continue;
        }
        if (!std::exchange(machine.answered, true)) machine.found_balloon = memory->sample.balloon_target;
        machine.failures = 0;
        machine.reservation = memory->sample.reservation;
        machine.hv = answers[i].peer;
        machine.processes = std::move(memory->processes);
        promises_.erase(names[i]);
        samples.push_back(std::move(memory->sample));
    }
    std::erase_if(promises_, [now](const auto& entry) { return entry.second.until_ms <= now; });
    std::erase_if(machines_, [this](const auto& entry) { return access(socket_of(entry.first).c_str(), F_OK) != 0; });
    return samples;
}

void Balancer::failed(const std::string& name, Known& machine, const std::string& why) {
    const std::uint64_t wait =
        std::min(longest_back_off_ms, options_.interval_ms << std::min(machine.failures + 1, 20U));
    machine.failures += 1;
    machine.skip_until_ms = host_monotonic_ms() + wait;
    say_line(name, "skipped", fmt::format("machine '{}': left alone for {} s ({})", name, (wait + 999) / 1000, why));
}

void Balancer::act(const std::vector<Action>& actions) {
    std::vector<Question> questions;
    std::vector<std::string> names;
    for (const Action& action : actions) {
        say(action);
        if (options_.dry_run) continue;
        const std::size_t before = questions.size();
        switch (action.kind) {
            case Action::Kind::reclaim:
                questions.push_back({socket_of(action.machine), "PUT", "/memory/reclaim", "{}"});
                break;
            case Action::Kind::balloon:
                questions.push_back(
                    {socket_of(action.machine), "PATCH", "/balloon", Json{{"amount_mib", action.bytes >> 20}}.dump()});
                break;
            case Action::Kind::ksm:
                if (const auto set = ksm_.set(action.bytes != 0); !set) log_line(set.error().message);
                break;
            case Action::Kind::page_out: page_out_machine(action, questions); break;
        }
        if (questions.size() > before) names.push_back(action.machine);
    }
    const std::vector<Answer> answers = ask(questions, answer_limit_ms, answer_limit);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers[i].ok()) continue;
        const auto found = machines_.find(names[i]);
        if (found == machines_.end() || answers[i].absent()) continue;
        failed(
            names[i], found->second,
            fmt::format("{} {}: {}", questions[i].method, questions[i].path,
                        answers[i].status == 0 ? answers[i].error : fmt::format("it answers {}", answers[i].status)));
    }
}

/// From outside, where that is allowed: then it does not depend on the guest. Otherwise the machine is asked.
void Balancer::page_out_machine(const Action& action, std::vector<Question>& questions) {
    Known& machine = machines_[action.machine];
    for (const pid_t process : machine.processes)
        if (process != machine.hv && page_out(machine.hv, process, action.bytes, machine.page_out_cursor)) return;
    questions.push_back({socket_of(action.machine), "PUT", "/memory/page-out", Json{{"bytes", action.bytes}}.dump()});
}

void Balancer::restore_balloons() {
    std::vector<Question> questions;
    for (const auto& [name, machine] : machines_)
        if (machine.answered)
            questions.push_back(
                {socket_of(name), "PATCH", "/balloon", Json{{"amount_mib", machine.found_balloon >> 20}}.dump()});
    static_cast<void>(ask(questions, answer_limit_ms, answer_limit));
}

void Balancer::say(const Action& action) { say_line(action.machine, kind_name(action.kind), action_text(action)); }

void Balancer::say_line(const std::string& machine, const std::string& kind, const std::string& text) {
    if (options_.dry_run) {
        // Nothing changes, so the next look says the same.
        std::string& last = machines_[machine].last_line;
        const std::string decision = text.substr(0, text.find(" ("));
        if (last == decision) return;
        last = decision;
    }
    last_lines_.push_back(text);
    if (last_lines_.size() > lines_kept) last_lines_.pop_front();
    const std::string line =
        options_.json
            ? printed_json({{"machine", machine}, {"kind", kind}, {"dry_run", options_.dry_run}, {"text", text}}, -1)
            : fmt::format("balance: {}{}", options_.dry_run ? "would: " : "", text);
    output_->write(line + '\n');
}

}  // namespace hv::balance
