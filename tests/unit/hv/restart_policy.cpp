// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/restart_policy.h"

#include <catch2/catch.hpp>

using hv::MachineEnding;
using hv::OnCrash;
using hv::Restart;
using hv::RestartPolicy;
using Kind = hv::MachineEnding::Kind;

TEST_CASE("a machine without a policy ends, but for a reboot", "[restart]") {
    RestartPolicy policy(Restart::no, OnCrash::exit);
    CHECK_FALSE(policy.after({Kind::shut_down, 0}, 0));
    CHECK_FALSE(policy.after({Kind::shut_down, 3}, 0));
    CHECK_FALSE(policy.after({Kind::crashed, 107}, 0));
    CHECK_FALSE(policy.after({Kind::failed, 109}, 0));
    CHECK(policy.after({Kind::reboot, 0}, 0) == 0);
}

TEST_CASE("on-failure starts again what did not end well", "[restart]") {
    RestartPolicy policy(Restart::on_failure, OnCrash::exit);
    CHECK_FALSE(policy.after({Kind::shut_down, 0}, 0));
    CHECK(policy.after({Kind::shut_down, 1}, 0));
    CHECK(policy.after({Kind::crashed, 107}, 0));
    CHECK(policy.after({Kind::failed, 108}, 0));
}

TEST_CASE("a crash alone can be the reason to start again", "[restart]") {
    RestartPolicy policy(Restart::no, OnCrash::restart);
    CHECK(policy.after({Kind::crashed, 107}, 0));
    CHECK_FALSE(policy.after({Kind::shut_down, 1}, 0));
}

TEST_CASE("the delay doubles up to its bound, and is forgotten after a while of health", "[restart]") {
    RestartPolicy policy(Restart::always, OnCrash::exit);
    const MachineEnding ending{Kind::shut_down, 0};
    CHECK(policy.after(ending, 0) == 0);
    CHECK(policy.after(ending, 0) == RestartPolicy::first_delay_ns);
    CHECK(policy.after(ending, 0) == 2 * RestartPolicy::first_delay_ns);
    for (int i = 0; i < 100; ++i) CHECK(*policy.after(ending, 0) <= RestartPolicy::longest_delay_ns);
    CHECK(policy.after(ending, RestartPolicy::healthy_after_ns - 1) == RestartPolicy::longest_delay_ns);
    CHECK(policy.after(ending, RestartPolicy::healthy_after_ns) == 0);
}

TEST_CASE("a reboot that was asked for comes at once, and is no failure to live", "[restart]") {
    RestartPolicy policy(Restart::no, OnCrash::exit);
    const MachineEnding asked{.kind = Kind::reboot, .exit_code = 0, .asked = true};
    for (int i = 0; i < 10; ++i) CHECK(policy.after(asked, 0) == 0);
    // A guest that reboots by itself, again and again, is one.
    CHECK(policy.after({Kind::reboot, 0}, 0) == 0);
    CHECK(policy.after({Kind::reboot, 0}, 0) == RestartPolicy::first_delay_ns);
    CHECK(policy.after(asked, 0) == 0);
    policy.forbid();
    CHECK_FALSE(policy.after(asked, 0));
}

TEST_CASE("what somebody stopped does not come back", "[restart]") {
    RestartPolicy policy(Restart::always, OnCrash::restart);
    policy.forbid();
    CHECK_FALSE(policy.after({Kind::shut_down, 0}, 0));
    CHECK_FALSE(policy.after({Kind::crashed, 107}, 0));
    CHECK_FALSE(policy.after({Kind::reboot, 0}, 0));
}

TEST_CASE("words that are no policy are refused by name", "[restart]") {
    CHECK(hv::parse_restart("always") == Restart::always);
    CHECK(hv::parse_on_crash("preserve") == OnCrash::preserve);
    for (const char* wrong : {"", "Always", "yes", "on-failure:3"}) {
        CHECK(hv::parse_restart(wrong).error().kind == hv::ErrorKind::usage);
        CHECK(hv::parse_on_crash(wrong).error().message.find(wrong) != std::string::npos);
    }
}
