// SPDX-License-Identifier: Apache-2.0
// The address that pvbench gives a Linux guest's interface.
#include "images/pvbench/interface_option.h"

#include <arpa/inet.h>

#include <catch2/catch.hpp>
#include <string>

using pvbench::find_interface_option;

namespace {

std::string text_of(in_addr address) {
    char text[INET_ADDRSTRLEN];
    return inet_ntop(AF_INET, &address, text, sizeof(text));
}

}  // namespace

TEST_CASE("pvbench: ip= gives address, mask and gateway") {
    const auto option = find_interface_option("console=ttyS0 ip=10.0.2.15/24,10.0.2.2 quiet -- --json\n");
    REQUIRE(option.has_value());
    REQUIRE(text_of(option->address) == "10.0.2.15");
    REQUIRE(text_of(option->mask) == "255.255.255.0");
    REQUIRE(text_of(option->gateway) == "10.0.2.2");
}

TEST_CASE("pvbench: ip= works without a gateway, with any prefix, at the line's end") {
    for (const auto& [prefix, mask] : {std::pair{"0", "0.0.0.0"}, {"1", "128.0.0.0"}, {"32", "255.255.255.255"}}) {
        const auto option = find_interface_option(std::string("quiet ip=192.168.7.1/") + prefix);
        REQUIRE(option.has_value());
        REQUIRE(text_of(option->mask) == mask);
        REQUIRE(text_of(option->gateway) == "0.0.0.0");
    }
}

TEST_CASE("pvbench: the last ip= counts, and none behind the dashes") {
    const auto option = find_interface_option("ip=10.0.0.1/8 ip=10.0.0.2/8 -- ip=10.0.0.3/8");
    REQUIRE(option.has_value());
    REQUIRE(text_of(option->address) == "10.0.0.2");
}

TEST_CASE("pvbench: a wrong ip= is none") {
    for (const char* line : {"", "quiet", "ip=", "ip=dhcp", "ip=10.0.0.1", "ip=10.0.0.1/", "ip=10.0.0.1/33",
                             "ip=10.0.0.1/-1", "ip=10.0.0/8", "ip=10.0.0.1/8,", "ip=10.0.0.1/8,nowhere",
                             "ip=10.0.0.1/8x", "skip=10.0.0.1/8", "-- ip=10.0.0.1/8"}) {
        CAPTURE(line);
        REQUIRE(!find_interface_option(line).has_value());
    }
}
