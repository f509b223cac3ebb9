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

/// Chains in the order in which they were popped. They stay from frame to frame: looking for a frame that is not there
/// costs no work on the ring. Holds no memory of its own for frames.
class ReceiveWindow {
public:
    /// Calls for each chain that a frame used, in order: push(head, bytes).
    using Push = std::function<void(std::uint16_t head, std::uint32_t bytes)>;

    /// Bytes that all chains together can take.
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] bool empty() const { return first_ == chains_.size(); }

    /// Room for the segments of one more chain of a ring of `ring_size`; empty if the window is full.
    [[nodiscard]] std::span<iovec> space(std::size_t ring_size);
    /// Takes the chain that was popped into the last space(). It has writable bytes, and only those are used.
    void add(const Chain& chain);

    /// Segments for one frame: of all chains as far as `limit` bytes need them, or of the first chain only.
    [[nodiscard]] std::span<const iovec> for_frame(std::uint64_t limit, bool mergeable) const;

    /// A frame of `size` bytes, a virtio_net_hdr_v1 in front, stands in the segments: sets num_buffers in it, and takes
    /// its chains out of the window. `size` is at most what for_frame() gave.
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
