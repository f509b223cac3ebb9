// SPDX-License-Identifier: Apache-2.0
// Bytes of a stream that were received and not yet read: lwIP's buffers, one behind the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/net/private_packet.h"
#include "lwip/pbuf.h"
#include "userland/posix/net/parts.h"

namespace tenon::posix {

/// lwIP's own chains end at 64 KiB, because their length has 16 bits: this queue links single buffers. With the core
/// lock held.
class StreamQueue {
public:
    StreamQueue() = default;
    StreamQueue(const StreamQueue&) = delete;
    StreamQueue& operator=(const StreamQueue&) = delete;
    ~StreamQueue() { clear(); }

    /// Takes the chain over.
    void append(pbuf* chain) {
        if (chain == nullptr) return;
        size_ += chain->tot_len;
        if (count_ >= many && chain->tot_len <= small && collect(*chain)) {
            pbuf_free(chain);
            return;
        }
        link(chain);
        room_ = 0;
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// Copies up to `limit` bytes from byte `from` on, as far as there is room, without removing them.
    std::size_t peek(Parts& to, std::size_t limit, std::size_t from = 0) const {
        std::size_t done = 0, skip = offset_ + from;
        for (const pbuf* buffer = first_; buffer != nullptr && done < limit && !to.at_end(); buffer = buffer->next) {
            if (skip >= buffer->len) {
                skip -= buffer->len;
                continue;
            }
            const std::size_t count = std::min<std::size_t>(buffer->len - skip, limit - done);
            const std::size_t put = to.put(static_cast<const std::byte*>(buffer->payload) + skip, count);
            done += put;
            if (put < count) break;
            skip = 0;
        }
        return done;
    }

    /// Drops the first `count` bytes, at most all.
    void drop(std::size_t count) {
        count = std::min(count, size_);
        size_ -= count;
        count += offset_;
        while (first_ != nullptr && count >= first_->len) {
            count -= first_->len;
            release_first();
        }
        offset_ = first_ != nullptr ? count : 0;
    }

    void clear() {
        while (first_ != nullptr) release_first();
        size_ = offset_ = 0;
    }

    /// Gives devices' buffers back: copies what they hold to private memory. What came after the last call stays: a
    /// program that reads has read it by the next one.
    void leave_device_buffers() {
        pbuf** place = moved_ != nullptr ? &moved_->next : &first_;
        while (seen_ != nullptr && moved_ != seen_) {
            const bool is_seen = *place == seen_, is_last = *place == last_;
            moved_ = *place = net::make_private(*place);
            if (is_seen) seen_ = moved_;
            if (is_last) last_ = moved_;
            place = &moved_->next;
        }
        seen_ = last_;
    }

private:
    /// A peer that sends byte by byte must not fill memory with buffers: beyond `many`, small ones share a larger one.
    static constexpr std::size_t many = 64, small = 512, collector = 4096;

    void link(pbuf* chain) {
        if (last_ == nullptr)
            first_ = chain;
        else
            last_->next = chain;
        last_ = chain;
        for (++count_; last_->next != nullptr; ++count_) last_ = last_->next;
    }

    /// Copies the chain behind the bytes of the last buffer. False: there is no memory.
    bool collect(const pbuf& chain) {
        if (room_ < chain.tot_len) {
            pbuf* made = net::make_private_packet(collector);
            if (made == nullptr) return false;
            made->len = made->tot_len = 0;
            link(made);
            room_ = collector;
        }
        pbuf_copy_partial(&chain, static_cast<std::byte*>(last_->payload) + last_->len, chain.tot_len, 0);
        last_->len = last_->tot_len = static_cast<u16_t>(last_->len + chain.tot_len);
        room_ -= chain.tot_len;
        return true;
    }

    void release_first() {
        pbuf* buffer = first_;
        first_ = buffer->next;
        --count_;
        if (buffer == moved_) moved_ = nullptr;
        if (buffer == seen_) seen_ = nullptr;
        if (first_ == nullptr) {
            last_ = nullptr;
            room_ = 0;
        }
        buffer->next = nullptr;
        buffer->tot_len = buffer->len;
        pbuf_free(buffer);
    }

    pbuf* first_ = nullptr;
    pbuf* last_ = nullptr;
    pbuf* seen_ = nullptr;   // the last one at the last call of leave_device_buffers()
    pbuf* moved_ = nullptr;  // up to it no buffer is a device's; never behind seen_
    std::size_t size_ = 0;
    std::size_t count_ = 0;   // of buffers
    std::size_t room_ = 0;    // behind the bytes of the last buffer, if it collects small ones
    std::size_t offset_ = 0;  // bytes of the first buffer that were read already
};

}  // namespace tenon::posix
