// SPDX-License-Identifier: Apache-2.0
// The host's policy for a machine's memory: reservation, limit, shares, and whether pages may be merged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hv/core/error.h"

namespace hv {

inline constexpr std::uint32_t default_memory_shares = 1000;
inline constexpr std::uint32_t maximum_memory_shares = 1'000'000;

/// As the user asked for it. Sizes in bytes; nothing = not given.
struct MemoryPolicy {
    std::optional<std::uint64_t> reservation;  ///< below the limit: the machine's memory is overcommitted
    std::optional<std::uint64_t> limit;
    std::uint32_t shares = default_memory_shares;  ///< weight among machines that compete
    bool ksm = false;                              ///< identical pages may be merged with other machines'
    bool private_memory = false;                   ///< no page is shared with another machine
    std::string cgroup;                            ///< "auto", "none", a directory; empty: auto if there is a limit
    bool operator==(const MemoryPolicy&) const = default;
};

/// The same for a machine of `memory_bytes`, with nothing left open.
struct MemoryBounds {
    std::uint64_t reservation;
    std::uint64_t limit;
    [[nodiscard]] bool overcommitted() const { return reservation < limit; }
};
[[nodiscard]] MemoryBounds memory_bounds(const MemoryPolicy& policy, std::uint64_t memory_bytes);

/// Whether the machine's process is held by a memory cgroup.
[[nodiscard]] bool wants_memory_cgroup(const MemoryPolicy& policy);

/// Errors: usage, naming the options that contradict each other.
Result<> check_memory_policy(const MemoryPolicy& policy, std::uint64_t memory_bytes);

}  // namespace hv
