// SPDX-License-Identifier: Apache-2.0
// All threads there are, and the processor time of those that there were.
#pragma once

#include <cstdint>

namespace tenon {

class Thread;

/// A switch only adds up TSC ticks in the thread's own record; everything else is done when somebody asks.
struct ThreadTimes {
    /// The vCPUs' time begins at this TSC value.
    static void start(std::uint64_t tsc);
    static void add(Thread& thread);
    static void remove(Thread& thread);
};

}  // namespace tenon
