// SPDX-License-Identifier: Apache-2.0
// Whether the machine is frozen, and for how long it may be.
#pragma once

#include <cstdint>
#include <expected>

#include "tools-agent/guest.h"

namespace tenon::tools {

/// A host that dies after it has frozen its guest does not keep it so: the machine thaws by itself.
class Freeze {
public:
    static constexpr Nanoseconds longest = 10'000'000'000;

    [[nodiscard]] bool frozen() const { return frozen_; }
    /// How many handlers have frozen; those of before if it was frozen already.
    [[nodiscard]] std::expected<std::uint32_t, FreezeFailure> freeze(Guest& guest);
    /// 0: it was not frozen (any more).
    [[nodiscard]] std::expected<std::uint32_t, FreezeFailure> thaw(Guest& guest);
    /// When `thaw_if_due` wants to be called; the greatest value: not at all.
    [[nodiscard]] Nanoseconds due() const { return frozen_ ? due_ : ~Nanoseconds{0}; }
    void thaw_if_due(Guest& guest);
    /// Times that nobody thawed it in time.
    [[nodiscard]] std::uint32_t thawed_by_itself() const { return thawed_by_itself_; }

private:
    bool frozen_ = false;
    Nanoseconds due_ = 0;
    std::uint32_t handlers_ = 0;
    std::uint32_t thawed_by_itself_ = 0;
};

}  // namespace tenon::tools
