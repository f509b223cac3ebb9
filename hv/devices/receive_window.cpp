// SPDX-License-Identifier: Apache-2.0
// The window of receive buffers.
#include "hv/devices/receive_window.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>

#include "hv/devices/virtio_net_header.h"

namespace hv {

std::span<iovec> ReceiveWindow::space(std::size_t ring_size) {
    // Twice the ring's size: a chain of any legal length fits behind the present ones, if necessary after they were
    // moved to the front.
    if (segments_.empty()) segments_.resize(2 * ring_size);
    if (segments_.size() - end_segment_ < ring_size && first_segment_ > 0) {
        std::copy(segments_.begin() + static_cast<std::ptrdiff_t>(first_segment_),
                  segments_.begin() + static_cast<std::ptrdiff_t>(end_segment_), segments_.begin());
        end_segment_ -= first_segment_;
        first_segment_ = 0;
        chains_.erase(chains_.begin(), chains_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    if (segments_.size() - end_segment_ < ring_size) return {};
    return std::span(segments_).subspan(end_segment_);
}

void ReceiveWindow::add(const Chain& chain) {
    assert(chain.writable_bytes > 0);
    // pop() puts a readable part in front. A receive buffer should have none; hv does not use it.
    if (!chain.readable.empty())
        std::copy(chain.writable.begin(), chain.writable.end(),
                  segments_.begin() + static_cast<std::ptrdiff_t>(end_segment_));
    chains_.push_back({chain.head, static_cast<std::uint16_t>(chain.writable.size()), chain.writable_bytes});
    end_segment_ += chain.writable.size();
    bytes_ += chain.writable_bytes;
}

std::span<const iovec> ReceiveWindow::for_frame(std::uint64_t limit, bool mergeable) const {
    if (empty()) return {};
    std::size_t count = chains_[first_].segments;
    if (mergeable) {
        std::uint64_t room = chains_[first_].bytes;
        for (std::size_t i = first_ + 1; i < chains_.size() && room < limit; ++i) {
            // readv's limit of segments.
            if (count + chains_[i].segments > 1024) break;
            count += chains_[i].segments;
            room += chains_[i].bytes;
        }
    }
    return std::span(segments_).subspan(first_segment_, count);
}

void ReceiveWindow::write_buffer_count(std::uint16_t count) {
    std::size_t offset = offsetof(virtio_net_hdr_v1, num_buffers);
    std::byte bytes[sizeof count];
    std::memcpy(bytes, &count, sizeof count);
    // The driver may spread the header over several segments.
    std::size_t done = 0;
    for (std::size_t i = first_segment_; i < end_segment_ && done < sizeof bytes; ++i) {
        const iovec& segment = segments_[i];
        while (offset < segment.iov_len && done < sizeof bytes)
            static_cast<std::byte*>(segment.iov_base)[offset++] = bytes[done++];
        offset -= std::min(offset, segment.iov_len);
    }
}

void ReceiveWindow::take(std::uint64_t size, const Push& push) {
    std::size_t count = 0;
    for (std::uint64_t room = 0; room < size; ++count) room += chains_[first_ + count].bytes;
    write_buffer_count(static_cast<std::uint16_t>(count));
    for (; count > 0; --count) {
        const Entry chain = chains_[first_++];
        const auto used = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, chain.bytes));
        size -= used;
        bytes_ -= chain.bytes;
        first_segment_ += chain.segments;
        push(chain.head, used);
    }
    if (empty()) clear();
}

void ReceiveWindow::clear() {
    chains_.clear();
    first_ = first_segment_ = end_segment_ = 0;
    bytes_ = 0;
}

}  // namespace hv
