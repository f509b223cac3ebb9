// SPDX-License-Identifier: Apache-2.0
// Fuzzes the check of time servers' answers: every accepted answer has the cookie and a sane time. The input begins
// with how long the answer was on its way; the cookie is put right where the input says so.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "kernel/net/sntp/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenon::net::sntp;
    std::uint32_t trip = 0;
    if (size < sizeof trip) return 0;
    std::memcpy(&trip, data, sizeof trip);
    std::vector<std::uint8_t> packet(data + sizeof trip, data + size);
    constexpr std::uint8_t cookie[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    if (trip % 2 == 0 && packet.size() >= packet_size) std::memcpy(&packet[24], cookie, sizeof cookie);
    const auto answer =
        judge(packet, {.cookie = 0x0102'0304'0506'0708, .sent = 1000, .received = 1000 + std::uint64_t{trip}});
    if (!answer) return text_of(answer.error()) == nullptr ? 1 : 0;
    constexpr std::uint64_t second = 1'000'000'000, year_2024 = 1'704'067'200 * second,
                            year_2105 = 4'260'211'200 * second;
    const bool sane = packet.size() >= packet_size && std::memcmp(&packet[24], cookie, sizeof cookie) == 0 &&
                      answer->now >= year_2024 && answer->now < year_2105 && answer->round_trip <= trip;
    if (!sane) std::abort();
    return 0;
}
