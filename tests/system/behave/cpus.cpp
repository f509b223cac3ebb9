// SPDX-License-Identifier: Apache-2.0
// Programs on several vCPUs.
#include "cpus.h"

#include <tenon/ready.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "kernel/sched/thread.h"
#include "kernel/time/clock.h"
#include "kernel/trap/interrupts.h"
#include "kernel/trap/panic.h"

namespace {

std::atomic<bool> stop = false;
volatile bool for_ever = true;

/// Rounds until `stop`; each depends on the one before.
[[gnu::noinline]] std::uint64_t compute() {
    std::uint64_t rounds = 0, state = 1;
    while (!stop.load(std::memory_order_relaxed)) {
        for (int i = 0; i < 10'000; ++i) state = state * 6364136223846793005U + 1442695040888963407U;
        if (state != 0) ++rounds;
    }
    return rounds;
}

[[gnu::noinline]] void hang_on_a_vcpu() {
    tenon::interrupts::mask();
    while (for_ever) {
    }
}

void say(const char* line) {
    std::puts(line);
    std::fflush(stdout);
}

unsigned vcpus() { return tenon::Cpu::count.load(); }

void compute_everywhere() {
    for (unsigned vcpu = 0; vcpu < vcpus(); ++vcpu) std::thread(compute).detach();
}

[[noreturn]] void print_sum(unsigned threads) {
    std::atomic<std::uint64_t> sum = 0;
    std::vector<std::thread> running;
    for (unsigned i = 0; i < threads; ++i) running.emplace_back([&] { sum += compute(); });
    usleep(2'000'000);
    stop = true;
    for (std::thread& thread : running) thread.join();
    std::printf("%llu\n", static_cast<unsigned long long>(sum.load()));
    std::exit(0);
}

}  // namespace

void use_cpus(std::string_view what, unsigned number) {
    if (what == "count") {
        std::printf("vCPUs: %u\n", vcpus());
        std::exit(0);
    }
    if (what == "sum") print_sum(number);
    compute_everywhere();
    tenon_ready();
    say("computing");
    if (what == "busy")
        for (;;) pause();
    if (!tenon::Thread::current().set_affinity(1U << number)) std::exit(2);
    usleep(50'000);
    if (what == "panic") tenon::panic("asked to on vCPU %u", number);
    if (what == "stuck") hang_on_a_vcpu();
    std::exit(2);
}
