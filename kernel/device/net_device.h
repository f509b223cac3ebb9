// SPDX-License-Identifier: Apache-2.0
// A network interface, as the network stack sees it. Drivers implement and register it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon {

using MacAddress = std::array<std::uint8_t, 6>;

/// One piece of a frame in the DMA zone.
struct FramePart {
    const void* data;
    std::size_t size;
};

struct NetStatistics {
    std::uint64_t rx_packets, rx_bytes, rx_dropped, rx_errors;
    std::uint64_t tx_packets, tx_bytes, tx_dropped, tx_errors;
};

/// Received frames are handed up as buffers of the driver's own, without a copy; whoever gets one gives it back.
class ReceiveBuffer {
public:
    std::span<std::byte> data;       ///< the frame's bytes in this buffer
    ReceiveBuffer* next = nullptr;   ///< the frame goes on there (mergeable buffers)
    virtual void release() = 0;      ///< gives this one buffer (not `next`) back to the driver

protected:
    ~ReceiveBuffer() = default;
};

class NetDevice {
public:
    /// `frame` is the first buffer; `checksum_valid`: the device vouches for the L4 checksum.
    using Receive = void (*)(void* context, ReceiveBuffer& frame, bool checksum_valid);
    /// Called when a frame's parts are no longer needed; `cookie` from transmit.
    using Sent = void (*)(void* cookie);

    virtual ~NetDevice() = default;
    [[nodiscard]] virtual MacAddress mac() const = 0;
    [[nodiscard]] virtual std::uint32_t mtu() const = 0;
    [[nodiscard]] virtual bool link_up() const = 0;
    /// The device completes L4 checksums: the stack leaves them out.
    [[nodiscard]] virtual bool checksum_offload() const = 0;
    /// Starts receiving. `wake(context)` runs in interrupt context when there is work for `poll`.
    virtual void start(void (*wake)(void* context), Receive receive, Sent sent, void* context) = 0;
    /// Hands up to `budget` received frames to Receive, reclaims sent ones. True: there may be more at once;
    /// false: the device's interrupt is armed again. Called by one thread.
    virtual bool poll(std::uint32_t budget) = 0;
    /// Queues one Ethernet frame; the parts stay untouched until Sent(cookie). False: the ring is full, drop it.
    virtual bool transmit(std::span<const FramePart> parts, void* cookie) = 0;
    /// Tells the device about what was queued since the last call (one doorbell for a batch).
    virtual void flush() = 0;
    [[nodiscard]] virtual NetStatistics statistics() const = 0;
};

/// Called by drivers. At most four.
void register_net_device(NetDevice& device);
[[nodiscard]] std::span<NetDevice* const> net_devices();

}  // namespace tenon
