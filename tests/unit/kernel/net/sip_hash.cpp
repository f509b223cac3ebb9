// SPDX-License-Identifier: Apache-2.0
// SipHash against the vectors of its paper's reference implementation.
#include "kernel/net/sip_hash.h"

#include <catch2/catch.hpp>

using namespace tenon::net;

TEST_CASE("sip hash: published vectors") {
    constexpr SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    std::array<std::uint8_t, 15> input{};
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<std::uint8_t>(i);
    CHECK(sip_hash(key, {}) == 0x726fdb47dd0e0e31);
    CHECK(sip_hash(key, std::span(input).first(8)) == 0x93f5f5799a932462);
    CHECK(sip_hash(key, input) == 0xa129ca6149be45e5);
}
