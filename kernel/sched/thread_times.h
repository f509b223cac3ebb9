// SPDX-License-Identifier: Apache-2.0
// The list of all threads, and the processor time of ended ones.
#pragma once

#include <cstdint>

namespace tenon {

class Thread;

/// A switch only adds TSC ticks to the thread's own record; all sums are made on request.
struct ThreadTimes {
    /// Accounting starts at this TSC value.
    static void start(std::uint64_t tsc);
    static void add(Thread& thread);
    static void remove(Thread& thread);
};

}  // namespace tenon
