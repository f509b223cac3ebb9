// SPDX-License-Identifier: Apache-2.0
// ICMP errors that wait for recvmsg(MSG_ERRQUEUE) (Linux, ip(7): IP_RECVERR).
#pragma once

#include <linux/errqueue.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

#include "kernel/base/intrusive_list.h"
#include "kernel/mm/heap.h"
#include "userland/posix/net/endpoint.h"

namespace tenon::posix {

/// An error that a router or the peer reported about a packet of ours.
struct NetworkError {
    sock_extended_err details{};
    Endpoint offender{};                   ///< who said it
    Endpoint destination{};                ///< of our packet
    std::span<const std::byte> payload{};  ///< as much of ours as was quoted
};

/// With the core lock held.
class ErrorQueue {
    static constexpr std::uint32_t most = 16;
    static constexpr std::size_t largest_payload = 512;

    struct Entry : ListLink<> {
        NetworkError error;
        std::byte payload[largest_payload];
        static void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
        static void operator delete(void* entry) { heap_free(entry); }
        static void operator delete(void* entry, const std::nothrow_t&) { heap_free(entry); }
    };

public:
    ErrorQueue() = default;
    ErrorQueue(const ErrorQueue&) = delete;
    ErrorQueue& operator=(const ErrorQueue&) = delete;
    ~ErrorQueue() { clear(); }
    void clear() {
        while (!empty()) pop();
    }
    /// Drops the error when there are many already, or there is no memory.
    void push(const NetworkError& error) {
        if (count_ == most) return;
        auto* entry = new (std::nothrow) Entry;
        if (entry == nullptr) return;
        entry->error = error;
        const std::size_t size = std::min(error.payload.size(), largest_payload);
        std::memcpy(entry->payload, error.payload.data(), size);
        entry->error.payload = std::span(entry->payload, size);
        entries_.push_back(*entry);
        ++count_;
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] const NetworkError& front() { return entries_.front()->error; }
    void pop() {
        --count_;
        delete entries_.pop_front();
    }

private:
    IntrusiveList<Entry> entries_;
    std::uint32_t count_ = 0;
};

}  // namespace tenon::posix
