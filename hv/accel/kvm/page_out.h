// SPDX-License-Identifier: Apache-2.0
// Writing a guest's RAM to the host's swap, by hv, which maps it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "hv/core/event_loop.h"
#include "hv/core/guest_pages.h"

namespace hv::kvm {

/// Walks through RAM in a circle, a bounded piece in each turn of the loop. Each request starts where the last one
/// stopped, and so offers other pages. The host's kernel decides which pages it really writes. On the loop's thread.
class PageOut {
public:
    using Locate = std::function<std::span<std::byte>(const GuestPages::Range&)>;

    /// `locate` gives the memory of a range. `loop` and `pages` outlive this object.
    PageOut(EventLoop& loop, const GuestPages& pages, Locate locate)
        : loop_(loop), pages_(pages), locate_(std::move(locate)) {}
    ~PageOut();
    PageOut(const PageOut&) = delete;
    PageOut& operator=(const PageOut&) = delete;

    /// Offers resident pages to the swap until `bytes` have been offered, or all of RAM has been visited once. Replaces
    /// an earlier request that is not finished.
    void start(std::uint64_t bytes);

private:
    void turn();
    [[nodiscard]] GuestPages::Range next_piece();

    EventLoop& loop_;
    const GuestPages& pages_;
    Locate locate_;
    std::size_t range_ = 0;  ///< the next piece: index of its range, and the offset in it
    std::uint64_t offset_ = 0;
    std::uint64_t bytes_left_ = 0;
    std::uint64_t round_left_ = 0;
    std::uint64_t timer_ = 0;
};

}  // namespace hv::kvm
