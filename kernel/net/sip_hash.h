// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for short inputs.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace tenon::net {

using SipKey = std::array<std::uint64_t, 2>;

[[nodiscard]] constexpr std::uint64_t sip_hash(const SipKey& key, std::span<const std::uint8_t> data) {
    std::uint64_t v0 = key[0] ^ 0x736f6d6570736575, v1 = key[1] ^ 0x646f72616e646f6d;
    std::uint64_t v2 = key[0] ^ 0x6c7967656e657261, v3 = key[1] ^ 0x7465646279746573;
    const auto rounds = [&](int count) {
        for (; count > 0; --count) {
            v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
            v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
            v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
            v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
        }
    };
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < data.size(); ++i) {
        word |= std::uint64_t{data[i]} << (i % 8 * 8);
        if (i % 8 != 7) continue;
        v3 ^= word;
        rounds(2);
        v0 ^= word;
        word = 0;
    }
    word |= std::uint64_t{data.size()} << 56;
    v3 ^= word;
    rounds(2);
    v0 ^= word;
    v2 ^= 0xFF;
    rounds(4);
    return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace tenon::net
