// SPDX-License-Identifier: Apache-2.0
// Handlers of a program, in and out of time.
#include "handlers.h"

#include <tenon/clock.h>
#include <tenon/lifecycle.h>
#include <tenon/memory.h>
#include <tenon/power.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Resumed {
    std::uint64_t generation;
    int count;
};

void say_resumed(void* context) {
    auto& resumed = *static_cast<Resumed*>(context);
    const std::uint64_t generation = tenon_clock_generation();
    std::printf("resumed %d%s\n", ++resumed.count, generation == resumed.generation ? ", but time did not jump" : "");
    resumed.generation = generation;
    std::fflush(stdout);
}

void resume_late(void* context) {
    sleep(1);
    say_resumed(context);
}

}  // namespace

void be_resumed(std::string_view how) {
    static Resumed state{tenon_clock_generation(), 0};
    const tenon_resume_handler handler{.resumed = how == "late" ? resume_late : say_resumed,
                                       .context = &state,
                                       .limit_ms = how == "late" ? 100u : 5000u};
    tenon_resume_handler wrong[3] = {handler, handler, handler};
    wrong[0].resumed = nullptr;
    wrong[1].limit_ms = 0;
    wrong[2].limit_ms = 30'001;
    for (const tenon_resume_handler& refused : wrong)
        if (tenon_set_resume_handler(&refused) != EINVAL) std::abort();
    if (tenon_set_resume_handler(&handler) != 0 || tenon_set_resume_handler(&handler) != EBUSY) std::abort();
    tenon_ready();
    // Computing, not waiting: the handler's thread must get its turn all the same.
    for (volatile bool forever = true; forever;) {
    }
    std::abort();
}

void hang_at_shutdown() {
    tenon_set_shutdown_handler([](tenon_shutdown_reason) {
        std::puts("hanging");
        std::fflush(stdout);
        for (;;) pause();
    });
    tenon_ready();
    for (;;) pause();
}

void be_slow_under_pressure() {
    tenon_set_memory_pressure_handler([](std::uint64_t) {
        sleep(6);
        std::puts("gave nothing back");
        std::fflush(stdout);
    });
    tenon_memory_statistics memory{};
    tenon_get_memory_statistics(&memory);
    constexpr std::size_t step = 1 << 20;
    for (std::uint64_t taken = 0; taken + memory.total / 32 < memory.free; taken += step)
        if (void* block = std::malloc(step); block != nullptr) std::memset(block, 1, step);
    tenon_ready();
    for (;;) pause();
}
