// SPDX-License-Identifier: Apache-2.0
// The same random numbers in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace tenon::test {

/// Numbers below a limit.
class Random {
public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}
    std::uint32_t operator()(std::size_t limit) { return static_cast<std::uint32_t>(engine_() % limit); }

private:
    std::mt19937 engine_;
};

}  // namespace tenon::test
