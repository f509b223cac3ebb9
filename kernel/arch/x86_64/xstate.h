// SPDX-License-Identifier: Apache-2.0
// Components of the extended processor state: bits of XCR0 and of XSAVE's masks (Intel SDM volume 1, 13.1).
#pragma once

#include <cstdint>

namespace tenon {

namespace xstate {
inline constexpr std::uint64_t x87 = 1 << 0, sse = 1 << 1, avx = 1 << 2;
/// The components for which a trap frame has room.
inline constexpr std::uint64_t baseline = x87 | sse | avx;
}  // namespace xstate

/// Components that a trap frame keeps; set once at boot (abi::StartInfo::xstate_mask, or XCR0 on hvm).
extern "C" std::uint64_t tenon_xstate_mask;

}  // namespace tenon
