// SPDX-License-Identifier: Apache-2.0
// Addresses on the kernel's command line.
#include "kernel/net/address_option.h"

#include <catch2/catch.hpp>
#include <string>

using namespace tenon;
using namespace tenon::net;

TEST_CASE("ip=: an address alone, with a gateway, with name servers") {
    const auto alone = parse_ip_option("10.0.2.15/24").value();
    CHECK(alone.mode == AddressMode::fixed);
    CHECK(alone.address == Ipv4{10, 0, 2, 15});
    CHECK(alone.prefix == 24);
    CHECK_FALSE(alone.has_gateway);
    const auto all = parse_ip_option("192.168.0.1/32,192.168.0.254,1.1.1.1,8.8.8.8").value();
    CHECK((all.has_gateway && all.gateway == Ipv4{192, 168, 0, 254}));
    REQUIRE(all.name_server_count == 2);
    CHECK(all.name_servers[1] == Ipv4{8, 8, 8, 8});
    const auto no_gateway = parse_ip_option("10.0.0.1/8,,9.9.9.9").value();
    CHECK_FALSE(no_gateway.has_gateway);
    CHECK(no_gateway.name_server_count == 1);
}

TEST_CASE("ip= and ip6=: words") {
    CHECK(parse_ip_option("dhcp")->mode == AddressMode::automatic);
    CHECK(parse_ip_option("off")->mode == AddressMode::off);
    CHECK(parse_ip6_option("auto")->mode == AddressMode::automatic);
    CHECK(parse_ip6_option("off")->mode == AddressMode::off);
    CHECK_FALSE(parse_ip_option("auto"));
    CHECK_FALSE(parse_ip6_option("dhcp"));
}

TEST_CASE("ip=: what is no address is refused") {
    for (const char* text : {"", "10.0.2.15", "10.0.2.15/", "10.0.2.15/33", "10.0.2/24", "10.0.2.15.1/24",
                             "10.0.2.256/24", "10.0.02.1/24", "a.b.c.d/24", "10.0.2.15/24,", "10.0.2.15/24,x",
                             "10.0.2.15/24,,x", "10.0.2.15/24,,1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4", "10.0.2.15/-1",
                             "10.0.2.15/024", " 10.0.2.15/24", "10..2.15/24", "fd00::1/64"}) {
        INFO(text);
        if (std::string_view(text) == "10.0.2.15/24,")
            CHECK(parse_ip_option(text).has_value());  // an empty gateway is none
        else
            CHECK(parse_ip_option(text).error() == Error::invalid_argument);
    }
}

TEST_CASE("ip6=: every way to write an address") {
    CHECK(parse_ipv6("::").value() == Ipv6{});
    CHECK(parse_ipv6("::1").value() == Ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    CHECK(parse_ipv6("fe80::").value() == Ipv6{0xfe, 0x80});
    CHECK(parse_ipv6("2001:db8::1:0:FF").value() == Ipv6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xff});
    CHECK(parse_ipv6("1:2:3:4:5:6:7:8").value() == Ipv6{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8});
    CHECK(parse_ipv6("1:2:3:4:5:6:7::").value() == Ipv6{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0});
    CHECK(parse_ipv6("::ffff:1.2.3.4").value() == Ipv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4});
    const auto option = parse_ip6_option("fd00::2/64,fd00::1,fd00::53").value();
    CHECK(option.prefix == 64);
    CHECK(option.has_gateway);
    CHECK(option.name_server_count == 1);
}

TEST_CASE("ip6=: what is no address is refused") {
    for (const char* text : {"",
                             ":",
                             ":::",
                             "1",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4:5:6:7:8::",
                             "::1::",
                             "12345::",
                             "g::",
                             "1::2:3:4:5:6:7:8",
                             "1.2.3.4",
                             "1.2.3.4::",
                             "::1.2.3",
                             "::1.2.3.4.5",
                             "::1.2.3.4:1",
                             "1:2:3:4:5:6:7:1.2.3.4",
                             "fe80::1%1",
                             ":1::",
                             "1:::2"}) {
        INFO(text);
        CHECK(parse_ipv6(text).error() == Error::invalid_argument);
    }
    CHECK_FALSE(parse_ip6_option("fd00::1/129"));
    CHECK_FALSE(parse_ip6_option("fd00::1"));
}

TEST_CASE("ip= and ip6=: addresses that cannot work") {
    const auto works = [](std::string_view text) { return fault_of(parse_ip_option(text).value()) == nullptr; };
    for (const char* text :
         {"dhcp", "off", "10.0.2.15/24,10.0.2.2", "10.0.0.255/16", "10.0.0.0/31,10.0.0.1", "10.0.0.2/32"}) {
        INFO(text);
        CHECK(works(text));
    }
    for (const char* text : {"10.0.0.0/24", "10.0.0.255/24", "0.0.0.0/24", "0.1.2.3/8", "127.0.0.1/8", "224.0.0.1/24",
                             "255.255.255.255/8", "10.0.0.2/0", "10.0.0.2/24,10.0.1.1", "10.0.0.2/32,10.0.0.1"}) {
        INFO(text);
        CHECK_FALSE(works(text));
    }
    const auto works6 = [](std::string_view text) { return fault_of(parse_ip6_option(text).value()) == nullptr; };
    for (const char* text : {"auto", "fd00::2/64,fd00::1", "fd00::2/64,fe80::1", "2001:db8::/127", "fd00::2/128"}) {
        INFO(text);
        CHECK(works6(text));
    }
    for (const char* text : {"::/64", "::1/64", "ff02::1/64", "fd00::/64", "fd00::2/64,fd00:0:0:1::1", "fd00::2/0"}) {
        INFO(text);
        CHECK_FALSE(works6(text));
    }
}
