// SPDX-License-Identifier: Apache-2.0
// What both systems say of the machine in the same way.
#include "system.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cpu.h"
#include "measure.h"

namespace pvbench::system {

namespace {
std::uint64_t main_time;
}

Platform describe(std::string name, std::string hypervisor, std::string clocksource) {
    utsname system{};
    uname(&system);
    return {.name = std::move(name),
            .os = system.sysname,
            .kernel = system.release,
            .hypervisor = std::move(hypervisor),
            .cpu = cpu_brand(),
            .cpus = static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN)),
            .memory_bytes =
                static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)),
            .clocksource = std::move(clocksource)};
}

void note_main() {
    main_time = now_ns();
    note_main_tsc();
}

std::uint64_t main_ns() { return main_time; }

bool bind_to_processor(unsigned index) {
    // Of the CPUs that this process may use, not of all.
    static const cpu_set_t allowed = [] {
        cpu_set_t set;
        CPU_ZERO(&set);
        sched_getaffinity(0, sizeof(set), &set);
        return set;
    }();
    for (std::size_t cpu = 0; cpu != CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed) || index-- != 0) continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        return sched_setaffinity(0, sizeof(one), &one) == 0;
    }
    return false;
}

std::expected<std::uint64_t, std::string> since_start() {
    const auto main = start_to_main();
    if (!main) return main;
    return *main + (now_ns() - main_time);
}

}  // namespace pvbench::system
