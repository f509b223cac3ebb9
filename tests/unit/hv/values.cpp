// SPDX-License-Identifier: Apache-2.0
// Values on the command line: sizes, networks, addresses.
#include "hv/cli/values.h"

#include <catch2/catch.hpp>

using namespace hv;

namespace {

template <typename T>
bool is_usage_error(const Result<T>& result) {
    return !result.has_value() && result.error().kind == ErrorKind::usage && !result.error().message.empty();
}

}  // namespace

TEST_CASE("values: sizes as people write them") {
    constexpr std::uint64_t K = 1 << 10, M = K << 10, G = M << 10;
    const std::pair<const char*, std::uint64_t> sizes[] = {{"4096", 4096},
                                                           {"8K", 8 * K},
                                                           {"64M", 64 * M},
                                                           {"2G", 2 * G},
                                                           {"64MB", 64 * M},
                                                           {"64MiB", 64 * M},
                                                           {"512k", 512 * K},
                                                           {"64mb", 64 * M},
                                                           {"64Mi", 64 * M},
                                                           {"1.5G", 3 * G / 2},
                                                           {"1.5GiB", 3 * G / 2},
                                                           {"0.5M", M / 2},
                                                           {"100B", 100},
                                                           {"1T", 1024 * G},
                                                           {"0", 0},
                                                           {"0.0001K", 0},
                                                           {"1.25m", 5 * M / 4},
                                                           {"16777215T", 16777215ULL << 40},
                                                           {"1.000000000000000000M", M},
                                                           {"1.1G", 1181116006}};
    for (const auto& [text, bytes] : sizes) {
        INFO(text);
        CHECK(parse_size(text).value() == bytes);
    }
}

TEST_CASE("values: what is no size is refused, with the reason") {
    for (const char* text : {"",
                             "M",
                             "-1",
                             "+1",
                             ".5G",
                             "1.",
                             "1.M",
                             "1..5G",
                             "1.5.5G",
                             "1,5G",
                             "12X",
                             "64MM",
                             "64Mib ",
                             "64 M",
                             "64BM",
                             "0x10",
                             " 1",
                             "99999999999999999999",
                             "99999999999999G",
                             "16777216T",
                             "1.5",
                             "1.5B",
                             "1e3",
                             "infG",
                             "1.0000000000000000001G"}) {
        INFO(text);
        REQUIRE(is_usage_error(parse_size(text)));
        CHECK(parse_size(text).error().message.contains("as in 64M"));
    }
    CHECK(parse_size("64MX").error().message.contains("'MX' is not a unit"));
    CHECK(parse_size("-1M").error().message.contains("sign"));
    CHECK(parse_size("1.5").error().message.contains("part of a byte"));
}

TEST_CASE("values: memory has bounds, and is whole pages") {
    CHECK(parse_memory("8M").value() == minimum_memory_bytes);
    CHECK(parse_memory("8MB").value() == minimum_memory_bytes);
    CHECK(parse_memory("1024G").value() == maximum_memory_bytes);
    CHECK(parse_memory("1.1G").value() == 1181116006 / 4096 * 4096);
    for (const char* text : {"7M", "7.9M", "1025G", "8388609", "9000001", "64"})
        CHECK(is_usage_error(parse_memory(text)));
    CHECK(parse_mebibytes("--x", "16MiB").value() == 16 << 20);
    CHECK(parse_mebibytes("--x", "1.5G").value() == 1536ULL << 20);
    CHECK(parse_mebibytes("--x", "1.1G").value() == 1126ULL << 20);
    for (const char* text : {"0", "0.5M", "1025K", "2048G", "x"}) {
        REQUIRE(is_usage_error(parse_mebibytes("--x", text)));
        CHECK(parse_mebibytes("--x", text).error().message.starts_with("--x"));
    }
}

TEST_CASE("values: a watchdog's seconds") {
    CHECK(parse_watchdog("5") == 5000U);
    CHECK(parse_watchdog("0.25") == 250U);
    CHECK(parse_watchdog("86400") == longest_watchdog_ms);
    for (const char* wrong : {"", "0", "0.05", "-1", "5s", " 5", "nan", "inf", "1e9", "86401", "five", "0x10"}) {
        const auto parsed = parse_watchdog(wrong);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().kind == ErrorKind::usage);
        CHECK(parsed.error().message.starts_with("--watchdog"));
    }
}

TEST_CASE("values: of two values for one key none is lost in silence") {
    using Words = std::vector<std::string_view>;
    CHECK(repeated_key(Words{}).empty());
    CHECK(repeated_key(Words{"limit=1", "pin=0", "1", "1", "burst=1"}).empty());
    CHECK(repeated_key(Words{"limit=1", "pin=0", "pin=0"}) == "pin");
    CHECK(repeated_key(Words{"=", "="}).empty());
    CHECK_THAT(parse_net("user,mac=02:00:00:00:00:01,mac=02:00:00:00:00:02").error().message,
               Catch::Contains("'mac' is given more than once"));
    CHECK_THAT(parse_net("tap=tap0,rx=1M,rx=2M").error().message, Catch::Contains("'rx' is given more than once"));
    CHECK(parse_net("user,8080:80,8081:80,rx=1M,tx=1M").has_value());
}

TEST_CASE("values: networks") {
    CHECK(parse_net("none").value().mode == NetConfig::Mode::none);
    const auto user = parse_net("user,8080:80,0:22");
    REQUIRE(user.has_value());
    CHECK(user->mode == NetConfig::Mode::user);
    REQUIRE(user->user.forwards.size() == 2);
    CHECK(user->user.forwards[0].host == 8080);
    CHECK(user->user.forwards[0].guest == 80);
    CHECK(user->user.forwards[1].host == 0);
    CHECK(user->user.forwards[0].address == "127.0.0.1");
    CHECK_FALSE(user->user.forwards[0].udp);
    const auto others = parse_net("user,127.0.0.2:8080:80,0.0.0.0:5353:53/udp,8080:80/tcp,127.0.0.2:8080:80/udp");
    REQUIRE(others.has_value());
    REQUIRE(others->user.forwards.size() == 4);
    CHECK(others->user.forwards[0].address == "127.0.0.2");
    CHECK(others->user.forwards[1].address == "0.0.0.0");
    CHECK(others->user.forwards[1].udp);
    CHECK(others->user.forwards[1].guest == 53);
    CHECK_FALSE(others->user.forwards[2].udp);
    const auto tap = parse_net("tap=tap0,mac=02:00:00:00:00:01,mtu=1400");
    REQUIRE(tap.has_value());
    CHECK(tap->mode == NetConfig::Mode::tap);
    CHECK(tap->tap == "tap0");
    CHECK(tap->mtu == 1400);
    CHECK(mac_text(*tap->mac) == "02:00:00:00:00:01");
}

TEST_CASE("values: what is no network is refused") {
    for (const char* text : {"",
                             "bridge",
                             "user,80",
                             "user,x:80",
                             "user,65536:80",
                             "user,80:0",
                             "user,1:2:3",
                             "tap=",
                             "tap",
                             "tap=a-name-that-is-too-long",
                             "tap=a/b",
                             "tap=tap0,80:80",
                             "none,80:80",
                             "user,mac=1:2:3",
                             "user,localhost:80:80",
                             "user,127.0.0.256:80:80",
                             "user,224.0.0.1:80:80",
                             "user,255.255.255.255:80:80",
                             "user,:80:80",
                             "user,80:80/",
                             "user,80:80/sctp",
                             "user,80:80/udp/udp",
                             "user,127.0.0.1:80:80:80",
                             "user,80:80,80:81",
                             "user,127.0.0.2:80:80,127.0.0.2:80:81",
                             "user,[::1]:80:80",
                             "user,mtu=67",
                             "user,mtu=65536",
                             "user,mac=01:00:00:00:00:01"})
        CHECK(is_usage_error(parse_net(text)));
}

TEST_CASE("values: MAC addresses go there and back") {
    CHECK(mac_text(parse_mac("02:ab:Cd:00:fF:10").value()) == "02:ab:cd:00:ff:10");
    for (const char* text : {"", "02:ab:cd:00:ff", "02:ab:cd:00:ff:10:11", "02-ab-cd-00-ff-10", "02:ab:cd:00:ff:1g"})
        CHECK(is_usage_error(parse_mac(text)));
}

TEST_CASE("values: accelerators") {
    CHECK(parse_accelerator("auto").value() == AcceleratorChoice::automatic);
    CHECK(is_usage_error(parse_accelerator("xen")));
    CHECK(is_usage_error(parse_accelerator("")));
}

TEST_CASE("values: disks") {
    CHECK(parse_disk("a.raw")->path == "a.raw");
    CHECK_FALSE(parse_disk("a.raw")->read_only);
    CHECK(parse_disk("/dev/sdb,ro")->read_only);
    for (const char* text : {"", ",ro", "a.raw,", "a.raw,rw", "a.raw,ro,fast"}) {
        INFO(text);
        REQUIRE(!parse_disk(text).has_value());
        CHECK(parse_disk(text).error().kind == ErrorKind::usage);
    }
}
