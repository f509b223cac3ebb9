// SPDX-License-Identifier: Apache-2.0
// Division of memory among machines: min-funding revocation with a tax on idle memory (Waldspurger, "Memory Resource
// Management in VMware ESX Server", OSDI 2002, section 5).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hv::balance {

/// Of each idle page, this part counts as not paid for: an idle page costs 1 / (1 - tax) times as much as an active
/// one.
inline constexpr double idle_tax = 0.75;

/// What a machine pays for its memory with: shares / (f + (1 - f) / (1 - idle_tax)), with f the active part of
/// `resident`. Two machines are equal when memory / funding is.
[[nodiscard]] double funding(std::uint32_t shares, std::uint64_t active, std::uint64_t resident);

/// One machine's memory and where it may go. All in bytes.
struct Claim {
    std::uint64_t now;
    std::uint64_t bound;  ///< take(): it keeps at least this; give(): it gets at most this
    double funding;
};

/// Takes `amount` in all (or what there is) from those who pay least for each page. Returns what each is left with,
/// never less than its bound, nor more than now.
[[nodiscard]] std::vector<std::uint64_t> take(std::span<const Claim> claims, std::uint64_t amount);

/// Gives `amount` in all (or what is wanted) to those who pay most for each page. Returns what each has then.
[[nodiscard]] std::vector<std::uint64_t> give(std::span<const Claim> claims, std::uint64_t amount);

}  // namespace hv::balance
