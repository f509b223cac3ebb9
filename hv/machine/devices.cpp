// SPDX-License-Identifier: Apache-2.0
// The devices of a machine.
#include "hv/machine/devices.h"

#include <unistd.h>

#include <utility>

#include "hv/devices/rng.h"
#include "hv/devices/slirp/protocol.h"

namespace hv {

namespace {

/// Locally administered, and the same for every machine of this name: the neighbours' ARP tables stay right.
MacAddress mac_for(std::string_view name) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
    MacAddress mac{0x02};
    for (std::size_t i = 1; i < mac.size(); ++i) mac[i] = static_cast<std::uint8_t>(hash >> (8 * i));
    return mac;
}

}  // namespace

Result<> MachineDevices::begin(const NetConfig& net, bool in_cgroup) {
    if (net.mode != NetConfig::Mode::user) return {};
    TRY(slirp_, SlirpHelper::start(net.user, in_cgroup ? slirp::cgroup_memory : slirp::default_memory));
    return {};
}

Result<> MachineDevices::make(MachineConfig& config, EventLoop& loop, const RunDirectory& directory) {
    output_ = std::make_unique<ConsoleOutput>(STDOUT_FILENO, loop);
    TRY(agent_socket_, PortSocket::create(loop, directory.agent_socket_path()));
    auto console = std::make_unique<ConsoleDevice>(loop, *output_, STDIN_FILENO, *agent_socket_);
    console_ = console.get();
    devices_.push_back(std::move(console));
    devices_.push_back(std::make_unique<RngDevice>(loop));
    if (config.net.mode != NetConfig::Mode::none) CHECK(make_network(config.net, config.name, loop));
    if (config.balloon.enabled) make_balloon(config, loop);
    if (!config.drives.empty()) CHECK(disks_.open(loop, config.drives, devices_));
    for (const auto& device : devices_) list_.push_back(device.get());
    return {};
}

Result<> MachineDevices::make_network(NetConfig& net, const std::string& machine_name, EventLoop& loop) {
    TRY(NetBackend backend,
        net.mode == NetConfig::Mode::tap ? open_tap(net.tap, net.mtu) : slirp_->wait_until_ready(net.user));
    if (net.mtu) backend.mtu = *net.mtu;
    if (!net.mac) net.mac = mac_for(machine_name);
    auto device = std::make_unique<NetDevice>(loop, std::move(backend), *net.mac);
    network_ = device.get();
    network_->limit(net.limits);
    devices_.push_back(std::move(device));
    return {};
}

void MachineDevices::make_balloon(const MachineConfig& config, EventLoop& loop) {
    auto balloon = std::make_unique<BalloonDevice>(loop, config.balloon);
    balloon_ = balloon.get();
    devices_.push_back(std::move(balloon));
}

void MachineDevices::pause() {
    for (Device* device : list_) device->pause();
}

void MachineDevices::resume() {
    for (Device* device : list_) device->resume();
}

}  // namespace hv
