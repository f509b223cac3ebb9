// SPDX-License-Identifier: Apache-2.0
// The thread that calls a program's freeze and thaw handlers.
#include "kernel/lifecycle/freeze.h"

#include <atomic>

#include "kernel/sched/thread.h"

namespace tenon {

namespace {

enum class Answer : std::uint32_t { none, done, refused };

/// A handler that never returns blocks only its own thread: callers wait for `answer` with a deadline.
struct Worker {
    FreezeHandlers handlers{};
    std::atomic<bool> exists = false;
    std::atomic<bool> freeze_wanted = false;
    std::atomic<bool> is_frozen = false;
    std::atomic<Answer> answer = Answer::none;
    WaitQueue asked{"freeze"};
    WaitQueue answered{"frozen"};
};
constinit Worker worker;

void serve(void*) {
    for (;;) {
        worker.asked.wait_until([] { return worker.freeze_wanted.load() != worker.is_frozen.load(); });
        Answer answer = Answer::done;
        if (worker.is_frozen.load()) {
            worker.handlers.thaw(worker.handlers.context);
            worker.is_frozen.store(false);
        } else if (worker.handlers.freeze(worker.handlers.context)) {
            worker.is_frozen.store(true);
        } else {
            worker.freeze_wanted.store(false);
            answer = Answer::refused;
        }
        worker.answer.store(answer);
        worker.answered.wake_all();
    }
}

Result<std::uint32_t> ask(bool freeze) {
    worker.answer.store(Answer::none);
    worker.freeze_wanted.store(freeze);
    worker.asked.wake();
    const Nanoseconds deadline = monotonic_now() + worker.handlers.limit;
    const auto has_answer = [&] { return worker.answer.load() != Answer::none; };
    if (worker.answered.wait_until(has_answer, deadline) == WaitResult::timed_out) return fail(Error::timed_out);
    if (worker.answer.load() == Answer::refused) return fail(Error::not_supported);
    return 1;
}

}  // namespace

Result<> set_freeze_handlers(const FreezeHandlers& handlers) {
    static constinit std::atomic<bool> taken = false;
    if (taken.exchange(true)) return fail(Error::busy);
    worker.handlers = handlers;
    const Thread::Options options{.name = "freeze", .detached = true};
    if (const auto thread = Thread::create(options, serve, nullptr); !thread) {
        taken.store(false);
        return fail(thread.error());
    }
    worker.exists.store(true);
    return {};
}

Result<std::uint32_t> freeze_program() {
    if (!worker.exists.load()) return 0;
    // The program's handler has not returned from the last freeze or thaw.
    if (worker.freeze_wanted.load() != worker.is_frozen.load()) return fail(Error::busy);
    if (worker.is_frozen.load()) return 1;
    const auto frozen = ask(true);
    // The caller gets an error, so the program is thawed as soon as its handler returns.
    if (!frozen && frozen.error() == Error::timed_out) worker.freeze_wanted.store(false);
    return frozen;
}

Result<std::uint32_t> thaw_program() {
    if (!worker.exists.load() || !worker.is_frozen.load()) return 0;
    return ask(false);
}

}  // namespace tenon
