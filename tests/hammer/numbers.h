// SPDX-License-Identifier: Apache-2.0
// Numbers that differ from thread to thread and are the same in every run.
#pragma once

#include <cstdint>

namespace hammer {

/// Marsaglia's xorshift64.
class Numbers {
public:
    explicit Numbers(std::uint64_t seed) : state_(seed * 0x9E37'79B9'7F4A'7C15 + 1) {}
    std::uint64_t operator()() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    std::uint64_t below(std::uint64_t limit) { return (*this)() % limit; }

private:
    std::uint64_t state_;
};

}  // namespace hammer
