// SPDX-License-Identifier: Apache-2.0
// The state of the time server's client, for reports.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "kernel/time/clock.h"

namespace tenon {

struct Synchronisation {
    std::array<char, 64> server;  ///< that of the last good answer, as it was named; terminated by a zero
    std::int64_t offset;          ///< ns by which the wall clock was behind at the last good answer
    Nanoseconds round_trip;       ///< of that answer
    Nanoseconds at;               ///< monotonic time of it
    std::uint32_t answers;        ///< good ones
    std::uint32_t refused;        ///< packets that were not believed
    std::uint32_t silent;         ///< questions without any answer
    const char* last_refusal;     ///< why; null: none was refused
};

void note_synchronisation(const Synchronisation& state);
/// Nothing: there is no client, or no server was named.
[[nodiscard]] std::optional<Synchronisation> last_synchronisation();

}  // namespace tenon
