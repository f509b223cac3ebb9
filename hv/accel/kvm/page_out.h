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

/// Goes round RAM, a bounded piece a turn of the loop, on from where it stopped the last time: whoever asks again gets
/// other pages. The host's kernel decides what of a piece it really writes. On the loop's thread.
class PageOut {
public:
    using Locate = std::function<std::span<std::byte>(const GuestPages::Range&)>;

    /// `locate` says where a range is in hv. What is referred to outlives this object.
    PageOut(EventLoop& loop, const GuestPages& pages, Locate locate)
        : loop_(loop), pages_(pages), locate_(std::move(locate)) {}
    ~PageOut();
    PageOut(const PageOut&) = delete;
    PageOut& operator=(const PageOut&) = delete;

    /// Until `bytes` that were resident have been offered to the swap, or all of RAM has been looked at once. In place
    /// of what an earlier call has left to do.
    void start(std::uint64_t bytes);

private:
    void turn();
    [[nodiscard]] GuestPages::Range next_piece();

    EventLoop& loop_;
    const GuestPages& pages_;
    Locate locate_;
    std::size_t range_ = 0;  ///< the cursor: in which of the ranges, and where in it
    std::uint64_t offset_ = 0;
    std::uint64_t bytes_left_ = 0;
    std::uint64_t round_left_ = 0;
    std::uint64_t timer_ = 0;
};

}  // namespace hv::kvm
