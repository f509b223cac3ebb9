// SPDX-License-Identifier: Apache-2.0
// A guest for the system tests: does what its first argument says, well or badly.
#include <tenon/power.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "busy.h"
#include "clock.h"
#include "cpus.h"
#include "disk.h"
#include "freezing.h"
#include "handlers.h"
#include "kernel/trap/interrupts.h"
#include "memory.h"
#include "store.h"
#include "stuck.h"
#include "throwing.h"

namespace {

[[gnu::noinline]] int write_to(volatile int* address) {
    *address = 1;
    return *address;
}

volatile bool forever = true;
[[gnu::noinline]] int recurse(int depth) {
    volatile char frame[256];
    frame[0] = static_cast<char>(depth);
    return (forever ? recurse(depth + 1) : 0) + frame[0];
}

[[noreturn]] void wait_for_ever() {
    tenon_ready();
    for (;;) pause();
}

/// Ignores the first request and follows the next ones.
[[noreturn]] void deaf_at_first() {
    tenon_set_shutdown_handler([](tenon_shutdown_reason reason) {
        static int asked = 0;
        if (++asked == 1) return;
        std::puts("heard");
        std::fflush(stdout);
        tenon_stop_machine(reason, 43);
    });
    wait_for_ever();
}

/// A hang in which no thread runs any more, not even the agent.
[[noreturn]] void spin_without_interrupts() {
    tenon_ready();
    tenon::interrupts::mask();
    while (forever) {
    }
    std::abort();
}

void echo_lines() {
    char line[256];
    tenon_ready();
    while (std::fgets(line, sizeof(line), stdin) != nullptr) {
        std::printf("echo: %s", line);
        std::fflush(stdout);
        if (std::string_view(line) == "end\n") return;
    }
}

/// Takes memory until there is none, and says how much that was.
void take_all_memory() {
    constexpr std::size_t step = 1 << 20;
    std::size_t taken = 0;
    while (void* block = std::malloc(step)) {
        std::memset(block, 1, step);
        taken += step;
    }
    std::printf("took %zu MiB\n", taken >> 20);
}

/// Zero-filled memory that the host has to hold, because every page was written to; and some memory that was freed
/// again.
[[noreturn]] void hold_zeros(std::size_t mebibytes) {
    std::vector<char>(4 << 20, 'x').clear();
    const std::size_t size = mebibytes << 20;
    auto* memory = static_cast<volatile char*>(std::malloc(size));
    if (memory == nullptr) std::exit(1);
    for (std::size_t i = 0; i < size; i += 4096) memory[i] = 1;
    for (std::size_t i = 0; i < size; i += 4096) memory[i] = 0;
    wait_for_ever();
}

/// Fills that many MiB with ones, then follows the commands on standard input.
void hold_memory(std::size_t mebibytes) {
    std::vector<unsigned char> memory(mebibytes << 20, 1);
    tenon_ready();
    char line[64];
    while (std::fgets(line, sizeof(line), stdin) != nullptr) {
        const std::string_view what = line;
        if (what == "zero\n") std::memset(memory.data(), 0, memory.size());
        if (what == "fill\n") std::memset(memory.data(), 1, memory.size());
        if (what == "free\n") std::vector<unsigned char>().swap(memory);
        if (what == "check\n") {
            const auto ones = std::count(memory.begin(), memory.end(), 1);
            std::printf("ones: %td of %zu\n", ones, memory.size());
        }
        if (what == "end\n") return;
        std::printf("done: %s", line);
        std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "exit") return std::atoi(argv[2]);
    if (what == "abort") std::abort();
    if (what == "fault") return write_to(reinterpret_cast<int*>(0x1234));
    if (what == "overflow") return recurse(0);
    if (what == "throw") return throw_from(argc > 2 ? argv[2] : "");
    if (what == "wait") wait_for_ever();
    if (what == "resume") be_resumed(argc > 2 ? argv[2] : "well");
    if (what == "hang") hang_at_shutdown();
    if (what == "short") be_slow_under_pressure();
    if (what == "freeze") be_frozen(argc > 2 ? argv[2] : "well");
    if (what == "stubborn") {
        tenon_set_shutdown_handler([](tenon_shutdown_reason) {});
        wait_for_ever();
    }
    if (what == "deaf") deaf_at_first();
    if (what == "cpus" && argc > 2) use_cpus(argv[2], argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 0);
    if (what == "masked") {
        std::puts("masked from now on");
        spin_without_interrupts();
    }
    if (what == "masked-later") {
        sleep(1);
        spin_without_interrupts();
    }
    if (what == "orderly") {
        tenon_set_shutdown_handler([](tenon_shutdown_reason) {
            std::puts("shutting down");
            std::exit(42);
        });
        wait_for_ever();
    }
    if (what == "spin") {
        tenon_ready();
        while (forever) {
        }
    }
    if (what == "stuck") be_stuck(argc > 2 ? argv[2] : "");
    if (what == "clock") watch_clock(argc > 2 ? std::atoi(argv[2]) : 20);
    if (what == "wall-clock-waits" && argc > 2) wait_for_clocks(std::atoi(argv[2]));
    if (what == "clock-steps") count_steps_back(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 0);
    if (what == "clock-cost" && argc > 2) measure_clocks(std::strtoul(argv[2], nullptr, 10));
    if (what == "disk") return use_disk(argc, argv);
    if (what == "store") return serve_store();
    if (what == "busy" && argc > 2) return be_busy(std::atoi(argv[2]));
    if (what == "echo") echo_lines();
    if (what == "hold") hold_memory(static_cast<std::size_t>(std::atoi(argv[2])));
    if (what == "memory") take_all_memory();
    if (what == "zeros" && argc > 2) hold_zeros(std::strtoul(argv[2], nullptr, 10));
    if (what == "play") return play_with_memory(argc - 2, argv + 2);
    if (what == "flood") {
        const int lines = argc > 2 ? std::atoi(argv[2]) : 20'000;
        for (int line = 0; line < lines; ++line) std::printf("line %d of a flood that must not lose any\n", line);
    }
    if (what == "say" && argc > 2) {
        std::puts(argv[2]);
        wait_for_ever();
    }
    if (what == "environment")
        for (int i = 2; i < argc; ++i) {
            const char* value = std::getenv(argv[i]);
            std::printf("%s%s%s\n", argv[i], value != nullptr ? "=" : " is not set", value != nullptr ? value : "");
        }
    if (what == "arguments")
        for (int i = 1; i < argc; ++i) std::printf("[%s]\n", argv[i]);
    return 0;
}
