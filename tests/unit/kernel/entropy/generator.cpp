// SPDX-License-Identifier: Apache-2.0
// ChaCha20 by the RFC's vectors, and the generator above it.
#include "kernel/entropy/generator.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <set>
#include <string>
#include <vector>

using namespace tenon;

namespace {

std::vector<std::byte> from_hexadecimal(std::string_view text) {
    std::vector<std::byte> bytes;
    std::string digits;
    for (const char character : text) {
        if (character == ' ' || character == '\n') continue;
        digits += character;
        if (digits.size() == 2) {
            bytes.push_back(static_cast<std::byte>(std::stoul(digits, nullptr, 16)));
            digits.clear();
        }
    }
    return bytes;
}

void check_block(std::string_view key, std::uint32_t counter, std::string_view nonce, std::string_view expected) {
    const auto key_bytes = from_hexadecimal(key), nonce_bytes = from_hexadecimal(nonce);
    std::array<std::byte, 64> output;
    chacha20::block(std::span(key_bytes).first<32>(), counter, std::span(nonce_bytes).first<12>(), output);
    const auto wanted = from_hexadecimal(expected);
    REQUIRE(wanted.size() == 64);
    CHECK(std::memcmp(output.data(), wanted.data(), 64) == 0);
}

constexpr std::string_view zero_key = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view counting_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::string_view zero_nonce = "000000000000000000000000";

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

template <std::size_t size>
std::array<std::byte, size> draw(RandomGenerator& generator) {
    std::array<std::byte, size> result;
    generator.fill(result);
    return result;
}

}  // namespace

TEST_CASE("chacha20: RFC 8439, 2.3.2 and appendix A.1") {
    check_block(counting_key, 1, "000000090000004a00000000",
                "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
                "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");
    check_block(zero_key, 0, zero_nonce,
                "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
    check_block(zero_key, 1, zero_nonce,
                "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
                "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f");
    check_block("0000000000000000000000000000000000000000000000000000000000000001", 1, zero_nonce,
                "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
                "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0");
    check_block("00ff000000000000000000000000000000000000000000000000000000000000", 2, zero_nonce,
                "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca"
                "13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096");
    check_block(zero_key, 0, "000000000000000000000002",
                "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7"
                "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d");
}

TEST_CASE("generator: the same seed gives the same bytes, in pieces or at once") {
    RandomGenerator one, other;
    one.stir(bytes_of("seed"));
    other.stir(bytes_of("seed"));
    const auto whole = draw<1000>(one);
    std::array<std::byte, 1000> parts;
    std::size_t offset = 0;
    for (std::size_t size = 1; offset != parts.size(); ++size) {
        const std::size_t part = std::min(size, parts.size() - offset);
        other.fill(std::span(parts).subspan(offset, part));
        offset += part;
    }
    CHECK(whole == parts);
}

TEST_CASE("generator: every seed changes what comes, and none brings the former back") {
    RandomGenerator one;
    std::set<std::array<std::byte, 32>> seen;
    CHECK(seen.insert(draw<32>(one)).second);
    for (int i = 0; i != 100; ++i) {
        // The same seed twice would cancel if it were only XORed in.
        one.stir(bytes_of("the same 32 bytes, again and again and longer"));
        CHECK(seen.insert(draw<32>(one)).second);
    }
    RandomGenerator with_prefix, without;
    with_prefix.stir(bytes_of("a"));
    with_prefix.stir(bytes_of("b"));
    without.stir(bytes_of("b"));
    CHECK(draw<32>(with_prefix) != draw<32>(without));
}

TEST_CASE("generator: what was given out is not in memory any more") {
    RandomGenerator generator;
    generator.stir(bytes_of("seed"));
    const auto output = draw<100>(generator);
    std::vector<std::byte> image(sizeof(generator));
    std::memcpy(image.data(), &generator, sizeof(generator));
    for (std::size_t offset = 0; offset + 8 <= output.size(); offset += 8)
        CHECK(std::search(image.begin(), image.end(), output.begin() + static_cast<std::ptrdiff_t>(offset),
                          output.begin() + static_cast<std::ptrdiff_t>(offset) + 8) == image.end());
}

TEST_CASE("generator: bits are set as often as not") {
    RandomGenerator generator;
    generator.stir(bytes_of("statistics"));
    std::vector<std::byte> bytes(1 << 16);
    generator.fill(bytes);
    long ones = 0;
    for (const std::byte byte : bytes) ones += __builtin_popcount(static_cast<unsigned>(byte));
    CHECK(std::abs(ones - (1 << 18)) < 2000);  // 5 standard deviations are 1810
}
