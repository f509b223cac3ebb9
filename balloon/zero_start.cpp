// SPDX-License-Identifier: Apache-2.0
// Starting the zero-page agent, with the options of the kernel command line.
#include <new>

#include "balloon/zero_agent.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/base/init_step.h"
#include "kernel/console/console.h"
#include "kernel/mm/memory.h"
#include "kernel/options/command_line.h"
#include "kernel/options/number_option.h"
#include "kernel/reclaim/reclaim.h"
#include "kernel/sched/thread.h"

namespace tenon::balloon {

namespace {

constinit ZeroAgent* agent = nullptr;

constexpr Nanoseconds second = 1'000'000'000;

void start_zero_agent() {
    if (kernel_option("zero") == "off") return;
    const ZeroAgent::Options options{
        .budget = {.pages_per_second = static_cast<std::uint32_t>(number_option("zero.pages", 16'384, 100'000'000)),
                   .cpu_permille = static_cast<std::uint32_t>(number_option("zero.cpu", 10, 1000))},
        .delay = number_option("zero.delay", 5, 3600) * second,
        .interval = number_option("zero.interval", 60, 1'000'000) * second,
    };
    const PageIndex pages = ram_zone().with([](Zone& zone) { return zone.pages.page_count(); });
    auto* made = new (std::nothrow)
        ZeroAgent(options, choose_zero_test(tenon_xstate_mask), pages, [] { agent->pages_given_out(); });
    // Of the program's priority, so that it also runs on a busy machine.
    const Thread::Options thread{.name = "zero agent", .stack_size = smallest_stack_size, .detached = true};
    // The thread may run before Thread::create() returns, and `agent` is set.
    const auto run = [](void* self) { static_cast<ZeroAgent*>(self)->run(); };
    if (made == nullptr || !Thread::create(thread, run, made)) {
        delete made;
        return warn("balloon: no memory for the zero-page agent; zero pages stay with the guest");
    }
    agent = made;
    ram_zone().with([](Zone& zone) { zone.pages.note_in(&agent->recent_pages()); });
}
TENON_INIT_STEP(services, start_zero_agent);

void scan_for_zero_pages() {
    if (agent != nullptr) agent->request_full_scan();
}
TENON_RECLAIM_NOW(scan_for_zero_pages);

}  // namespace

}  // namespace tenon::balloon
