// SPDX-License-Identifier: Apache-2.0
// A guest whose state a test sets, and which records the agent's calls.
#pragma once

#include "tools-agent/guest.h"

namespace tenon::tools::test {

constexpr Nanoseconds second = 1'000'000'000;

struct FakeGuest final : Guest {
    Nanoseconds monotonic = 100 * second;
    Nanoseconds real = 1'700'000'000 * second;
    bool host_time_taken = false;
    ClockInformation clock_information{"hv", 3, "host", {}};
    std::vector<ShutdownMode> shutdowns;
    ProcessorTimes times{};
    std::vector<NetInterfaceInformation> network;
    std::vector<RouteInformation> route_list;
    std::vector<MemoryRange> memory_ranges{{0x1000, 64 << 20}};
    std::vector<DiskInformation> disk_list;
    std::uint32_t handlers = 1;
    std::optional<FreezeFailure> freeze_failure, thaw_failure;
    int freezes = 0, thaws = 0;
    std::vector<std::string> said;

    Nanoseconds monotonic_time() override { return monotonic; }
    Nanoseconds real_time() override { return real; }
    void set_real_time(Nanoseconds now) override { real = now; }
    void take_host_time() override { host_time_taken = true; }
    ClockInformation clock() override { return clock_information; }
    void shut_down(ShutdownMode mode) override { shutdowns.push_back(mode); }
    SystemInformation system() override { return {"1.2.3", "pv", "image", "host", 2}; }
    std::vector<NetInterfaceInformation> interfaces() override { return network; }
    std::vector<RouteInformation> routes() override { return route_list; }
    std::uint32_t processor_count() override { return 1; }
    ProcessorTimes processor_times() override { return times; }
    std::vector<ThreadInformation> threads() override { return {{1, "main", 16, "runnable", 4096, 5 * second}}; }
    MemoryInformation memory() override { return {100, 60, 50, 10, 20, 5}; }
    std::vector<MemoryRange> ram() override { return memory_ranges; }
    std::vector<FileSystemInformation> file_systems() override { return {{"archive", "/", "cpio", 7, 7}}; }
    std::vector<DiskInformation> disks() override { return disk_list; }
    std::optional<FreezeFailure> freeze(std::uint32_t& count) override {
        ++freezes;
        if (!freeze_failure) count = handlers;
        return freeze_failure;
    }
    std::optional<FreezeFailure> thaw(std::uint32_t& count) override {
        ++thaws;
        if (!thaw_failure) count = handlers;
        return thaw_failure;
    }
    void say(const char* text) override { said.push_back(text); }
};

}  // namespace tenon::tools::test
