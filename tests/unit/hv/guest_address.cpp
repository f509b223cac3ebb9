// SPDX-License-Identifier: Apache-2.0
// Static addresses: those that work, and those that cannot.
#include "hv/machine/guest_address.h"

#include <catch2/catch.hpp>

using namespace hv;

TEST_CASE("guest address: what a host can have") {
    for (const char* text :
         {"10.0.0.2/24", "10.0.0.2/24,10.0.0.1", "10.0.0.2/24,10.0.0.1,10.0.0.53", "10.0.0.2/24,,9.9.9.9",
          "10.0.0.2/24,10.0.0.1,1.1.1.1,8.8.8.8,9.9.9.9", "192.168.1.254/16,192.168.255.254", "10.0.0.0/31,10.0.0.1",
          "10.0.0.255/16", "10.1.0.0/8", "10.0.0.2/32", "169.254.1.1/16", "223.255.255.254/24"}) {
        INFO(text);
        REQUIRE(parse_guest_address(text).has_value());
        CHECK_FALSE(parse_guest_address(text)->is_ipv6);
    }
    for (const char* text : {"fd00::2/64", "fd00::2/64,fd00::1", "fd00::2/64,fe80::1,fd00::53",
                             "2001:db8::/127,2001:db8::1", "fe80::2/64", "fd00::2/128"}) {
        INFO(text);
        REQUIRE(parse_guest_address(text).has_value());
        CHECK(parse_guest_address(text)->is_ipv6);
    }
    CHECK(parse_guest_address("10.0.0.2/24,10.0.0.1")->address == "10.0.0.2");
}

TEST_CASE("guest address: what cannot work is refused, and why is said") {
    const std::pair<const char*, const char*> refused[] = {
        {"", "not an IP address"},
        {"10.0.0.2", "no prefix length"},
        {"10.0.0.2/0", "prefix length is not 1 to 32"},
        {"10.0.0.2/33", "prefix length is not 1 to 32"},
        {"fd00::2/129", "prefix length is not 1 to 128"},
        {"10.0.0/24", "not an IP address"},
        {"10.0.0.256/24", "not an IP address"},
        {"10.0.0.2/24,", "not an IP address"},
        {"10.0.0.2/24,x", "not an IP address"},
        {"10.0.0.2/24,10.0.0.1,,1.1.1.1", "not an IP address"},
        {"10.0.0.2/24,10.0.0.1,1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4", "more than 3 name servers"},
        {"10.0.0.0/24", "the network's own address"},
        {"10.0.0.255/24", "the broadcast address of its network"},
        {"10.0.255.255/16", "the broadcast address of its network"},
        {"255.255.255.255/24", "the broadcast address"},
        {"0.0.0.0/24", "the unspecified address"},
        {"0.1.2.3/8", "'this network'"},
        {"127.0.0.1/8", "a loopback address"},
        {"224.0.0.1/24", "a multicast address"},
        {"239.255.0.1/24", "a multicast address"},
        {"240.0.0.1/24", "a reserved address"},
        {"10.0.0.2/24,10.0.1.1", "outside of the guest's network"},
        {"10.0.0.2/32,10.0.0.1", "outside of the guest's network"},
        {"10.0.0.2/24,10.0.0.2", "the guest itself"},
        {"10.0.0.2/24,10.0.0.0", "the network's own address"},
        {"10.0.0.2/24,10.0.0.255", "the broadcast address"},
        {"10.0.0.2/24,0.0.0.0", "outside of the guest's network"},
        {"10.0.0.2/24,10.0.0.1,0.0.0.0", "name server '0.0.0.0' is the unspecified address"},
        {"10.0.0.2/24,10.0.0.1,224.0.0.251", "a multicast address"},
        {"10.0.0.2/24,fd00::1", "IPv4 and IPv6 mixed"},
        {"::/64", "the unspecified address"},
        {"::1/64", "the loopback address"},
        {"ff02::1/64", "a multicast address"},
        {"fd00::/64", "anycast address"},
        {"::ffff:10.0.0.2/96", "an IPv4 address as IPv6"},
        {"fd00::2/64,fd00:0:0:1::1", "outside of the guest's network"},
        {"fd00::2/64,ff02::2", "outside of the guest's network"},
    };
    for (const auto& [text, why] : refused) {
        INFO(text);
        const auto parsed = parse_guest_address(text);
        REQUIRE_FALSE(parsed.has_value());
        CHECK(parsed.error().kind == ErrorKind::usage);
        CHECK(parsed.error().message.contains(why));
    }
}
