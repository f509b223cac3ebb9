// SPDX-License-Identifier: Apache-2.0
// The agent's interface to the system: the kernel implements it, and tests of the agent do.
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
    std::uint32_t waiting;              ///< runnable threads that wait for a processor
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
    std::uint64_t generation;  ///< changes at each jump of time
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
    virtual void take_host_time() = 0;  ///< sets real time to the hypervisor's
    virtual ClockInformation clock() = 0;
    /// Returns at once; the machine shuts down in its usual way.
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

    /// Nothing: done, and `handlers` is the number of handlers that did it. Waits for the program's time limit at most.
    virtual std::optional<FreezeFailure> freeze(std::uint32_t& handlers) = 0;
    virtual std::optional<FreezeFailure> thaw(std::uint32_t& handlers) = 0;
    /// Prints a message on the console.
    virtual void say(const char* text) = 0;

protected:
    ~Guest() = default;
};

}  // namespace tenon::tools
