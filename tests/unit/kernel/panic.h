// SPDX-License-Identifier: Apache-2.0
// A kernel panic on the build machine is an exception, so that a test can expect it.
#pragma once

#include <stdexcept>

namespace tenon::test {

struct Panic : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace tenon::test
