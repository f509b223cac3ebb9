// SPDX-License-Identifier: Apache-2.0
// Pages that were allocated recently.
#pragma once

#include <array>
#include <cstdint>

#include "kernel/mm/page_record.h"

namespace tenon {

/// Remembers recent allocations, so that the zero-page agent need not search all of RAM. When it is full, further ones
/// are forgotten, which take_overflowed() reports. The caller holds the zone's lock; noting costs two stores.
class RecentPages {
public:
    struct Run {
        PageIndex first;
        PageIndex count;
    };

    /// note() calls `first_noted` if there was no entry before; with the lock held, so it may only start a timer.
    using FirstNoted = void (*)();
    explicit RecentPages(FirstNoted first_noted) : first_noted_(first_noted) {}

    void note(PageIndex first, PageIndex count) {
        if (count_ == runs_.size()) {
            overflowed_ = true;
            return;
        }
        runs_[count_++] = {first, count};
        if (count_ == 1) first_noted_();
    }

    /// Removes and returns the last run; count 0: there is none.
    [[nodiscard]] Run take() { return count_ == 0 ? Run{0, 0} : runs_[--count_]; }
    /// Allocations were forgotten since the last call.
    [[nodiscard]] bool take_overflowed() {
        const bool was = overflowed_;
        overflowed_ = false;
        return was;
    }

private:
    std::array<Run, 256> runs_{};
    std::uint32_t count_ = 0;
    bool overflowed_ = false;
    FirstNoted first_noted_;
};

}  // namespace tenon
