// SPDX-License-Identifier: Apache-2.0
// A random generator with fast key erasure (D. J. Bernstein, "Fast-key-erasure random-number generators", 2017).
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "kernel/entropy/chacha20.h"

namespace tenon {

/// Each batch of the key stream begins with the key of the next one, and bytes are erased when they are given out, so
/// earlier output cannot be computed from this object's memory. The caller locks.
class RandomGenerator {
public:
    /// Fills `output`, of any size. For a long one take a key and use stream().
    void fill(std::span<std::byte> output);
    /// Mixes `seed` in. A hostile seed neither reveals nor cancels the present state.
    void stir(std::span<const std::byte> seed);
    /// Fills `output` with the key stream of `key`, which must not be used again.
    static void stream(std::span<const std::byte, chacha20::key_size> key, std::span<std::byte> output);

private:
    void refill();

    std::array<std::byte, chacha20::key_size> key_ = {};
    std::array<std::byte, 4 * chacha20::block_size - chacha20::key_size> batch_ = {};
    std::size_t left_ = 0;  // at the end of the batch
};

/// Overwrites memory in a way that the compiler does not leave out.
inline void erase(std::span<std::byte> memory) {
    __builtin_memset(memory.data(), 0, memory.size());
    asm volatile("" : : "r"(memory.data()) : "memory");
}

}  // namespace tenon
