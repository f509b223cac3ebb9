// SPDX-License-Identifier: Apache-2.0
// TCP segments of one connection on their way to the device, which takes them as one large frame (segmentation
// offload).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernel/device/net_device.h"
#include "kernel/net/segment_list.h"
#include "kernel/net/tcp_segment.h"
#include "lwip/pbuf.h"

namespace tenon::net {

/// lwIP makes segments of the size that the network takes. This puts those that it sends in one go together: the
/// headers of the first, then the payloads of all, where they are. The device cuts them apart again. With the core lock
/// held.
class TcpBatch {
public:
    /// `frame`, parsed as `segment`, continues what is here.
    [[nodiscard]] bool accepts(const pbuf& frame, const TcpSegment& segment) const;
    /// The reference to `frame` becomes the batch's. It is empty, or accepts the frame.
    void add(pbuf& frame, const TcpSegment& segment);

    /// Hands the frame to `device` and is empty then. False: the ring is full; the segments are dropped, as if they had
    /// been lost on the way.
    bool transmit(NetDevice& device);
    /// For the device's Sent: gives the references of a frame back.
    static void sent(void* cookie);

private:
    using List = SegmentList<pbuf>;

    [[nodiscard]] bool transmit_frame(NetDevice& device, void* cookie) const;

    std::size_t count_ = 0;
    std::size_t payload_ = 0;
    std::size_t segment_size_ = 0;
    bool full_ = false;  // the last one was shorter: nothing may follow
    bool push_ = false;
    TcpSegment first_{};
    pbuf* only_ = nullptr;  // if count_ is 1
    List* list_ = nullptr;  // if count_ is greater
    std::array<FramePart, List::capacity> parts_{};
};

}  // namespace tenon::net
