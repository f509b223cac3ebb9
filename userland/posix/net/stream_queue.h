// SPDX-License-Identifier: Apache-2.0
// Bytes of a stream that were received and not yet read: lwIP's buffers, one behind the other.
#pragma once

#include <cstddef>

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
        if (last_ == nullptr)
            first_ = chain;
        else
            last_->next = chain;
        for (last_ = chain; last_->next != nullptr;) last_ = last_->next;
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

private:
    void release_first() {
        pbuf* buffer = first_;
        first_ = buffer->next;
        if (first_ == nullptr) last_ = nullptr;
        buffer->next = nullptr;
        buffer->tot_len = buffer->len;
        pbuf_free(buffer);
    }

    pbuf* first_ = nullptr;
    pbuf* last_ = nullptr;
    std::size_t size_ = 0;
    std::size_t offset_ = 0;  // bytes of the first buffer that were read already
};

}  // namespace tenon::posix
