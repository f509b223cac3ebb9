// SPDX-License-Identifier: Apache-2.0
// Freezing the machine, with a time limit.
#pragma once

#include <cstdint>
#include <expected>

#include "tools-agent/guest.h"

namespace tenon::tools {

/// If the host does not thaw the machine in time, the agent does: the host may have died.
class Freeze {
public:
    static constexpr Nanoseconds longest = 10'000'000'000;

    [[nodiscard]] bool frozen() const { return frozen_; }
    /// Returns how many handlers have frozen; if the machine was frozen already, how many did then.
    [[nodiscard]] std::expected<std::uint32_t, FreezeFailure> freeze(Guest& guest);
    /// Returns how many handlers have thawed; 0 if the machine was not frozen.
    [[nodiscard]] std::expected<std::uint32_t, FreezeFailure> thaw(Guest& guest);
    /// When to call thaw_if_due(); the greatest value if never.
    [[nodiscard]] Nanoseconds due() const { return frozen_ ? due_ : ~Nanoseconds{0}; }
    void thaw_if_due(Guest& guest);
    /// How often the host did not thaw the machine in time.
    [[nodiscard]] std::uint32_t thawed_by_itself() const { return thawed_by_itself_; }

private:
    bool frozen_ = false;
    Nanoseconds due_ = 0;
    std::uint32_t handlers_ = 0;
    std::uint32_t thawed_by_itself_ = 0;
};

}  // namespace tenon::tools
