// SPDX-License-Identifier: Apache-2.0
// Threads of code under test: there is one, so what it waits for happens while it blocks, or never.
#pragma once

#include <functional>
#include <stdexcept>

namespace tenon::test {

/// Somebody waits without a limit for what never happens.
struct BlockedForEver : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Runs once, when code under test blocks next; where there is nothing to run, time limits are over at once.
std::function<void()>& while_blocked();

}  // namespace tenon::test
