// SPDX-License-Identifier: Apache-2.0
// What the agent asks of the system that it speaks for: the kernel, or a stand-in where the agent itself is tested.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/device/disk_information.h"
#include "kernel/device/net_information.h"
#include "kernel/time/synchronisation.h"

namespace tenon::tools {

using Nanoseconds = std::uint64_t;

struct SystemInformation {
    std::string version;   ///< of Tenon
    std::string platform;  ///< "pv", "hvm on hv", "hvm"
    std::string image;     ///< its name, if the builder gave it one
    std::string host_name;
    std::uint32_t abi_version;
};

struct ProcessorTimes {
    Nanoseconds program, system, idle;  ///< since boot
    std::uint32_t waiting;              ///< threads that could run now, if there were more processors
};

struct ThreadInformation {
    std::uint32_t id;
    std::string name;
    unsigned priority;
    const char* state;
    std::size_t stack_size;
    Nanoseconds run_time;
};

/// In bytes.
struct MemoryInformation {
    std::uint64_t total, free, released, heap, io_total, io_free;
};

struct MemoryRange {
    std::uint64_t base, size;
};

struct FileSystemInformation {
    std::string name, mount_point, type;
    std::uint64_t used_bytes, total_bytes;
};

struct ClockInformation {
    const char* source;        ///< "hv", "kvm-clock", "tsc"
    std::uint64_t generation;  ///< another one after each jump of time
    const char* wall_clock;    ///< who set it: "host", "program", "time-server"
    std::optional<Synchronisation> synchronisation;
};

enum class ShutdownMode { power_off, reboot };
enum class FreezeFailure { refused, too_slow, busy };

class Guest {
public:
    virtual Nanoseconds monotonic_time() = 0;
    virtual Nanoseconds real_time() = 0;  ///< since 1970
    virtual void set_real_time(Nanoseconds now) = 0;
    virtual void take_host_time() = 0;  ///< real time is again what the hypervisor says
    virtual ClockInformation clock() = 0;
    /// Returns at once; the machine goes down in its own way.
    virtual void shut_down(ShutdownMode mode) = 0;

    virtual SystemInformation system() = 0;
    virtual std::vector<NetInterfaceInformation> interfaces() = 0;
    virtual std::vector<RouteInformation> routes() = 0;
    virtual std::uint32_t processor_count() = 0;
    virtual ProcessorTimes processor_times() = 0;
    virtual std::vector<ThreadInformation> threads() = 0;
    virtual MemoryInformation memory() = 0;
    virtual std::vector<MemoryRange> ram() = 0;
    virtual std::vector<FileSystemInformation> file_systems() = 0;
    virtual std::vector<DiskInformation> disks() = 0;

    /// Nothing: it is done, and `handlers` says by how many. Waits as long as the program's limit at most.
    virtual std::optional<FreezeFailure> freeze(std::uint32_t& handlers) = 0;
    virtual std::optional<FreezeFailure> thaw(std::uint32_t& handlers) = 0;
    /// For a person at the console.
    virtual void say(const char* text) = 0;

protected:
    ~Guest() = default;
};

}  // namespace tenon::tools
