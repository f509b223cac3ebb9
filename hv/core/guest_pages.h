// SPDX-License-Identifier: Apache-2.0
// The RAM that a guest may give back to the host, by guest-physical address: for devices that handle pages without
// accessing their content.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "hypercall/start_info.h"

namespace hv {

/// All RAM except the I/O zone and the image. Addresses and sizes come from a guest; no computation here wraps. Not
/// thread-safe.
class GuestPages {
public:
    using Range = tenon::abi::MemoryRange;
    using Discard = std::function<void(const Range&)>;

    /// The pages of `ram` outside of `kept`; all ranges are whole pages. `discard` gives a range back to the host, so
    /// that it reads as zeros. Null on `pv`: hv does not map the RAM there, and the guest drops pages itself before it
    /// reports them.
    GuestPages(std::span<const Range> ram, std::span<const Range> kept, Discard discard = nullptr);

    /// Whether `range` is one or more whole pages, all of which the guest may give back.
    [[nodiscard]] bool contains(const Range& range) const;
    /// contains(range) is true.
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
