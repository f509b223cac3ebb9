// SPDX-License-Identifier: Apache-2.0
// Packets to this machine itself: they arrive before the call that sent them returns.
#include <lwip/netif.h>

#include "kernel/net/core_lock.h"
#include "kernel/net/lwip/hooks.h"

namespace tenon::net {

namespace {

class LoopedPackets final : public BeforeUnlock {
    void run() override {
        netif* interface;
        NETIF_FOREACH(interface) netif_poll(interface);
    }
};
constinit LoopedPackets looped_packets;

}  // namespace

extern "C" void tenon_net_looped() { looped_packets.request(); }

}  // namespace tenon::net
