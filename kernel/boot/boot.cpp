// SPDX-License-Identifier: Apache-2.0
// From the platform's entry code to the program.
#include "kernel/boot/boot.h"

#include "kernel/base/init_step.h"
#include "kernel/console/console.h"
#include "kernel/lifecycle/power.h"
#include "kernel/mm/init.h"
#include "kernel/options/command_line.h"
#include "kernel/sched/scheduler.h"
#include "kernel/time/timer_queue.h"
#include "kernel/trap/panic.h"

extern "C" {
extern const tenon::InitStep __tenon_init_begin[];
extern const tenon::InitStep __tenon_init_end[];
/// Constructors, main(), exit(): userland/start.
[[noreturn]] void tenon_run_program();
alignas(64) char tenon_boot_stack[16 * 1024];
}
asm(".global tenon_boot_stack_end\n.set tenon_boot_stack_end, tenon_boot_stack + 16 * 1024");

namespace tenon {

namespace {

constinit Platform* the_platform = nullptr;

constexpr std::size_t main_stack_size = 1024 * 1024;

void run_init_steps(InitStage stage) {
    for (const InitStep* step = __tenon_init_begin; step != __tenon_init_end; ++step) {
        if (step->stage != stage) continue;
        log("init: %s", step->name);
        step->run();
    }
}

void main_thread(void*) {
    log("clock: %s", the_platform->clock_source());
    start_other_vcpus();
    the_platform->probe_devices();
    warn_of_unknown_options();
    for (int stage = 0; stage <= static_cast<int>(InitStage::services); ++stage)
        run_init_steps(static_cast<InitStage>(stage));
    the_platform->boot_mark(abi::BootMark::main);
    tenon_run_program();
}

}  // namespace

Platform& platform() { return *the_platform; }

void boot(Platform& platform) {
    the_platform = &platform;
    platform.boot_mark(abi::BootMark::entry);
    parse_command_line(platform.command_line());
    set_verbose(kernel_option("verbose").has_value());
    initialize_memory(platform.memory_map());
    Scheduler::initialize();
    TimerQueue::initialize();
    initialize_power();
    const Thread::Options options{.name = "main", .stack_size = main_stack_size, .detached = true};
    if (!Thread::create(options, main_thread, nullptr)) panic("no memory for the main thread (give the machine more)");
    Scheduler::idle();
}

}  // namespace tenon
