// SPDX-License-Identifier: Apache-2.0
// Freezing, with a time limit.
#include "tools-agent/freeze.h"

namespace tenon::tools {

std::expected<std::uint32_t, FreezeFailure> Freeze::freeze(Guest& guest) {
    if (frozen_) return handlers_;
    std::uint32_t handlers = 0;
    if (const auto failure = guest.freeze(handlers)) return std::unexpected(*failure);
    frozen_ = true;
    handlers_ = handlers;
    due_ = guest.monotonic_time() + longest;
    return handlers;
}

std::expected<std::uint32_t, FreezeFailure> Freeze::thaw(Guest& guest) {
    if (!frozen_) return 0;
    // Commands work again, even if the program's handler fails.
    frozen_ = false;
    std::uint32_t handlers = 0;
    if (const auto failure = guest.thaw(handlers)) return std::unexpected(*failure);
    return handlers;
}

void Freeze::thaw_if_due(Guest& guest) {
    if (!frozen_ || guest.monotonic_time() < due_) return;
    ++thawed_by_itself_;
    guest.say(
        "agent: nobody thawed the machine within 10 s: it is thawed now (a copy made meanwhile may be inconsistent)");
    (void)thaw(guest);
}

}  // namespace tenon::tools
