// SPDX-License-Identifier: Apache-2.0
// Limits of a network or a disk: in words, in JSON, as text.
#include "hv/cli/rate_values.h"

#include <catch2/catch.hpp>

#include "hv/cli/limit_option.h"
#include "hv/cli/values.h"
#include "hv/machine/rate_limits_config.h"

using namespace hv;

namespace {

constexpr std::uint64_t kibibyte = 1 << 10, mebibyte = 1 << 20;

Result<NetLimits> read(const std::string& text, NetLimits limits = {}) {
    const Json json = Json::parse(text);
    const JsonSection::Origin origin{"test", "the test"};
    TRY(JsonSection section, JsonSection::open(json, "", origin));
    const auto done = read_net_limits(section, origin, limits);
    if (!done) return std::unexpected(done.error());
    if (const auto finished = section.finish(); !finished) return std::unexpected(finished.error());
    return limits;
}

}  // namespace

TEST_CASE("rates: average, peak and burst") {
    const Bandwidth plain = parse_bandwidth("10M").value();
    CHECK(plain.average == TokenLimit{.size = mebibyte, .refill_ms = 100});
    CHECK(plain.peak == 0);
    const Bandwidth whole = parse_bandwidth("10M:20M:5M").value();
    CHECK(whole.average == TokenLimit{.size = 5 * mebibyte, .refill_ms = 500});
    CHECK(whole.peak == 20 * mebibyte);
    CHECK(parse_bandwidth("10M::5M").value().peak == 0);
    CHECK(parse_bandwidth("10M::5M").value().average->refill_ms == 500);
    CHECK_FALSE(parse_bandwidth("none").value().average.has_value());
    // A slow link has a burst that holds a few frames.
    CHECK(parse_bandwidth("1K").value().average == TokenLimit{.size = 64 * kibibyte, .refill_ms = 64'000});
    // The rate is exact, the burst is rounded to a millisecond.
    const TokenLimit odd = *parse_bandwidth("1000000::10001").value().average;
    CHECK(odd.per_second() == 1e6);
    CHECK(odd.size == 11'000);
}

TEST_CASE("rates: packets") {
    CHECK(parse_operations("1000", "packets").value() == TokenLimit{.size = 100, .refill_ms = 100});
    CHECK(parse_operations("1000:5", "packets").value() == TokenLimit{.size = 5, .refill_ms = 5});
    CHECK(parse_operations("1", "packets").value() == TokenLimit{.size = 1, .refill_ms = 1000});
    CHECK_FALSE(parse_operations("none", "packets").value().has_value());
}

TEST_CASE("rates: what is none is refused, with the value") {
    for (const char* text : {"", ":", "x", "10M:x", "10M:1M", "10M:20M:0", "10M:20M:1M:1", "0", "1023", "-1", "none:1",
                             "2000T", "1M:2000T", "1M::2000T", "10Mb/s"}) {
        INFO(text);
        const auto rate = parse_bandwidth(text);
        REQUIRE_FALSE(rate.has_value());
        CHECK(rate.error().kind == ErrorKind::usage);
        CHECK(rate.error().message.find("'" + std::string(text) + "'") != std::string::npos);
    }
    for (const char* text : {"", "0", "1:0", "1:", "1:2:3", "x", "1K", "2000000000000000"}) {
        INFO(text);
        REQUIRE_FALSE(parse_operations(text, "packets").has_value());
        CHECK(parse_operations(text, "packets").error().kind == ErrorKind::usage);
    }
}

TEST_CASE("rates: words of --net") {
    const NetConfig net = parse_net("tap=tap0,rx=10M:20M:1M,tx-packets=100,mtu=1400").value();
    CHECK(net.limits.rx.bandwidth == TokenLimit{.size = mebibyte, .refill_ms = 100});
    CHECK(net.limits.rx.peak == 20 * mebibyte);
    CHECK_FALSE(net.limits.rx.operations.has_value());
    CHECK_FALSE(net.limits.tx.bandwidth.has_value());
    CHECK(net.limits.tx.operations == TokenLimit{.size = 10, .refill_ms = 100});
    CHECK(net.mtu == 1400);
    CHECK(parse_net("user,8080:80,tx=1M").value().limits.tx.bandwidth.has_value());
    CHECK(parse_net("user,rx=none").value().limits == NetLimits());
    for (const char* text : {"none,rx=1M", "user,rx=", "user,rx=1", "tap=tap0,rx-bytes=1M", "tap=tap0,rx"})
        CHECK_FALSE(parse_net(text).has_value());
}

TEST_CASE("rates: words of --disk") {
    const DriveConfig drive = parse_disk("a.raw,bps=10M:20M:1M,iops=100,ro").value();
    CHECK(drive.limits.bandwidth == TokenLimit{.size = mebibyte, .refill_ms = 100});
    CHECK(drive.limits.peak == 20 * mebibyte);
    CHECK(drive.limits.operations == TokenLimit{.size = 10, .refill_ms = 100});
    CHECK(drive.read_only);
    CHECK(parse_disk("a.raw,bps=none").value().limits == RateLimits());
    for (const char* text : {"a.raw,bps=", "a.raw,bps=1", "a.raw,iops=0", "a.raw,iops=1K", "a.raw,bps=2M:1M",
                             "a.raw,iops", "a.raw,bps=1M,bps=2M", "a.raw,rx=1M"})
        CHECK_FALSE(parse_disk(text).has_value());
}

TEST_CASE("rates: Firecracker's rate limiters") {
    const NetLimits limits =
        read(R"({"rx_rate_limiter": {"bandwidth": {"size": 1000, "one_time_burst": 50, "refill_time": 100},
                                     "ops": {"size": 10, "refill_time": 20}, "tenon": {"peak": 20000}}})")
            .value();
    CHECK(limits.rx.bandwidth == TokenLimit{.size = 1000, .refill_ms = 100, .one_time_burst = 50});
    CHECK(limits.rx.operations == TokenLimit{.size = 10, .refill_ms = 20});
    CHECK(limits.rx.peak == 20'000);
    CHECK(limits.tx == RateLimits());
    Json written = Json::object();
    add_net_limits(written, limits);
    CHECK(read(written.dump()).value() == limits);

    // What a change leaves out stays; zeros remove.
    NetLimits changed = read(R"({"rx_rate_limiter": {"ops": {"size": 1, "refill_time": 1}}})", limits).value();
    CHECK(changed.rx.bandwidth == limits.rx.bandwidth);
    CHECK(changed.rx.operations == TokenLimit{.size = 1, .refill_ms = 1});
    changed = read(R"({"rx_rate_limiter": {"bandwidth": {"size": 0, "refill_time": 0}, "tenon": {"peak": 0}},
                       "tx_rate_limiter": null})",
                   limits)
                  .value();
    CHECK_FALSE(changed.rx.bandwidth.has_value());
    CHECK(changed.rx.peak == 0);
    CHECK(changed.rx.operations == limits.rx.operations);
}

TEST_CASE("rates: a rate limiter that is none is refused") {
    for (const char* limiter :
         {"1", "[]", R"({"bandwidth": 1})", R"({"bandwidth": {"size": 1}})", R"({"bandwidth": {"refill_time": 1}})",
          R"({"bandwidth": {"size": -1, "refill_time": 1}})", R"({"ops": {"size": 1.5, "refill_time": 1}})",
          R"({"ops": {"size": 1, "refill_time": 18446744073709551615}})", R"({"opps": {"size": 1, "refill_time": 1}})",
          R"({"bandwidth": {"size": 1, "refill_time": 1, "colour": 1}})", R"({"tenon": {"peek": 1}})",
          R"({"bandwidth": {"size": 1000, "refill_time": 1}, "tenon": {"peak": 1000}})"}) {
        INFO(limiter);
        const auto limits = read(R"({"tx_rate_limiter": )" + std::string(limiter) + "}");
        REQUIRE_FALSE(limits.has_value());
        CHECK(limits.error().kind == ErrorKind::usage);
        CHECK(limits.error().message.find("tx_rate_limiter") != std::string::npos);
    }
}

TEST_CASE("rates: as text") {
    Json interface = Json::object();
    CHECK(add_net_limit("rx", "10M:20M:1M", interface).value());
    CHECK(add_net_limit("rx-packets", "1000", interface).value());
    CHECK(rate_limiter_text(interface["rx_rate_limiter"], "packets") ==
          "10.0 MiB/s, peak 20.0 MiB/s, burst 1.0 MiB, 1000 packets/s");
    CHECK(add_net_limit("rx", "none", interface).value());
    CHECK(rate_limiter_text(interface["rx_rate_limiter"], "packets") == "1000 packets/s");
    CHECK(rate_limiter_text(Json(), "packets").empty());
    CHECK_FALSE(add_net_limit("bytes", "1", interface).value());
}
