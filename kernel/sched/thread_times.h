// SPDX-License-Identifier: Apache-2.0
// The list of all threads, and the processor time of ended ones.
#pragma once

#include <cstdint>

#include "kernel/base/nanoseconds.h"
#include "kernel/base/result.h"

namespace tenon {

class Thread;

/// A switch only adds TSC ticks to the thread's own record; all sums are made on request.
struct ThreadTimes {
    /// Accounting starts at this TSC value.
    static void start(std::uint64_t tsc);
    static void add(Thread& thread);
    static void remove(Thread& thread);

    /// Processor time of the calling thread; of the thread with this id; of all threads of the program and of the
    /// system, ended ones included. An answer is never less than an earlier one. Error of the second: invalid_argument
    /// (there is no such thread).
    [[nodiscard]] static Nanoseconds of_current();
    [[nodiscard]] static Result<Nanoseconds> of_thread(std::uint32_t id);
    [[nodiscard]] static Nanoseconds of_all();

private:
    static Nanoseconds tell(Thread& thread);
};

}  // namespace tenon
