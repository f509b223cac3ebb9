// SPDX-License-Identifier: Apache-2.0
// Receive buffers that a driver has made available, laid out so that a frame can be read straight into them.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "hv/devices/virtqueue.h"

namespace hv {

/// Holds popped chains in their order. Unused chains stay for the next frame, so that a read without a frame needs no
/// work on the ring. Has no memory of its own for frames.
class ReceiveWindow {
public:
    /// take() calls push(head, bytes) for each chain that a frame used, in order.
    using Push = std::function<void(std::uint16_t head, std::uint32_t bytes)>;

    /// Capacity of all chains together, in bytes.
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] bool empty() const { return first_ == chains_.size(); }

    /// Space for the segments of one more chain of a ring of `ring_size`; empty if the window is full.
    [[nodiscard]] std::span<iovec> space(std::size_t ring_size);
    /// Adds the chain that was popped into the last space(). It has writable bytes; only those are used.
    void add(const Chain& chain);

    /// Segments for one frame: from as many chains as `limit` bytes need, or from the first chain only.
    [[nodiscard]] std::span<const iovec> for_frame(std::uint64_t limit, bool mergeable) const;

    /// The segments now hold a frame of `size` bytes, which begins with a virtio_net_hdr_v1. Sets num_buffers in it,
    /// and removes the frame's chains. `size` is at most the size of for_frame()'s segments.
    void take(std::uint64_t size, const Push& push);

    void clear();

private:
    struct Entry {
        std::uint16_t head;
        std::uint16_t segments;
        std::uint32_t bytes;
    };
    void write_buffer_count(std::uint16_t count);

    std::vector<iovec> segments_;
    std::size_t first_segment_ = 0;
    std::size_t end_segment_ = 0;
    std::vector<Entry> chains_;
    std::size_t first_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace hv
