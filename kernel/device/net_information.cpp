// SPDX-License-Identifier: Apache-2.0
// The registered source of network information.
#include "kernel/device/net_information.h"

#include <atomic>

namespace tenon {

namespace {
constinit std::atomic<NetInformation*> registered = nullptr;
}

void register_net_information(NetInformation& information) { registered.store(&information); }
NetInformation* net_information() { return registered.load(); }

}  // namespace tenon
