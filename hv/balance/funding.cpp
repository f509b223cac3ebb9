// SPDX-License-Identifier: Apache-2.0
// Levels: memory / funding is cut off at the same height for all who give, or filled up to the same height for all who
// get.
#include "hv/balance/funding.h"

#include <algorithm>

namespace hv::balance {

namespace {

/// Doubles have 53 bits: halving more often changes nothing.
constexpr int halvings = 60;

std::uint64_t share_of(const Claim& claim, double level) {
    // Larger than any machine is as good as infinite, and still an integer.
    return static_cast<std::uint64_t>(std::min(level * claim.funding, 1e18));
}

/// The level from which on take() takes nothing and give() gives everything.
double highest(std::span<const Claim> claims) {
    double level = 0;
    for (const Claim& claim : claims)
        level = std::max(level, static_cast<double>(std::max(claim.now, claim.bound)) / claim.funding);
    return level * 1.001 + 1;
}

/// What each claim has at the level at which as much as possible of `amount` changes hands, and not more. At the level
/// `none` nothing does, at `most` everything that can. `had` is what a claim has at a level.
template <typename Had>
std::vector<std::uint64_t> settle(std::span<const Claim> claims, std::uint64_t amount, double none, double most,
                                  Had had) {
    for (int i = 0; i < halvings; ++i) {
        const double level = (none + most) / 2;
        std::uint64_t moved = 0;
        for (const Claim& claim : claims) {
            const std::uint64_t part = had(claim, level);
            moved += std::max(part, claim.now) - std::min(part, claim.now);
        }
        (moved > amount ? most : none) = level;
    }
    std::vector<std::uint64_t> result;
    result.reserve(claims.size());
    for (const Claim& claim : claims) result.push_back(had(claim, none));
    return result;
}

}  // namespace

double funding(std::uint32_t shares, std::uint64_t active, std::uint64_t resident) {
    const double f =
        resident == 0 ? 1.0 : static_cast<double>(std::min(active, resident)) / static_cast<double>(resident);
    return std::max(1.0, static_cast<double>(shares)) / (f + (1.0 - f) / (1.0 - idle_tax));
}

std::vector<std::uint64_t> take(std::span<const Claim> claims, std::uint64_t amount) {
    return settle(claims, amount, highest(claims), 0, [](const Claim& claim, double level) {
        return std::min(claim.now, std::max(claim.bound, share_of(claim, level)));
    });
}

std::vector<std::uint64_t> give(std::span<const Claim> claims, std::uint64_t amount) {
    return settle(claims, amount, 0, highest(claims), [](const Claim& claim, double level) {
        return std::max(claim.now, std::min(claim.bound, share_of(claim, level)));
    });
}

}  // namespace hv::balance
