// SPDX-License-Identifier: Apache-2.0
// SNTP's packets: requests, and accepted and refused answers.
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "kernel/net/sntp/packet.h"

using namespace tenon;
using namespace tenon::net::sntp;

namespace {

constexpr Nanoseconds millisecond = 1'000'000, second = 1'000 * millisecond;
constexpr std::uint64_t seconds_before_1970 = 2'208'988'800, cookie = 0x0123'4567'89AB'CDEF;
constexpr Nanoseconds now_2026 = 1'784'000'000 * second;
constexpr Exchange quick{.cookie = cookie, .sent = 5 * second, .received = 5 * second + 20 * millisecond};

std::uint64_t timestamp(Nanoseconds unix_time) {
    const std::uint64_t seconds = unix_time / second + seconds_before_1970;
    return seconds << 32 | ((unix_time % second << 32) + second - 1) / second;
}

struct Packet {
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(packet_size);
    explicit Packet(Nanoseconds received = now_2026, Nanoseconds sent = now_2026) {
        bytes[0] = 4 << 3 | 4;
        bytes[1] = 1;
        put(24, cookie);
        put(32, timestamp(received));
        put(40, timestamp(sent));
    }
    void put(std::size_t place, std::uint64_t value) {
        for (std::size_t i = 0; i < 8; ++i) bytes[place + i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    }
    [[nodiscard]] auto judged(const Exchange& exchange = quick) const { return judge(bytes, exchange); }
    [[nodiscard]] bool refused(Refusal refusal, const Exchange& exchange = quick) const {
        const auto answer = judged(exchange);
        return !answer && answer.error() == refusal;
    }
};

}  // namespace

TEST_CASE("sntp: a question has a version, a mode, the cookie, and tells nothing else") {
    const Request request = make_request(cookie);
    CHECK(request[0] == 0x23);
    std::uint64_t at_transmit = 0;
    for (std::size_t i = 40; i < 48; ++i) at_transmit = at_transmit << 8 | request[i];
    CHECK(at_transmit == cookie);
    for (std::size_t i = 1; i < 40; ++i) CHECK(request[i] == 0);
}

TEST_CASE("sntp: the time of an answer is that of its arrival: half of the way is added") {
    const auto at_once = Packet().judged();
    REQUIRE(at_once);
    CHECK(at_once->round_trip == 20 * millisecond);
    CHECK(at_once->now == now_2026 + 10 * millisecond);
    // The server's own time is not part of the round trip.
    const auto slow_server = Packet(now_2026, now_2026 + 15 * millisecond).judged();
    REQUIRE(slow_server);
    CHECK(slow_server->round_trip == 5 * millisecond);
    CHECK(slow_server->now == now_2026 + 15 * millisecond + 2'500'000);
    // A server's clock with a coarse grain.
    const auto coarse = Packet(now_2026, now_2026 + 30 * millisecond).judged();
    REQUIRE(coarse);
    CHECK(coarse->round_trip == 0);
    CHECK(coarse->now == now_2026 + 30 * millisecond);
}

TEST_CASE("sntp: timestamps to both sides of 2036-02-07") {
    constexpr Nanoseconds rollover = 2'085'978'496 * second;
    CHECK(to_unix_time(0xFFFF'FFFF'0000'0000) == rollover - second);
    CHECK(to_unix_time(0) == rollover);
    CHECK(to_unix_time(1ULL << 32 | 1ULL << 31) == rollover + second + second / 2);
    CHECK(to_unix_time(0x7FFF'FFFFULL << 32) == rollover + 0x7FFF'FFFFULL * second);  // 2104
    CHECK(to_unix_time(seconds_before_1970 << 32) == 0);
    CHECK(to_unix_time((seconds_before_1970 - 1) << 32) == 0);
    const auto answer = Packet(rollover + 10 * second, rollover + 10 * second).judged();
    REQUIRE(answer);
    CHECK(answer->now == rollover + 10 * second + 10 * millisecond);
    // The question in one era, the answer in the next.
    const auto across = Packet(rollover - millisecond, rollover + millisecond).judged();
    REQUIRE(across);
    CHECK(across->round_trip > 17 * millisecond);
}

TEST_CASE("sntp: what is too short, or was not asked for, may be forged: it decides nothing") {
    for (std::size_t size = 0; size < packet_size; ++size) {
        Packet packet;
        packet.bytes.resize(size);
        CHECK(packet.refused(Refusal::too_short));
    }
    for (unsigned first = 0; first < 256; ++first) {
        Packet packet;
        packet.bytes[0] = static_cast<std::uint8_t>(first);
        const unsigned version = first >> 3 & 7, mode = first & 7;
        CHECK(packet.refused(Refusal::no_answer) == (mode != 4 || (version != 3 && version != 4)));
    }
    for (std::size_t bit = 0; bit < 64; ++bit) {
        Packet packet;
        packet.put(24, cookie ^ 1ULL << bit);
        CHECK(packet.refused(Refusal::other_origin));
    }
    Packet to_nobody;
    to_nobody.put(24, 0);
    CHECK(to_nobody.refused(Refusal::other_origin));
    CHECK((may_be_forged(Refusal::too_short) && may_be_forged(Refusal::no_answer) &&
           may_be_forged(Refusal::other_origin)));
    CHECK_FALSE(may_be_forged(Refusal::kiss_of_death));
}

TEST_CASE("sntp: a server that sends away, or does not know the time itself") {
    Packet kiss;
    kiss.bytes[1] = 0;
    std::memcpy(&kiss.bytes[12], "RATE", 4);
    CHECK(kiss.refused(Refusal::kiss_of_death));
    for (unsigned stratum = 16; stratum < 256; ++stratum) {
        Packet packet;
        packet.bytes[1] = static_cast<std::uint8_t>(stratum);
        CHECK(packet.refused(Refusal::unsynchronised));
    }
    Packet alarm;
    alarm.bytes[0] |= 3 << 6;
    CHECK(alarm.refused(Refusal::unsynchronised));
    Packet leap_second;
    leap_second.bytes[0] |= 1 << 6;
    CHECK(leap_second.judged());
    Packet far_away;
    far_away.bytes[9] = 2;  // a root dispersion of 2 s
    CHECK(far_away.refused(Refusal::too_uncertain));
    Packet long_way;
    long_way.bytes[4] = 0xFF;  // a root delay that has overflown, or is negative
    CHECK(long_way.refused(Refusal::too_uncertain));
}

TEST_CASE("sntp: times that are none, run backwards, or are long gone") {
    for (const std::size_t place : {32U, 40U}) {
        Packet packet;
        packet.put(place, 0);
        CHECK(packet.refused(Refusal::no_time));
    }
    CHECK(Packet(now_2026 + second, now_2026).refused(Refusal::no_time));
    CHECK(Packet(now_2026, now_2026 + 3600 * second).refused(Refusal::no_time));
    CHECK(Packet(600'000'000 * second, 600'000'000 * second).refused(Refusal::absurd));
    CHECK(Packet(600'000'000 * second, now_2026).refused(Refusal::absurd));
    Packet in_1968;
    in_1968.put(32, 1ULL << 63);
    in_1968.put(40, 1ULL << 63);
    CHECK(in_1968.refused(Refusal::absurd));
}

TEST_CASE("sntp: an answer that was on its way for too long says too little") {
    CHECK(Packet().judged({cookie, 5 * second, 6 * second}));
    CHECK(Packet().refused(Refusal::too_slow, {cookie, 5 * second, 6 * second + 1}));
}

TEST_CASE("sntp: every refusal has words") {
    for (unsigned refusal = 0; refusal <= static_cast<unsigned>(Refusal::too_far); ++refusal)
        CHECK(std::string(text_of(static_cast<Refusal>(refusal))) != "unknown");
}
