// SPDX-License-Identifier: Apache-2.0
// flood INTERFACE KIND PER_SECOND [COUNT]: sends frames of a kind (kinds.cpp) to the guest on this interface, until
// COUNT are sent, or SIGTERM ends it; then prints how many. Needs CAP_NET_RAW; run in a network namespace of the test's
// own.
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

#include "kinds.h"

namespace {

using namespace flood;
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds catch_up(5);

volatile sig_atomic_t ended = 0;

/// As this host's kernel knows it.
std::optional<Mac> known_guest() {
    std::ifstream table("/proc/net/arp");
    for (std::string line; std::getline(table, line);) {
        Mac mac{};
        if (line.starts_with("10.0.0.2 ") &&
            std::sscanf(line.c_str(), "%*s %*s %*s %hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
                        &mac[4], &mac[5]) == 6 &&
            mac != Mac{})
            return mac;
    }
    return {};
}

/// Has the kernel ask for it.
Mac find_guest() {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(9);
    address.sin_addr.s_addr = htonl(address4("10.0.0.2"));
    for (int attempt = 0; attempt < 250; ++attempt) {
        if (const auto mac = known_guest()) return *mac;
        (void)sendto(fd, "", 0, 0, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    std::fputs("flood: 10.0.0.2 does not answer ARP\n", stderr);
    std::exit(1);
}

int open_interface(const char* name) {
    const int fd = socket(AF_PACKET, SOCK_RAW, 0);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex(name));
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        std::perror("flood: interface");
        std::exit(1);
    }
    return fd;
}

}  // namespace

int main(int argc, char** argv) {
    const auto kind = argc > 3 ? std::ranges::find(kinds(), argv[2], &Kind::name) : kinds().end();
    if (kind == kinds().end()) {
        std::fputs("flood INTERFACE KIND PER_SECOND [COUNT], where KIND is one of", stderr);
        for (const Kind& known : kinds())
            std::fprintf(stderr, " %.*s", static_cast<int>(known.name.size()), known.name.data());
        std::fputs("\n", stderr);
        return 2;
    }
    signal(SIGTERM, [](int) { ended = 1; });
    const Mac guest = find_guest();
    const int fd = open_interface(argv[1]);
    const auto pause = std::chrono::nanoseconds(1'000'000'000 / std::max(std::atol(argv[3]), 1L));
    const std::uint32_t count = argc > 4 ? static_cast<std::uint32_t>(std::atol(argv[4])) : UINT32_MAX;
    std::uint32_t number = 0;
    for (auto due = Clock::now(); ended == 0 && number < count;) {
        const Bytes frame = kind->frame(number, guest);
        if (send(fd, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size())) ++number;
        // Frames that the host did not let out in time are made up for, but not all at once.
        due = std::max(due + pause, Clock::now() - catch_up);
        if (due > Clock::now()) std::this_thread::sleep_until(due);
    }
    std::printf("%u frames\n", number);
    return 0;
}
