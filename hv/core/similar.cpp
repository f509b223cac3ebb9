// SPDX-License-Identifier: Apache-2.0
// Optimal string alignment distance.
#include "hv/core/similar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hv {

namespace {

/// Longer words are not typing errors.
constexpr std::size_t longest = 32;

std::size_t distance(std::string_view a, std::string_view b) {
    if (a.size() > longest || b.size() > longest) return longest;
    std::array<std::array<std::size_t, longest + 1>, longest + 1> steps{};
    for (std::size_t i = 0; i <= a.size(); ++i) steps[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) steps[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = steps[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            steps[i][j] = std::min({steps[i - 1][j] + 1, steps[i][j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                steps[i][j] = std::min(steps[i][j], steps[i - 2][j - 2] + 1);
        }
    return steps[a.size()][b.size()];
}

}  // namespace

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
    std::string_view best;
    std::size_t least = longest;
    for (const std::string_view candidate : candidates) {
        const std::size_t steps = distance(word, candidate);
        // At most a third of the word is wrong; of a short one, one letter.
        if (steps < least && steps <= std::max<std::size_t>(1, candidate.size() / 3)) {
            least = steps;
            best = candidate;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
    const std::string_view meant = closest(word, candidates);
    return meant.empty() ? std::string() : fmt::format(" (did you mean '{}'?)", meant);
}

}  // namespace hv
