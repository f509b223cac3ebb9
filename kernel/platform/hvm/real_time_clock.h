// SPDX-License-Identifier: Apache-2.0
// The battery-backed clock of PC chipsets (Motorola MC146818).
#pragma once

#include <cstdint>

namespace tenon::hvm {

/// ns since 1970, to the second; taken as UTC. 0 if there is no such clock.
[[nodiscard]] std::uint64_t read_real_time_clock();

}  // namespace tenon::hvm
