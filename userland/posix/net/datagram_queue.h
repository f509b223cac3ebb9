// SPDX-License-Identifier: Apache-2.0
// Datagrams that were received and not yet read.
#pragma once

#include <cstdint>

#include "kernel/mm/heap.h"
#include "kernel/net/private_packet.h"
#include "kernel/time/clock.h"
#include "lwip/pbuf.h"
#include "userland/posix/net/endpoint.h"

namespace tenon::posix {

/// A datagram, and values from its headers.
struct Datagram {
    pbuf* packet;
    Endpoint from;
    ip_addr_t to;
    Nanoseconds time;  ///< of CLOCK_REALTIME
    std::uint8_t interface;
    std::uint8_t ttl;
    std::uint8_t tos;
};

/// A ring that grows up to its limit and then keeps its size: nothing is allocated for a datagram. With the core lock
/// held.
class DatagramQueue {
public:
    DatagramQueue() = default;
    DatagramQueue(const DatagramQueue&) = delete;
    DatagramQueue& operator=(const DatagramQueue&) = delete;
    ~DatagramQueue() {
        clear();
        heap_free(ring_);
    }

    /// Takes the packet over. False: it does not, because there is no memory, or too many datagrams.
    [[nodiscard]] bool push(const Datagram& datagram) {
        if (count_ == capacity_ && !grow()) return false;
        ring_[(first_ + count_++) & (capacity_ - 1)] = datagram;
        charged_ += charge(*datagram.packet);
        return true;
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] const Datagram& front() const { return ring_[first_]; }
    void pop() {
        charged_ -= charge(*front().packet);
        pbuf_free(front().packet);
        first_ = (first_ + 1) & (capacity_ - 1);
        --count_;
    }
    void clear() {
        while (!empty()) pop();
    }
    /// Gives device's buffers back: copies what they hold to private memory.
    void leave_device_buffers() {
        for (std::uint32_t i = 0; i < count_; ++i)
            for (pbuf** place = &ring_[(first_ + i) & (capacity_ - 1)].packet; *place != nullptr;
                 place = &(*place)->next)
                *place = net::make_private(*place);
    }
    /// Bytes of memory that the datagrams hold.
    [[nodiscard]] std::size_t charged() const { return charged_; }
    [[nodiscard]] static std::size_t charge(const pbuf& packet) {
        // A buffer of the receive ring counts as a whole, however short the frame is.
        return packet.tot_len + buffer_overhead;
    }

private:
    static constexpr std::uint32_t first_capacity = 8, largest_capacity = 4096;
    static constexpr std::size_t buffer_overhead = 512;

    [[nodiscard]] bool grow() {
        const std::uint32_t larger = capacity_ == 0 ? first_capacity : capacity_ * 2;
        if (larger > largest_capacity) return false;
        auto* ring = static_cast<Datagram*>(heap_allocate(larger * sizeof(Datagram)));
        if (ring == nullptr) return false;
        for (std::uint32_t i = 0; i < count_; ++i) ring[i] = ring_[(first_ + i) & (capacity_ - 1)];
        heap_free(ring_);
        ring_ = ring;
        capacity_ = larger;
        first_ = 0;
        return true;
    }

    Datagram* ring_ = nullptr;
    std::uint32_t capacity_ = 0, first_ = 0, count_ = 0;
    std::size_t charged_ = 0;
};

}  // namespace tenon::posix
