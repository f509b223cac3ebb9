// SPDX-License-Identifier: Apache-2.0
// The devices of a machine: from the configuration to a list that an accelerator takes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/devices/balloon.h"
#include "hv/devices/console.h"
#include "hv/devices/device.h"
#include "hv/devices/net.h"
#include "hv/devices/port_socket.h"
#include "hv/devices/slirp_helper.h"
#include "hv/machine/config.h"
#include "hv/machine/disks.h"
#include "hv/machine/run_directory.h"

namespace hv {

/// Owns the devices and what they use. All on the loop's thread.
class MachineDevices {
public:
    /// Starts what takes its time and can go on meanwhile: the network's helper, if there is one. `in_cgroup`: its
    /// memory counts as the machine's. Errors: those of SlirpHelper::start.
    Result<> begin(const NetConfig& net, bool in_cgroup);
    /// The rest. `config` gets what was chosen for it: host ports and the MAC address. `loop` outlives the
    /// devices. Errors: usage, and those of each device's backend.
    Result<> make(MachineConfig& config, EventLoop& loop, const RunDirectory& directory);

    /// The index is the device number.
    [[nodiscard]] std::span<Device* const> list() const { return list_; }
    /// The console's text on standard output.
    [[nodiscard]] ConsoleOutput& output() { return *output_; }
    /// The host's end of the agent's port, and whether the guest has somebody at the other one.
    [[nodiscard]] PortSocket& agent_port() { return *agent_socket_; }
    [[nodiscard]] bool agent_is_open() const { return console_->agent_is_open(); }
    /// Null: the machine has none.
    [[nodiscard]] BalloonDevice* balloon() const { return balloon_; }
    [[nodiscard]] NetDevice* network() const { return network_; }
    /// In the order of the configuration's drives.
    [[nodiscard]] const std::vector<BlkDevice*>& disks() const { return disks_.list(); }
    /// The network's helper; 0 = none.
    [[nodiscard]] pid_t helper() const { return slirp_ ? slirp_->process() : 0; }
    /// The disks' ring, for hv's confinement; -1 = none.
    [[nodiscard]] int ring() const { return disks_.ring(); }
    /// Nothing: there is no helper.
    [[nodiscard]] std::optional<ProcessMemory> helper_memory() const {
        return slirp_ ? slirp_->memory_use() : std::nullopt;
    }

    void pause();
    void resume();

private:
    Result<> make_network(NetConfig& net, const std::string& machine_name, EventLoop& loop);
    void make_balloon(const MachineConfig& config, EventLoop& loop);

    // In the order in which they come to be; the last one goes first.
    std::optional<SlirpHelper> slirp_;
    std::unique_ptr<ConsoleOutput> output_;
    std::unique_ptr<PortSocket> agent_socket_;
    Disks disks_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<Device*> list_;
    ConsoleDevice* console_ = nullptr;
    BalloonDevice* balloon_ = nullptr;
    NetDevice* network_ = nullptr;
};

}  // namespace hv
