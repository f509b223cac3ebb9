// SPDX-License-Identifier: Apache-2.0
// Resume handlers and the clock's generation, on a machine that is never paused.
#include <tenon/clock.h>
#include <tenon/lifecycle.h>

#include <atomic>
#include <cerrno>

#include "kernel/sched/thread.h"
#include "kernel/time/clock.h"
#include "tests/guest/test.h"

namespace {

std::atomic<int> calls = 0;
void count(void*) { ++calls; }
void count_another(void*) { calls += 100; }

constexpr unsigned longest_limit_ms = 30'000;

int set(void (*resumed)(void*), unsigned limit_ms) {
    const tenon_resume_handler handler{.resumed = resumed, .context = nullptr, .limit_ms = limit_ms};
    return tenon_set_resume_handler(&handler);
}

}  // namespace

// One test, because a handler can be set only once: refused calls come first.
GUEST_TEST(a_resume_handler_is_set_once_and_stays) {
    EXPECT(set(nullptr, 1000) == EINVAL);
    EXPECT(set(count, 0) == EINVAL);
    EXPECT(set(count, longest_limit_ms + 1) == EINVAL);
    EXPECT(set(count, 0xFFFF'FFFF) == EINVAL);
    EXPECT(set(count, longest_limit_ms) == 0);
    // The handler can be neither replaced nor removed; wrong arguments are reported before that.
    EXPECT(set(count_another, 1000) == EBUSY);
    EXPECT(set(count, 1000) == EBUSY);
    EXPECT(set(nullptr, 1000) == EINVAL);
    EXPECT(set(count_another, 0) == EINVAL);
}

GUEST_TEST(without_a_pause_time_does_not_jump_and_no_resume_handler_is_called) {
    (void)set(count, longest_limit_ms);  // it is set already, unless this test runs alone
    const std::uint64_t generation = tenon_clock_generation();
    const tenon::Nanoseconds begin = tenon::monotonic_now();
    // The handler's thread had its turn, and more than one refresh of the clock has passed.
    while (tenon::monotonic_now() - begin < 50'000'000) tenon::Thread::sleep_until(tenon::monotonic_now() + 1'000'000);
    EXPECT(tenon_clock_generation() == generation);
    EXPECT(calls == 0);
}
