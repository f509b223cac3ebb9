// SPDX-License-Identifier: Apache-2.0
// The agent's interface to this kernel.
#include "tools-agent/kernel_guest.h"

#include <tenon/version.h>

#include "hypercall/note.h"
#include "kernel/console/console.h"
#include "kernel/device/block_io.h"
#include "kernel/fs/archive.h"
#include "kernel/lifecycle/freeze.h"
#include "kernel/lifecycle/power.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/options/command_line.h"
#include "kernel/platform/platform.h"
#include "kernel/sched/scheduler.h"
#include "kernel/time/synchronisation.h"

namespace tenon::tools {

namespace {

// Answers list at most so many of each.
constexpr std::size_t most_interfaces = 8, most_routes = 32, most_threads = 256, most_disks = 128;

/// Calls `fill` with room for `most` entries; returns those that it filled in.
template <typename T, typename Fill>
std::vector<T> listed(std::size_t most, Fill&& fill) {
    std::vector<T> list(most);
    list.resize(fill(std::span<T>(list)));
    return list;
}

const char* name_of(Thread::State state) {
    switch (state) {
        case Thread::State::runnable: return "runnable";
        case Thread::State::running: return "running";
        case Thread::State::blocked: return "blocked";
        case Thread::State::ended: return "ended";
    }
    return "unknown";
}

/// Time for writes in flight and a flush, of all disks together.
constexpr Nanoseconds disk_limit = 5'000'000'000;

FreezeFailure failure_of(Error error) {
    switch (error) {
        case Error::timed_out: return FreezeFailure::too_slow;
        case Error::busy: return FreezeFailure::busy;
        default: return FreezeFailure::refused;
    }
}

std::optional<FreezeFailure> outcome_of(const Result<std::uint32_t>& result, std::uint32_t& handlers) {
    if (!result) return failure_of(result.error());
    handlers = *result;
    return std::nullopt;
}

}  // namespace

Nanoseconds KernelGuest::monotonic_time() { return monotonic_now(); }
Nanoseconds KernelGuest::real_time() { return realtime_now(); }
void KernelGuest::set_real_time(Nanoseconds now) { set_realtime(now); }
void KernelGuest::take_host_time() { take_platform_realtime(); }
ClockInformation KernelGuest::clock() {
    constexpr const char* setters[] = {"host", "program", "time-server"};
    return {.source = platform().clock_source(),
            .generation = platform().clock_generation(),
            .wall_clock = setters[static_cast<std::size_t>(realtime_setter())],
            .synchronisation = last_synchronisation()};
}
void KernelGuest::shut_down(ShutdownMode mode) {
    request_shutdown(mode == ShutdownMode::reboot ? abi::ShutdownReason::reboot : abi::ShutdownReason::power_off);
}

SystemInformation KernelGuest::system() {
    return {.version = TENON_VERSION,
            .platform = platform().name(),
            .image = program_arguments()[0],
            .host_name = std::string(kernel_option("hostname").value_or("tenon")),
            .abi_version = abi::version};
}

std::vector<NetInterfaceInformation> KernelGuest::interfaces() {
    NetInformation* network = net_information();
    if (network == nullptr) return {};
    return listed<NetInterfaceInformation>(most_interfaces, [&](auto list) { return network->interfaces(list); });
}

std::vector<RouteInformation> KernelGuest::routes() {
    NetInformation* network = net_information();
    if (network == nullptr) return {};
    return listed<RouteInformation>(most_routes, [&](auto list) { return network->routes(list); });
}

std::uint32_t KernelGuest::processor_count() { return Cpu::count.load(); }

ProcessorTimes KernelGuest::processor_times() {
    const Scheduler::Times times = Scheduler::times();
    return {times.program, times.system, times.idle, Scheduler::waiting_to_run()};
}

std::vector<ThreadInformation> KernelGuest::threads() {
    std::vector<ThreadInformation> list;
    for (const Thread::Information& thread :
         listed<Thread::Information>(most_threads, [](auto threads) { return Thread::list(threads); }))
        list.push_back({.id = thread.id,
                        .name = thread.name,
                        .priority = static_cast<unsigned>(thread.priority),
                        .state = name_of(thread.state),
                        .stack_size = thread.stack_size,
                        .run_time = thread.run_time});
    return list;
}

MemoryInformation KernelGuest::memory() {
    const MemoryStatistics now = memory_statistics();
    return {now.total_bytes, now.free_bytes,      now.released_bytes,
            now.heap_bytes,  now.dma_total_bytes, now.dma_free_bytes};
}

std::vector<MemoryRange> KernelGuest::ram() {
    std::vector<MemoryRange> list;
    for (const abi::MemoryRange& range : platform().memory_map().ram) list.push_back({range.base, range.size});
    return list;
}

std::vector<FileSystemInformation> KernelGuest::file_systems() {
    std::vector<FileSystemInformation> list;
    const auto add = [&](FileSystem& file_system) {
        const FileSystemStatistics now = file_system.statistics();
        const bool is_root = file_system.covered() == nullptr;
        if (now.blocks == 0 && !is_root) return;
        list.push_back({.name = file_system.type(),
                        .mount_point = std::string(is_root ? "/" : file_system.path()),
                        .type = is_root ? "cpio" : file_system.type(),
                        .used_bytes = (now.blocks - now.free_blocks) * now.block_size,
                        .total_bytes = now.blocks * now.block_size});
    };
    add(archive_file_system());
    for_each_mount(add);
    return list;
}

std::vector<DiskInformation> KernelGuest::disks() {
    DiskList* disks = disk_list();
    if (disks == nullptr) return {};
    return listed<DiskInformation>(most_disks, [&](auto list) { return disks->disks(list); });
}

std::optional<FreezeFailure> KernelGuest::freeze(std::uint32_t& handlers) {
    if (const auto failure = outcome_of(freeze_program(), handlers)) return failure;
    // The program has written its files: from now on no write reaches a disk.
    const Result<> disks = freeze_disks(tenon::monotonic_now() + disk_limit);
    if (disks) return {};
    (void)thaw_program();
    return failure_of(disks.error());
}
std::optional<FreezeFailure> KernelGuest::thaw(std::uint32_t& handlers) {
    thaw_disks();
    return outcome_of(thaw_program(), handlers);
}

void KernelGuest::say(const char* text) { warn("%s", text); }

}  // namespace tenon::tools
