// SPDX-License-Identifier: Apache-2.0
// Connects a network device to lwIP: frames in both directions, and when the network thread runs.
#pragma once

#include <atomic>

#include "kernel/base/result.h"
#include "kernel/device/net_device.h"
#include "kernel/net/core_lock.h"
#include "lwip/netif.h"
#include "lwip/tcpip.h"

namespace tenon::net {

/// One interface of the stack. An interrupt sends one message to the network thread, which polls the device until there
/// are no more frames. Frames that are sent while the core lock is held go out with one doorbell when it is released.
class Interface final : private BeforeUnlock {
public:
    /// Adds the device to lwIP, without addresses, and starts it. With the core lock held. Error: no_memory.
    static Result<Interface*> add(NetDevice& device);

    [[nodiscard]] netif& lwip() { return netif_; }
    [[nodiscard]] NetDevice& device() { return device_; }
    /// Waits until the device has sent all frames, a few milliseconds at most.
    void drain();

private:
    /// Frames that one poll hands to lwIP, at most: then other threads may take the core lock.
    static constexpr std::uint32_t poll_budget = 64;
    /// After more full polls in a row, the network thread gets the program's priority, and takes turns with it.
    static constexpr unsigned most_full_polls = 4;

    explicit Interface(NetDevice& device) : device_(device) {}

    static err_t initialize(netif* interface);
    static err_t transmit(netif* interface, pbuf* frame);
    static void receive(void* self, const ReceivedFrame& frame);
    static void wake(void* self);
    static void poll(void* self);
    static void reclaim(void* self);

    void run() override;  // before the core lock is released
    [[nodiscard]] err_t send(pbuf& frame);
    [[nodiscard]] bool sendable(const pbuf& frame) const;
    static void sent(void* frame);
    void input(pbuf* packet, std::uint16_t type, bool checksum_valid);
    void follow_link();

    NetDevice& device_;
    netif netif_{};
    tcpip_callback_msg* poll_message_ = nullptr;
    std::atomic<bool> poll_scheduled_ = false;
    unsigned full_polls_ = 0;
    bool reclaim_scheduled_ = false;
};

}  // namespace tenon::net
