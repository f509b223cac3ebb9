// SPDX-License-Identifier: Apache-2.0
// The thread that calls a program's resume handler.
#include "kernel/lifecycle/resume.h"

#include <atomic>

#include "kernel/console/console.h"
#include "kernel/lifecycle/call_limit.h"
#include "kernel/platform/platform.h"
#include "kernel/sched/thread.h"

namespace tenon {

namespace {

struct Worker {
    ResumeHandler handler{};
    std::uint64_t generation = 0;  // of the clock, at the last call of the handler
    WaitQueue jumped{"resume"};
    CallLimit limit{[] { warn("the program's resume handler takes longer than its time limit"); }};
};
constinit Worker worker;

void serve(void*) {
    for (;;) {
        worker.jumped.wait_until([] { return platform().clock_generation() != worker.generation; });
        worker.generation = platform().clock_generation();
        worker.limit.watch(worker.handler.limit, [] { worker.handler.resumed(worker.handler.context); });
    }
}

}  // namespace

Result<> set_resume_handler(const ResumeHandler& handler) {
    static constinit std::atomic<bool> taken = false;
    if (taken.exchange(true)) return fail(Error::busy);
    worker.handler = handler;
    // Stored before the first request can come: the thread compares it before it waits, so no jump is missed.
    worker.generation = platform().clock_generation();
    set_resume_listener([] { worker.jumped.wake(); });
    const Thread::Options options{.name = "resume", .detached = true};
    if (const auto thread = Thread::create(options, serve, nullptr); !thread) {
        taken.store(false);
        return fail(thread.error());
    }
    return {};
}

}  // namespace tenon
