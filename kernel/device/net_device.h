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

/// An Ethernet frame to send. The first part has NetDevice::header_space() bytes before it, in the same memory, that
/// the driver may write: its own header then needs no descriptor.
struct TransmitFrame {
    std::span<const FramePart> parts;
    /// Not 0: the device sums the bytes from `checksum_start` to the end, and stores the sum `checksum_offset` behind
    /// `checksum_start`, where the pseudo-header's sum is. Only if checksum_offload().
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;
    /// Not 0: the device cuts this large TCP segment into segments with this much payload each, behind headers of
    /// `header_size` bytes. Only if segmentation_offload(), and with a checksum to complete.
    std::uint16_t segment_size = 0;
    std::uint16_t header_size = 0;
    bool ipv6 = false;
    void* cookie;
};

struct NetStatistics {
    std::uint64_t rx_packets, rx_bytes, rx_dropped, rx_errors;
    std::uint64_t tx_packets, tx_bytes, tx_dropped, tx_errors;
    std::uint64_t notifications, interrupts, restarts;
};

/// The driver hands received frames to the stack in its own buffers, without a copy; the stack gives each back.
class ReceiveBuffer {
public:
    std::span<std::byte> data;      ///< the frame's bytes in this buffer
    ReceiveBuffer* next = nullptr;  ///< the rest of the frame (mergeable buffers)
    /// For the holder's use: the network stack's own record of the buffer.
    alignas(16) std::byte holder_area[64];
    /// Gives this one buffer (not `next`) back to the driver. Callable from any thread.
    virtual void release() = 0;

protected:
    ~ReceiveBuffer() = default;
};

struct ReceivedFrame {
    ReceiveBuffer& first;
    bool checksum_valid;  ///< the device has verified the L4 checksum
    bool scarce;          ///< few buffers are left: copy the frame rather than hold it for long
};

/// The stack calls start, poll, transmit and flush from one thread at a time.
class NetDevice {
public:
    using Receive = void (*)(void* context, const ReceivedFrame& frame);
    /// Called when a frame's parts are no longer needed; `cookie` from transmit.
    using Sent = void (*)(void* cookie);

    virtual ~NetDevice() = default;
    [[nodiscard]] virtual MacAddress mac() const = 0;
    [[nodiscard]] virtual std::uint32_t mtu() const = 0;
    [[nodiscard]] virtual bool link_up() const = 0;
    /// The device completes L4 checksums, so that the stack need not.
    [[nodiscard]] virtual bool checksum_offload() const = 0;
    /// The device cuts large TCP segments into ones that fit the network.
    [[nodiscard]] virtual bool segmentation_offload(bool ipv6) const = 0;
    [[nodiscard]] virtual std::size_t header_space() const = 0;
    /// Most parts of one frame.
    [[nodiscard]] virtual std::size_t part_limit() const = 0;
    /// Starts receiving. `wake(context)` runs when there is work for `poll`: in interrupt context, or in that of
    /// release().
    virtual void start(void (*wake)(void* context), Receive receive, Sent sent, void* context) = 0;
    /// Hands up to `budget` received frames to Receive, reclaims sent ones, reads the link's state. True: there may be
    /// more frames; false: the device's interrupt is armed again.
    virtual bool poll(std::uint32_t budget) = 0;
    /// Calls Sent for the frames that the device has sent. True: others are still at the device.
    virtual bool reclaim() = 0;
    /// Queues one Ethernet frame, whose parts stay unchanged until Sent(cookie). False: the ring is full; drop the
    /// frame.
    virtual bool transmit(const TransmitFrame& frame) = 0;
    /// Notifies the device of the frames that were queued since the last call (one doorbell for all).
    virtual void flush() = 0;
    [[nodiscard]] virtual NetStatistics statistics() const = 0;
};

/// Called by drivers. At most four.
void register_net_device(NetDevice& device);
[[nodiscard]] std::span<NetDevice* const> net_devices();

}  // namespace tenon
