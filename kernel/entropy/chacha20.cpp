// SPDX-License-Identifier: Apache-2.0
// The ChaCha20 block function (RFC 8439, section 2.3).
#include "kernel/entropy/chacha20.h"

#include <bit>
#include <cstring>

namespace tenon::chacha20 {

namespace {

using State = std::array<std::uint32_t, 16>;

/// Section 2.1.
void quarter_round(State& state, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    state[a] += state[b];
    state[d] = std::rotl(state[d] ^ state[a], 16);
    state[c] += state[d];
    state[b] = std::rotl(state[b] ^ state[c], 12);
    state[a] += state[b];
    state[d] = std::rotl(state[d] ^ state[a], 8);
    state[c] += state[d];
    state[b] = std::rotl(state[b] ^ state[c], 7);
}

}  // namespace

void block(std::span<const std::byte, key_size> key, std::uint32_t counter,
           std::span<const std::byte, nonce_size> nonce, std::span<std::byte, block_size> output) {
    State initial = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    std::memcpy(&initial[4], key.data(), key_size);
    initial[12] = counter;
    std::memcpy(&initial[13], nonce.data(), nonce_size);
    State state = initial;
    for (int round = 0; round != 10; ++round) {
        for (std::size_t column = 0; column != 4; ++column)
            quarter_round(state, column, 4 + column, 8 + column, 12 + column);
        for (std::size_t i = 0; i != 4; ++i)
            quarter_round(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
    for (std::size_t i = 0; i != state.size(); ++i) state[i] += initial[i];
    std::memcpy(output.data(), state.data(), block_size);
}

}  // namespace tenon::chacha20
