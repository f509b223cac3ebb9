// SPDX-License-Identifier: Apache-2.0
// Threads of code under test: there is one, so what it waits for happens while it blocks, or never.
#pragma once

#include <functional>
#include <stdexcept>
#include <vector>

namespace tenon::test {

/// Somebody waits without a limit for what never happens.
struct BlockedForEver : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A thread that code under test has started. It does not run by itself.
struct StartedThread {
    void (*entry)(void* argument);
    void* argument;
    /// Runs it from its beginning until it blocks or ends: for threads that are loops without a state of their own.
    /// True: it has ended.
    bool run() const;
};
std::vector<StartedThread>& started_threads();

/// Runs once, when code under test blocks next; where there is nothing to run, time limits are over at once.
std::function<void()>& while_blocked();

}  // namespace tenon::test
