// SPDX-License-Identifier: Apache-2.0
// Threads of code under test. Only one runs, so events come while it blocks, or never.
#pragma once

#include <functional>
#include <stdexcept>
#include <vector>

namespace tenon::test {

/// A thread waits without a limit for an event that never comes.
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

/// Runs once, when code under test blocks next; without it, time limits pass at once.
std::function<void()>& while_blocked();
/// Runs whenever code under test waits for a word to change.
std::function<void()>& while_waiting();

}  // namespace tenon::test
