// SPDX-License-Identifier: Apache-2.0
// The input of the balance policy: one sample of the host and one of each machine. Sizes in bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace hv::balance {

/// Pressure stall information (Linux, Documentation/accounting/psi.rst): percent of the last 10 s in which some, or
/// all, tasks waited for memory.
struct Pressure {
    double some = 0;
    double full = 0;
};

struct HostSample {
    std::uint64_t total = 0;      ///< the budget
    std::uint64_t available = 0;  ///< what is left of it
    std::uint64_t swap_free = 0;
    std::optional<Pressure> pressure;
};

/// The guest's own figures, by the balloon's statistics. It may lie, but can only harm itself by that.
struct GuestSample {
    std::uint64_t free = 0;
    std::uint64_t available = 0;
    std::uint64_t total = 0;
    std::uint64_t caches = 0;
    std::uint64_t age_ms = 0;
};

struct MachineSample {
    std::string name;
    std::uint64_t configured = 0;
    std::uint64_t resident = 0;
    std::uint64_t swapped = 0;
    std::uint64_t ballooned = 0;
    std::uint64_t balloon_target = 0;
    std::uint64_t reservation = 0;
    std::uint64_t limit = 0;
    std::uint32_t shares = 0;
    bool overcommit = false;
    bool ksm = false;
    bool private_memory = false;
    std::optional<GuestSample> guest;
};

}  // namespace hv::balance
