// SPDX-License-Identifier: Apache-2.0
// Interrupts from the hypervisor and from the timer at the same time: on pv these are two signals, of which the second
// may interrupt the entry of the first.
#include "kernel/trap/interrupts.h"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>

#include "kernel/entropy/random.h"
#include "kernel/sched/thread.h"
#include "kernel/time/clock.h"
#include "tests/guest/test.h"

namespace {

using tenon::monotonic_now;
using tenon::Nanoseconds;
using tenon::Thread;

constexpr Nanoseconds longest_duration = 120'000'000'000;

/// Counts in registers and on the stack, so that a thread which is resumed in the wrong place shows.
bool counts_agree_until(const std::atomic<bool>& stop) {
    std::uint64_t one = 0;
    volatile std::uint64_t other = 0;
    while (!stop.load()) {
        ++one;
        other = other + 1;
    }
    return one == other;
}

}  // namespace

GUEST_TEST(interrupts_of_device_and_timer_together) {
    if (tenon::entropy_source() == nullptr) tenon::test::skip("no device to be interrupted by");
    // Fewer under emulation, which the tests say by this variable.
    const std::uint64_t wanted = std::getenv("PREEMPTIONS") != nullptr ? 20 : 2000;
    const Nanoseconds deadline = monotonic_now() + longest_duration;
    const std::uint64_t before = tenon::interrupts::delivered();
    std::atomic<std::uint64_t> naps = 0, reads = 0;
    std::atomic<bool> stop = false;
    // The processor is never idle: events come as signals, not as wake-ups.
    bool counted_right = false;
    std::thread spinner([&] { counted_right = counts_agree_until(stop); });
    const auto urgent = [](void (*body)(void*), void* context) {
        const Thread::Options options{.name = "urgent", .priority = tenon::Priority::tools};
        const auto thread = Thread::create(options, body, context);
        EXPECT(thread.has_value());
        return *thread;
    };
    struct Shared {
        std::uint64_t wanted;
        Nanoseconds deadline;
        std::atomic<std::uint64_t>&naps, &reads;
    } shared{wanted, deadline, naps, reads};
    // Each ends by itself: where interrupts cost more than a nap takes, less urgent threads get no time until then.
    Thread* napper = urgent(
        [](void* context) {
            auto& s = *static_cast<Shared*>(context);
            for (; s.naps < s.wanted && monotonic_now() < s.deadline; ++s.naps)
                Thread::sleep_until(monotonic_now() + 15'000);
        },
        &shared);
    Thread* reader = urgent(
        [](void* context) {
            auto& s = *static_cast<Shared*>(context);
            std::byte bytes[32];
            while (s.reads < s.wanted && monotonic_now() < s.deadline && tenon::entropy_source()->read(bytes) != 0)
                ++s.reads;
        },
        &shared);
    Thread::join(*napper);
    Thread::join(*reader);
    stop = true;
    spinner.join();
    EXPECT(counted_right);
    EXPECT(naps.load() >= wanted);
    EXPECT(reads.load() >= wanted);
    EXPECT(tenon::interrupts::delivered() > before);
}
