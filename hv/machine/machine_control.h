// SPDX-License-Identifier: Apache-2.0
// The interface for controlling a machine: for the control socket (hv/api) and its tests.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/process_memory.h"
#include "hv/guest/tenon_guest.h"
#include "hv/machine/config.h"

namespace hv {

class BalloonDevice;

/// All calls are made by the thread of the machine's loop.
class MachineControl {
public:
    virtual ~MachineControl() = default;
    [[nodiscard]] virtual const MachineConfig& config() const = 0;
    [[nodiscard]] virtual bool running() const = 0;
    [[nodiscard]] virtual bool paused() const = 0;
    /// none: the image says that it has no agent; closed: the agent has not opened its port yet, or there is none.
    enum class Agent { none, closed, open };
    [[nodiscard]] virtual Agent agent() const = 0;
    /// Where the guest answers on the host: none where its image has no driver for a network.
    [[nodiscard]] virtual std::vector<PortForward> published_ports() const = 0;
    /// Idempotent. Errors: internal (the guest does not stop).
    virtual Result<> pause() = 0;
    virtual void resume() = 0;
    [[nodiscard]] virtual std::string accelerator() const = 0;
    [[nodiscard]] virtual std::string accelerator_reason() const = 0;
    /// The version of Landlock that confines hv; 0 = none.
    [[nodiscard]] virtual int landlock() const = 0;
    [[nodiscard]] virtual std::uint64_t uptime_ns() const = 0;
    /// How long it has been running, paused or crashed.
    [[nodiscard]] virtual std::uint64_t state_ns() const = 0;
    [[nodiscard]] virtual std::uint64_t guest_cpu_ns() const = 0;
    virtual void request_shutdown() = 0;
    /// Errors: usage, with the reason (no supervisor would start it again).
    virtual Result<> request_reboot() = 0;
    /// Ends it at once.
    virtual void kill() = 0;

    /// Null: the machine was started without one.
    [[nodiscard]] virtual BalloonDevice* balloon() = 0;
    /// Of the process that has the guest's RAM: hv itself on `kvm`. Nothing: the host does not say.
    [[nodiscard]] virtual std::optional<ProcessMemory> memory_use() const = 0;
    /// Of all its processes together: hv, the guest's, the user-mode network's. Pages that two of them share count
    /// twice. Nothing: the host does not say.
    [[nodiscard]] virtual std::optional<std::uint64_t> resident_bytes() const = 0;
    [[nodiscard]] virtual MemoryCounters memory_counters() const = 0;
    /// The user-mode network's process. Nothing: there is none.
    struct NetworkHelper {
        pid_t process;
        std::uint64_t resident_bytes;
    };
    [[nodiscard]] virtual std::optional<NetworkHelper> network_helper() const { return std::nullopt; }
    /// hv, and on `pv` the guest's process.
    [[nodiscard]] virtual std::vector<pid_t> processes() const = 0;
    /// Asks the guest to give back what it can.
    virtual void request_reclaim() = 0;
    virtual void page_out(std::uint64_t bytes) = 0;
    /// Of the network that config() has.
    virtual void limit_network(const NetLimits& limits) = 0;
    /// Of config().drives[drive].
    virtual void limit_disk(std::size_t drive, const RateLimits& limits) = 0;
    /// Reads the size of the image of config().drives[drive] again, and tells the guest. Errors: usage (it is no
    /// longer whole blocks).
    virtual Result<> reread_disk(std::size_t drive) = 0;
    /// Changes config().cpu_policy; all of it or nothing. Errors: usage (values that contradict each other, CPUs that
    /// the host lacks, what only a start can change), and those of CpuCgroup::set().
    virtual Result<> set_cpu(const CpuPolicy& policy) = 0;
    /// How long the guest was ready to run while the host ran others, in ns; in Linux, steal time. Nothing: the host
    /// does not say.
    [[nodiscard]] virtual std::optional<std::uint64_t> guest_steal_ns() const = 0;
    /// What the machine's CPU limit has cost. Nothing: it has no CPU cgroup.
    [[nodiscard]] virtual std::optional<CpuThrottling> cpu_throttling() const = 0;
};

}  // namespace hv
