// SPDX-License-Identifier: Apache-2.0
// The thread that calls the program's shutdown handler.
#include "kernel/lifecycle/shutdown.h"

#include <atomic>

#include "kernel/console/console.h"
#include "kernel/lifecycle/call_limit.h"
#include "kernel/options/number_option.h"
#include "kernel/sched/thread.h"

namespace tenon {

namespace {

constexpr std::uint64_t default_limit_ms = 30'000, longest_limit_ms = 3'600'000;

constinit std::atomic<ShutdownHandler> program_handler = nullptr;
constinit std::atomic<abi::ShutdownReason> asked_for = abi::ShutdownReason::power_off;
constinit std::atomic<bool> under_way = false;

void stop_hanging_program() {
    warn("the program's shutdown handler takes longer than its time limit (shutdown.limit); the machine is stopped");
    stop_machine(asked_for.load(), 1);
}
constinit CallLimit call_limit{stop_hanging_program};

void call_program(void*) {
    const Nanoseconds limit = number_option("shutdown.limit", default_limit_ms, longest_limit_ms) * 1'000'000;
    call_limit.watch(limit, [] { program_handler.load()(asked_for.load()); });
    under_way.store(false);
}

void on_request(abi::ShutdownReason reason) {
    if (under_way.exchange(true)) return;
    asked_for.store(reason);
    const Thread::Options options{.name = "shutdown", .priority = Priority::tools, .detached = true};
    if (!Thread::create(options, call_program, nullptr)) {
        warn("no memory for a thread that shuts the program down; the machine is stopped");
        stop_machine(reason, 1);
    }
}

}  // namespace

void call_program_for_shutdown(ShutdownHandler handler) {
    program_handler.store(handler);
    set_shutdown_handler(on_request);
}

}  // namespace tenon
