// SPDX-License-Identifier: Apache-2.0
// The control socket's path about a network interface.
#include "hv/api/network_api.h"

#include <catch2/catch.hpp>

using namespace hv;

namespace {

NetConfig limited() {
    NetConfig net;
    net.mode = NetConfig::Mode::user;
    net.limits.rx.bandwidth = TokenLimit{.size = 1000, .refill_ms = 100};
    return net;
}

Result<NetLimits> change(const NetConfig& net, std::string body, const std::string& id = "net0") {
    return changed_limits({.method = "PATCH", .path = network_interfaces_path + id, .body = std::move(body)}, net);
}

}  // namespace

TEST_CASE("network API: a change of limits") {
    const NetLimits changed =
        change(limited(), R"({"iface_id": "net0", "tx_rate_limiter": {"ops": {"size": 5, "refill_time": 50}}})")
            .value();
    CHECK(changed.tx.operations == TokenLimit{.size = 5, .refill_ms = 50});
    CHECK(changed.rx == limited().limits.rx);
    CHECK(change(limited(), R"({"rx_rate_limiter": {"bandwidth": {"size": 0, "refill_time": 0}}})").value() ==
          NetLimits());
    CHECK(change(limited(), "").value() == limited().limits);
}

TEST_CASE("network API: a change that cannot be is refused") {
    for (const char* body : {"x", "[]", R"({"iface_id": "net1"})", R"({"host_dev_name": "tap1"})",
                             R"({"rx_rate_limiter": {"bandwidth": {"size": 1}}})"}) {
        INFO(body);
        REQUIRE_FALSE(change(limited(), body).has_value());
        CHECK(change(limited(), body).error().kind == ErrorKind::usage);
    }
    CHECK(change(limited(), "{}", "eth9").error().message.find("'net0'") != std::string::npos);
    CHECK_FALSE(change(limited(), "{}", "").has_value());
    CHECK_FALSE(change(NetConfig(), "{}").has_value());
}
