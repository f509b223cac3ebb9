// SPDX-License-Identifier: Apache-2.0
// The network interfaces that drivers have found.
#include "kernel/device/net_device.h"

#include "kernel/console/console.h"

namespace tenon {

namespace {
// Written while one thread probes devices, read afterwards.
constinit NetDevice* devices[4] = {};
constinit std::size_t count = 0;
}  // namespace

void register_net_device(NetDevice& device) {
    if (count == std::size(devices)) {
        warn("network: four interfaces are supported; another one is ignored");
        return;
    }
    devices[count++] = &device;
}

std::span<NetDevice* const> net_devices() { return std::span(devices).first(count); }

}  // namespace tenon
