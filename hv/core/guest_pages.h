// SPDX-License-Identifier: Apache-2.0
// The RAM that a guest may give back to the host, by guest-physical address: for devices that name pages and never look
// at them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "hypercall/start_info.h"

namespace hv {

/// Not all of RAM: what hv and the guest share, and what is mapped from the image, are not the guest's to give.
/// Addresses and sizes are a guest's; nothing here wraps. Not thread-safe.
class GuestPages {
public:
    using Range = tenon::abi::MemoryRange;
    using Discard = std::function<void(const Range&)>;

    /// `ram` without `kept`, whole pages all. `discard` gives a range that contains() back to the host, so that it
    /// reads as zeros; without one (`pv`, where hv does not map RAM and the guest drops its pages itself before it
    /// names them) nothing is left to do.
    GuestPages(std::span<const Range> ram, std::span<const Range> kept, Discard discard = nullptr);

    /// Whole pages, one at least, all of them the guest's to give.
    [[nodiscard]] bool contains(const Range& range) const;
    /// `range` is one that contains().
    void discard(const Range& range) const {
        if (discard_) discard_(range);
    }
    /// Ascending, disjoint.
    [[nodiscard]] std::span<const Range> ranges() const { return ranges_; }
    /// One past the last page's address.
    [[nodiscard]] std::uint64_t end() const { return ranges_.empty() ? 0 : ranges_.back().base + ranges_.back().size; }

private:
    std::vector<Range> ranges_;
    Discard discard_;
};

}  // namespace hv
