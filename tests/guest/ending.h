// SPDX-License-Identifier: Apache-2.0
// The ways in which a program ends. Each ends the machine, so the test is outside of it (run.sh).
#pragma once

#include <span>

namespace tenon::test {

/// `arguments`: "--end", a way, and what it needs. Returns only for the way "return".
int end(std::span<char*> arguments);

}  // namespace tenon::test
