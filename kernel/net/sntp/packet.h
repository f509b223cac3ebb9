// SPDX-License-Identifier: Apache-2.0
// SNTP's packets (RFC 5905, section 7.3; RFC 4330 for what a simple client may leave out): making requests and checking
// answers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "kernel/time/clock.h"

namespace tenon::net::sntp {

inline constexpr std::uint16_t port = 123;
inline constexpr std::size_t packet_size = 48;
using Request = std::array<std::uint8_t, packet_size>;

/// `cookie` takes the place of the transmit time: the server returns it unchanged, and no other host knows it.
[[nodiscard]] Request make_request(std::uint64_t cookie);

/// Times of a request and its answer, on the monotonic clock.
struct Exchange {
    std::uint64_t cookie;
    Nanoseconds sent, received;
};

struct Answer {
    Nanoseconds now;         ///< wall clock at Exchange::received
    Nanoseconds round_trip;  ///< without the time that the server took; the error is half of it at most
};

enum class Refusal : std::uint8_t {
    too_short,
    no_answer,
    other_origin,
    kiss_of_death,
    unsynchronised,
    no_time,
    too_uncertain,
    too_slow,
    absurd,
    too_far,  ///< not from judge(): the client compares with its own clock
};
[[nodiscard]] const char* text_of(Refusal refusal);

/// Any host could have sent such a packet: the server's own answer may still come.
[[nodiscard]] constexpr bool may_be_forged(Refusal refusal) {
    return refusal == Refusal::too_short || refusal == Refusal::no_answer || refusal == Refusal::other_origin;
}

/// Checks a received packet, of any length.
[[nodiscard]] std::expected<Answer, Refusal> judge(std::span<const std::uint8_t> packet, const Exchange& exchange);

/// A timestamp of 32 bits of seconds and 32 of their fraction. Those with the highest bit are of the era that ends on
/// 2036-02-07, the others of the next one (RFC 4330, section 3).
[[nodiscard]] Nanoseconds to_unix_time(std::uint64_t timestamp);

}  // namespace tenon::net::sntp
