// SPDX-License-Identifier: Apache-2.0
// The configuration file: accepted settings, and refusals that name the setting.
#include "hv/machine/firecracker_config.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

using namespace hv;

namespace {

struct Parsed {
    Result<> result;
    MachineConfig config;
    std::vector<std::string> warnings;
};

Parsed parse(std::string_view text) {
    Parsed parsed;
    parsed.result = parse_firecracker_config(text, parsed.config, parsed.warnings);
    return parsed;
}

}  // namespace

TEST_CASE("configuration: a whole machine") {
    const Parsed parsed = parse(R"({
        "boot-source": {"kernel_image_path": "a.elf", "boot_args": "verbose"},
        "machine-config": {"vcpu_count": 1, "mem_size_mib": 32},
        "network-interfaces": [{"iface_id": "eth0", "host_dev_name": "tap7", "guest_mac": "02:00:00:00:00:02",
                                "mtu": 1400}]})");
    REQUIRE(parsed.result.has_value());
    CHECK(parsed.config.image == "a.elf");
    CHECK(parsed.config.memory_bytes == 32ULL << 20);
    CHECK(parsed.config.net.mode == NetConfig::Mode::tap);
    CHECK(parsed.config.net.tap == "tap7");
    CHECK(parsed.config.net.interface_id == "eth0");
    CHECK(parsed.config.net.mtu == 1400);
}

TEST_CASE("configuration: a network's fields have rules of their own, not those of the command line") {
    const std::string start = R"({"boot-source": {"kernel_image_path": "a.elf"}, "network-interfaces": [)";
    const auto interface = [](std::string_view name, std::string_view more = "") {
        return fmt::format(R"({{"iface_id": "eth0", "host_dev_name": "{}"{}}})", name, more);
    };
    CHECK(parse(start + interface("a-name-of-15-by") + "]}").result.has_value());
    for (const char* name : {"", "tap0,mtu=9000", "tap0,mac=02:00:00:00:00:01", "user", "none,x", "tap=tap0,", "a/b",
                             "..", ".", "tap 0", R"(tap\t0)", "tap%d", "a:b", "a-name-of-16-byt"}) {
        INFO(name);
        const Parsed parsed = parse(start + interface(name) + "]}");
        if (std::string_view(name) == "user") {
            // A name as any other.
            REQUIRE(parsed.result.has_value());
            CHECK(parsed.config.net.mode == NetConfig::Mode::tap);
            continue;
        }
        REQUIRE_FALSE(parsed.result.has_value());
        CHECK(parsed.result.error().kind == ErrorKind::usage);
        CHECK(parsed.result.error().message.contains("host_dev_name"));
        CHECK_FALSE(parsed.config.net.mtu.has_value());
    }
    for (const char* more :
         {R"(, "mtu": 67)", R"(, "mtu": 65536)", R"(, "mtu": "1500")", R"(, "guest_mac": "01:00:00:00:00:01")",
          R"(, "guest_mac": "02:00:00:00:00")", R"(, "guest_mac": 7)"}) {
        INFO(more);
        const Parsed parsed = parse(start + interface("tap0", more) + "]}");
        REQUIRE_FALSE(parsed.result.has_value());
        CHECK(parsed.result.error().message.contains("network-interfaces[0]."));
    }
}

TEST_CASE("configuration: the balloon") {
    const std::string boot = R"({"boot-source": {"kernel_image_path": "a.elf"}, "balloon": )";
    const Parsed whole = parse(boot + R"({"amount_mib": 7, "deflate_on_oom": false, "stats_polling_interval_s": 5,
                                         "free_page_hinting": false, "free_page_reporting": false}})");
    REQUIRE(whole.result.has_value());
    CHECK(whole.config.balloon.enabled);
    CHECK(whole.config.balloon.target_bytes == 7ULL << 20);
    CHECK_FALSE(whole.config.balloon.deflate_on_oom);
    CHECK(whole.config.balloon.statistics_interval_s == 5);
    CHECK_FALSE(whole.config.balloon.hinting);
    CHECK_FALSE(whole.config.balloon.reporting);
    const Parsed least = parse(boot + R"({"amount_mib": 0, "deflate_on_oom": true}})");
    REQUIRE(least.result.has_value());
    CHECK(least.config.balloon.hinting);
    CHECK(least.config.balloon.reporting);
    for (const char* wrong :
         {R"({}})", R"({"amount_mib": 7}})", R"({"deflate_on_oom": true}})", R"([]})",
          R"({"amount_mib": "7", "deflate_on_oom": true}})", R"({"amount_mib": 7, "deflate_on_oom": 1}})",
          R"({"amount_mib": 7, "deflate_on_oom": true, "stats_polling_interval_s": 65536}})",
          R"({"amount_mib": 1048577, "deflate_on_oom": true}})",
          R"({"amount_mib": 7, "deflate_on_oom": true, "inflate": 1}})"}) {
        const Parsed parsed = parse(boot + wrong);
        REQUIRE_FALSE(parsed.result.has_value());
        CHECK(parsed.result.error().kind == ErrorKind::usage);
        CHECK(parsed.result.error().message.contains("balloon"));
    }
}

TEST_CASE("configuration: what is written is read again") {
    MachineConfig config;
    config.image = "b.elf";
    config.memory_bytes = 48ULL << 20;
    config.balloon = {.target_bytes = 3ULL << 20, .statistics_interval_s = 9, .hinting = false};
    MachineConfig again;
    std::vector<std::string> warnings;
    REQUIRE(parse_firecracker_config(firecracker_config_text(config), again, warnings).has_value());
    CHECK(again.image == config.image);
    CHECK(again.memory_bytes == config.memory_bytes);
    CHECK(again.balloon.target_bytes == config.balloon.target_bytes);
    CHECK(again.balloon.statistics_interval_s == 9);
    CHECK_FALSE(again.balloon.hinting);
    CHECK(again.balloon.reporting);
}

TEST_CASE("configuration: broken ones are usage errors") {
    const std::string boot = R"("boot-source": {"kernel_image_path": "a.elf"})";
    for (const std::string& text : std::initializer_list<std::string>{
             "", "{", "[]", "null", "{}", R"({"boot-source": {}})", R"({"boot-source": {"kernel_image_path": 7}})",
             "{" + boot + R"(, "machine-config": {"vcpu_count": 1, "mem_size_mib": "much"}})",
             "{" + boot + R"(, "machine-config": {"vcpu_count": 1, "mem_size_mib": -1}})",
             "{" + boot + R"(, "machine-config": {"vcpu_count": 0, "mem_size_mib": 64}})",
             "{" + boot + R"(, "machine-config": {"vcpu_count": 33, "mem_size_mib": 64}})",
             "{" + boot + R"(, "network-interfaces": {}})",
             "{" + boot + R"(, "network-interfaces": [{"iface_id": "eth0"}]})",
             "{" + boot + R"(, "no-such-section": {}})"}) {
        INFO(text);
        const Parsed parsed = parse(text);
        REQUIRE(!parsed.result.has_value());
        CHECK(parsed.result.error().kind == ErrorKind::usage);
    }
}

TEST_CASE("configuration: a deep nest of brackets is refused, not followed") {
    CHECK(!parse(std::string(100'000, '[')).result.has_value());
}

TEST_CASE("configuration: drives") {
    const std::string boot = R"({"boot-source": {"kernel_image_path": "a.elf"}, "drives": )";
    const Parsed parsed =
        parse(boot + R"([{"drive_id": "root", "path_on_host": "a.raw", "is_root_device": false, "is_read_only": true},
        {"drive_id": "data", "path_on_host": "b.raw", "is_root_device": true, "cache_type": "Unsafe",
         "io_engine": "Sync", "rate_limiter": {"ops": {"size": 10, "refill_time": 100}, "tenon": {"peak": 5}}}]})");
    REQUIRE(parsed.result.has_value());
    REQUIRE(parsed.config.drives.size() == 2);
    CHECK(parsed.config.drives[0].read_only);
    CHECK(parsed.config.drives[0].engine == DriveConfig::Engine::asynchronous);
    CHECK_FALSE(parsed.config.drives[1].read_only);
    CHECK(parsed.config.drives[1].engine == DriveConfig::Engine::synchronous);
    CHECK(parsed.warnings.size() == 1);  // a root device
    MachineConfig again;
    std::vector<std::string> warnings;
    REQUIRE(parse_firecracker_config(firecracker_config_text(parsed.config), again, warnings).has_value());
    CHECK(again.drives[0].path == "a.raw");
    CHECK(again.drives[1].drive_id == "data");
    CHECK(again.drives[0].limits == RateLimits());
    CHECK(again.drives[1].limits.operations == TokenLimit{.size = 10, .refill_ms = 100});
    CHECK(again.drives[1].limits == parsed.config.drives[1].limits);
    CHECK(warnings.empty());

    std::string nine = "[";
    for (int i = 0; i < 9; ++i)
        nine += fmt::format(R"({}{{"drive_id": "{}", "path_on_host": "x"}})", i == 0 ? "" : ",", i);
    for (const std::string& drives : std::initializer_list<std::string>{
             "{}", "[7]", "[{}]", R"([{"drive_id": "a"}])", R"([{"drive_id": "", "path_on_host": "x"}])",
             R"([{"drive_id": "a", "path_on_host": ""}])",
             R"([{"drive_id": "a", "path_on_host": "x", "is_read_only": 1}])",
             R"([{"drive_id": "a", "path_on_host": "x", "cache_type": "Fast"}])",
             R"([{"drive_id": "a", "path_on_host": "x", "io_engine": "Warp"}])",
             R"([{"drive_id": "a", "path_on_host": "x", "rate_limiter": {"bandwidth": {}}}])",
             R"([{"drive_id": "a", "path_on_host": "x", "colour": 1}])",
             R"([{"drive_id": "a", "path_on_host": "x"}, {"drive_id": "a", "path_on_host": "y"}])", nine + "]"}) {
        INFO(drives);
        const Parsed wrong = parse(boot + drives + "}");
        REQUIRE(!wrong.result.has_value());
        CHECK(wrong.result.error().kind == ErrorKind::usage);
    }
}

TEST_CASE(
    "configuration: the policy of memory, watchdog and core file are in a section of its own, and is read again") {
    const std::string boot = R"({"boot-source": {"kernel_image_path": "a.elf"}, )";
    const Parsed parsed = parse(boot + R"("tenon": {"memory": {"reservation_mib": 16, "limit_mib": 32, "shares": 7,
        "cgroup": "none", "ksm": true, "private": false}, "watchdog_ms": 2500, "core_file": "/c/core"}})");
    REQUIRE(parsed.result.has_value());
    std::vector<std::string> warnings;
    MachineConfig again;
    REQUIRE(parse_firecracker_config(firecracker_config_text(parsed.config), again, warnings).has_value());
    for (const MachineConfig& config : {parsed.config, again}) {
        CHECK(config.memory_policy.reservation == 16ULL << 20);
        CHECK(config.memory_policy.limit == 32ULL << 20);
        CHECK(config.memory_policy.shares == 7);
        CHECK(config.memory_policy.cgroup == "none");
        CHECK(config.memory_policy.ksm);
        CHECK(!config.memory_policy.private_memory);
        CHECK(config.watchdog_ms == 2500);
        CHECK(config.core_file == "/c/core");
    }
    // A plain machine's file has nothing that Firecracker refuses.
    CHECK(!firecracker_config_text(MachineConfig{}).contains("tenon"));
    for (const char* wrong : {R"("tenon": [])", R"("tenon": {"memory": 5})", R"("tenon": {"memory": {"shares": 0}}})",
                              R"("tenon": {"memory": {"ksm": "yes"}})", R"("tenon": {"memory": {"no-such-key": 1}})",
                              R"("tenon": {"no-such-section": {}})", R"("tenon": {"watchdog_ms": 99})",
                              R"("tenon": {"watchdog_ms": "5"})", R"("tenon": {"core_file": 5})"})
        CHECK(!parse(boot + wrong + "}").result.has_value());
}
