// SPDX-License-Identifier: Apache-2.0
// Orderly shutdown, and the thread that serves the hypervisor's requests.
#include "kernel/lifecycle/power.h"

#include <atomic>
#include <utility>

#include "kernel/console/console.h"
#include "kernel/platform/platform.h"
#include "kernel/reclaim/page_out.h"
#include "kernel/reclaim/reclaim.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "kernel/time/timer_queue.h"
#include "kernel/trap/panic.h"

namespace tenon {

namespace {

struct Hook {
    void (*run)(void*);
    void* context;
};
struct Hooks {
    Hook entries[16] = {};
    std::uint32_t count = 0;
};

constinit Locked<Hooks> hooks{"shutdown hooks"};
constinit std::atomic<bool> stopping = false;

void stop_at_once(abi::ShutdownReason reason) { stop_machine(reason, 0); }
constinit std::atomic<ShutdownHandler> shutdown_handler = stop_at_once;
constinit Semaphore request_arrived;
constinit std::atomic<std::uint32_t> requests_from_inside = 0;  // bits of abi::control_request

constinit std::atomic<void (*)()> resume_listener = nullptr;
constinit std::atomic<PowerTask*> tasks = nullptr;

void run_tasks() {
    for (PowerTask* task = tasks.exchange(nullptr); task != nullptr;) {
        PowerTask& now = *std::exchange(task, task->next);
        now.wanted.store(false);
        now.run();
    }
}

/// Requests arrive as an interrupt, and their handlers may block: a thread serves them.
void serve_requests(void*) {
    for (;;) {
        request_arrived.wait();
        run_tasks();
        const std::uint32_t requests = platform().take_control_requests() | requests_from_inside.exchange(0);
        if ((requests & abi::control_request::clock_jumped) != 0) {
            TimerQueue::arm_all();
            if (auto* listener = resume_listener.load()) listener();
        }
        if ((requests & abi::control_request::reboot) != 0)
            shutdown_handler.load()(abi::ShutdownReason::reboot);
        else if ((requests & abi::control_request::shutdown) != 0)
            shutdown_handler.load()(abi::ShutdownReason::power_off);
        if ((requests & abi::control_request::reclaim) != 0) reclaim_now();
        if ((requests & abi::control_request::page_out) != 0) page_out_memory(platform().take_page_out_bytes());
    }
}

void requested(void*) {
    if (platform().answer_watchdog()) request_arrived.post();
}

}  // namespace

void initialize_power() {
    const Thread::Options options{
        .name = "power", .priority = Priority::tools, .stack_size = 64 * 1024, .detached = true};
    if (!Thread::create(options, serve_requests, nullptr)) panic("no memory for the power thread");
    interrupts::set_handler(abi::event::control, requested, nullptr);
    // What was requested earlier in the boot had no handler.
    requested(nullptr);
}

void request_shutdown(abi::ShutdownReason reason) {
    requests_from_inside.fetch_or(reason == abi::ShutdownReason::reboot ? abi::control_request::reboot
                                                                        : abi::control_request::shutdown);
    request_arrived.post();
}

void run_on_power_thread(PowerTask& task) {
    if (task.wanted.exchange(true)) return;
    task.next = tasks.load();
    while (!tasks.compare_exchange_weak(task.next, &task)) {
    }
    request_arrived.post();
}

void set_resume_listener(void (*listener)()) { resume_listener.store(listener); }

void set_shutdown_handler(ShutdownHandler handler) { shutdown_handler.store(handler); }

void add_shutdown_hook(void (*hook)(void* context), void* context) {
    hooks.with([&](Hooks& all) {
        TENON_ASSERT(all.count < std::size(all.entries));
        all.entries[all.count++] = {hook, context};
    });
}

void stop_machine(abi::ShutdownReason reason, int exit_code) {
    // If two threads stop the machine, the second waits here until the first has ended it.
    if (stopping.exchange(true)) Thread::sleep_until(no_deadline - 1);
    for (;;) {
        const Hook hook = hooks.with([](Hooks& all) { return all.count == 0 ? Hook{} : all.entries[--all.count]; });
        if (hook.run == nullptr) break;
        hook.run(hook.context);
    }
    console_drain();
    interrupts::mask();
    platform().shut_down(reason, exit_code);
    __builtin_unreachable();  // the compiler forgets [[noreturn]] in a virtual call
}

}  // namespace tenon
