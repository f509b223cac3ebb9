// SPDX-License-Identifier: Apache-2.0
// TCP segments of one connection on their way to the device.
#include "kernel/net/tcp_batch.h"

#include "kernel/net/partial_checksum.h"

namespace tenon::net {
namespace {

/// An IP datagram's length has 16 bits.
constexpr std::size_t largest_frame = 65535;

/// A cookie is a frame, or with this bit a list of them.
constexpr std::uintptr_t list_bit = 1;

/// As many as the driver's transmit ring has entries. When it is empty, segments go out one by one.
constinit SegmentListPool<pbuf, 256> lists;

std::span<const std::uint8_t> head_of(const pbuf& frame) {
    return {static_cast<const std::uint8_t*>(frame.payload), frame.len};
}

}  // namespace

bool TcpBatch::accepts(const pbuf& frame, const TcpSegment& segment) const {
    if (count_ == 0 || full_ || count_ == parts_.size() || segment.payload_size > segment_size_) return false;
    if (first_.header_size + payload_ + segment.payload_size > largest_frame) return false;
    if (count_ == 1 && lists.empty()) return false;
    const std::span head(static_cast<const std::uint8_t*>(parts_[0].data), parts_[0].size);
    return continues(head, first_, payload_, head_of(frame), segment);
}

void TcpBatch::add(pbuf& frame, const TcpSegment& segment) {
    const auto* bytes = static_cast<const std::byte*>(frame.payload);
    if (count_ == 0) {
        first_ = segment;
        segment_size_ = segment.payload_size;
        payload_ = 0;
        full_ = push_ = false;
        only_ = &frame;
        parts_[0] = {bytes, segment.header_size + segment.payload_size};
    } else {
        if (count_ == 1) {
            list_ = lists.take();
            list_->segments[list_->count++] = only_;
        }
        list_->segments[list_->count++] = &frame;
        parts_[count_] = {bytes + segment.header_size, segment.payload_size};
    }
    push_ |= has_push(head_of(frame), segment);
    full_ = segment.payload_size < segment_size_;
    payload_ += segment.payload_size;
    ++count_;
}

bool TcpBatch::transmit(NetDevice& device) {
    if (count_ == 0) return true;
    void* cookie = count_ == 1 ? static_cast<void*>(only_)
                               : reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(list_) | list_bit);
    const bool taken = transmit_frame(device, cookie);
    if (!taken) sent(cookie);
    count_ = 0;
    return taken;
}

bool TcpBatch::transmit_frame(NetDevice& device, void* cookie) const {
    const std::span head(static_cast<std::uint8_t*>(const_cast<void*>(parts_[0].data)), parts_[0].size);
    TransmitFrame frame{.parts = std::span(parts_).first(count_), .cookie = cookie};
    if (count_ > 1) {
        resize_segment(head, first_, payload_, push_);
        frame.segment_size = static_cast<std::uint16_t>(segment_size_);
        frame.header_size = static_cast<std::uint16_t>(first_.header_size);
        frame.ipv6 = first_.ipv6;
    }
    if (const auto place = begin_tcp_checksum(head)) {
        frame.checksum_start = place->start;
        frame.checksum_offset = place->offset;
    }
    return device.transmit(frame);
}

void TcpBatch::sent(void* cookie) {
    const auto value = reinterpret_cast<std::uintptr_t>(cookie);
    if ((value & list_bit) == 0) {
        pbuf_free(static_cast<pbuf*>(cookie));
        return;
    }
    auto& list = *reinterpret_cast<List*>(value & ~list_bit);
    for (std::size_t i = 0; i < list.count; ++i) pbuf_free(list.segments[i]);
    lists.give_back(list);
}

}  // namespace tenon::net
