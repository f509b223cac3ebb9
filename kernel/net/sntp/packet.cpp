// SPDX-License-Identifier: Apache-2.0
// SNTP's packets.
#include "kernel/net/sntp/packet.h"

namespace tenon::net::sntp {

namespace {

constexpr Nanoseconds second = 1'000'000'000;
/// Times before this are wrong.
constexpr Nanoseconds earliest = 1'704'067'200 * second;  // 2024-01-01
constexpr Nanoseconds longest_round_trip = 1 * second;
/// Distance to the source of time (RFC 5905, MAXDIST), in 1/65536 s.
constexpr std::uint64_t longest_distance = 3 * 65536 / 2;

// Offsets in the packet.
constexpr std::size_t stratum_at = 1, delay_at = 4, dispersion_at = 8, origin_at = 24, receive_at = 32,
                      transmit_at = 40;

std::uint64_t read(std::span<const std::uint8_t> packet, std::size_t place, std::size_t size) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : packet.subspan(place, size)) value = value << 8 | byte;
    return value;
}

}  // namespace

Request make_request(std::uint64_t cookie) {
    // All other fields are zeros: servers do not need them.
    constexpr std::uint8_t version4_client = 4 << 3 | 3;
    Request request{};
    request[0] = version4_client;
    for (std::size_t i = 0; i < sizeof cookie; i++)
        request[transmit_at + i] = static_cast<std::uint8_t>(cookie >> (56 - 8 * i));
    return request;
}

Nanoseconds to_unix_time(std::uint64_t timestamp) {
    constexpr std::uint64_t seconds_before_1970 = 2'208'988'800, era = 1ULL << 32;
    std::uint64_t seconds = timestamp >> 32;
    if (seconds < era / 2) seconds += era;
    // By this rule the earliest time is in 1968, and times from 1970 on never become negative.
    if (seconds < seconds_before_1970) return 0;
    return (seconds - seconds_before_1970) * second + ((timestamp & 0xFFFF'FFFF) * second >> 32);
}

std::expected<Answer, Refusal> judge(std::span<const std::uint8_t> packet, const Exchange& exchange) {
    if (packet.size() < packet_size) return std::unexpected(Refusal::too_short);
    constexpr unsigned server = 4;
    const unsigned leap = packet[0] >> 6, version = packet[0] >> 3 & 7U, mode = packet[0] & 7U;
    if (mode != server || version < 3 || version > 4) return std::unexpected(Refusal::no_answer);
    if (read(packet, origin_at, 8) != exchange.cookie) return std::unexpected(Refusal::other_origin);
    constexpr unsigned alarm = 3, last_stratum = 15;
    const unsigned stratum = packet[stratum_at];
    if (stratum == 0) return std::unexpected(Refusal::kiss_of_death);
    if (leap == alarm || stratum > last_stratum) return std::unexpected(Refusal::unsynchronised);
    const std::uint64_t receive = read(packet, receive_at, 8), transmit = read(packet, transmit_at, 8);
    if (receive == 0 || transmit == 0) return std::unexpected(Refusal::no_time);
    if (read(packet, delay_at, 4) / 2 + read(packet, dispersion_at, 4) > longest_distance)
        return std::unexpected(Refusal::too_uncertain);
    const Nanoseconds arrived = to_unix_time(receive), left = to_unix_time(transmit);
    if (left < earliest || arrived < earliest) return std::unexpected(Refusal::absurd);
    const Nanoseconds trip = exchange.received - exchange.sent;
    if (trip > longest_round_trip) return std::unexpected(Refusal::too_slow);
    // By the clocks' granularity, the server's time with the packet may exceed the round trip slightly, but not by
    // much.
    if (left < arrived || left - arrived > trip + longest_round_trip) return std::unexpected(Refusal::no_time);
    const Nanoseconds in_server = left - arrived;
    const Nanoseconds round_trip = trip > in_server ? trip - in_server : 0;
    return Answer{.now = left + round_trip / 2, .round_trip = round_trip};
}

const char* text_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::too_short: return "too short";
        case Refusal::no_answer: return "not a server's answer";
        case Refusal::other_origin: return "not an answer to the request";
        case Refusal::kiss_of_death: return "the server asks not to be asked again (stratum 0)";
        case Refusal::unsynchronised: return "the server does not know the time";
        case Refusal::no_time: return "without a time";
        case Refusal::too_uncertain: return "the server is too far from its source of time";
        case Refusal::too_slow: return "took too long";
        case Refusal::absurd: return "a time before 2024";
        case Refusal::too_far: return "more than 1000 s from the present time";
    }
    return "unknown";
}

}  // namespace tenon::net::sntp
