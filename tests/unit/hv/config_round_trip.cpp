// SPDX-License-Identifier: Apache-2.0
// A configuration is the same after writing and reading it: a test over every option of `hv run`.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "hv/cli/run_options.h"
#include "hv/machine/firecracker_config.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

using namespace hv;

namespace {

using Words = std::vector<std::string>;

/// A value for each option that changes the configuration. The word "IMAGE" comes from the test itself.
const std::map<std::string, std::vector<Words>> samples = {
    {"IMAGE", {{"other.elf"}, {"a path, with \"quotes\".elf"}, {"\xff\xfe.elf"}}},
    {"ARGUMENTS", {{"--", "-x", "two words", "", "a\"b\\c", "\xc3\xa9\xff", "--", "ip=1"}}},
    {"--accel", {{"--accel", "pv"}, {"--accel", "kvm"}}},
    {"--memory", {{"--memory", "128M"}, {"--memory", "8196K"}, {"--memory", "1.1G"}}},
    {"--memory-reservation", {{"--memory-reservation", "32M"}}},
    {"--memory-limit", {{"--memory-limit", "48M"}, {"--memory-limit", "9M", "--memory", "9220K"}}},
    {"--memory-shares", {{"--memory-shares", "7"}}},
    {"--memory-cgroup", {{"--memory-cgroup", "none"}, {"--memory-cgroup", "/a/b"}, {"--memory-cgroup", "auto"}}},
    {"--ksm", {{"--ksm"}}},
    {"--private-memory", {{"--private-memory"}}},
    {"--cpus", {{"--cpus", "2"}, {"--cpus", "32"}}},
    {"--cpu",
     {{"--cpu", "limit=0.5,burst=20ms,reservation=0.25,shares=2000,pin=0-1,3,hv=2,node=0,cgroup=/a/b"},
      {"--cpu", "limit=0.01"},
      {"--cpu", "limit=3"},
      {"--cpu", "reservation=1"},
      {"--cpu", "shares=10"},
      {"--cpu", "pin=5"},
      {"--cpu", "hv=0-1023"},
      {"--cpu", "node=7"},
      {"--cpu", "cgroup=auto"},
      {"--cpu", "cgroup=none"}}},
    {"--net",
     {{"--net", "tap=tap7,mac=02:00:00:00:00:07,mtu=1400"},
      {"--net", "tap=tap7,rx=10M:20M:4M,tx=5M,rx-packets=1000,tx-packets=2000:10"},
      {"--net", "user,tx=1M::3M,rx=none,rx-packets=7"},
      {"--net", "user"},
      {"--net",
       "user,8080:80,0:22,0:22,127.0.0.2:8080:80,0.0.0.0:53:53/udp,host-loopback,"
       "mac=02:00:00:00:00:07,mtu=1400"}}},
    {"--disk", {{"--disk", "a.raw", "--disk", "b.raw,ro"}}},
    {"--ip", {{"--ip", "10.0.0.2/24,10.0.0.1", "--net", "user,8080:80"}, {"--ip", "fd00::2/64", "--net", "tap=tap7"}}},
    {"--env", {{"--env", "A=1", "--env", "B=two words", "--env", "A=\"3\"", "--env", "EMPTY="}}},
    {"--name", {{"--name", "web"}}},
    {"--kernel-options", {{"--kernel-options", "verbose  \"hostname=a b\" env=C=D"}}},
    {"--no-balloon", {{"--no-balloon"}}},
    {"--boot-report", {{"--boot-report"}}},
    {"--watchdog", {{"--watchdog", "2.5"}}},
    {"--core", {{"--core", "/c/core"}}},
    {"--restart", {{"--restart", "on-failure"}, {"--restart", "always"}}},
    {"--on-crash", {{"--on-crash", "restart"}, {"--on-crash", "preserve"}}},
    {"--rm", {{"--rm"}}},
    {"--run-dir", {{"--run-dir", "/r/d"}}},
};

/// Options of hv's own, which are not part of the machine's configuration.
const Words no_configuration = {"--help", "--detach", "--config"};

struct Parser {
    CLI::App app;
    RunOptions options;

    Parser() {
        Command command(app);
        add_run_options(command, options);
    }
    void parse(Words words) {
        std::ranges::reverse(words);  // as the library wants it
        app.parse(words);
    }
};

MachineConfig config_of(const Words& words) {
    Parser parser;
    parser.parse(words);
    std::vector<std::string> warnings;
    auto config = machine_config_of(parser.options, warnings);
    INFO((config ? std::string() : config.error().message));
    REQUIRE(config.has_value());
    return *config;
}

MachineConfig read_again(const MachineConfig& config) {
    const std::string text = firecracker_config_text(config);
    INFO(text);
    MachineConfig again;
    std::vector<std::string> warnings;
    const auto read = parse_firecracker_config(text, again, warnings);
    INFO((read ? std::string() : read.error().message));
    REQUIRE(read.has_value());
    CHECK(warnings.empty());
    REQUIRE(complete_config(again).has_value());
    return again;
}

Words with_image(const std::string& option, const Words& sample) {
    if (option == "IMAGE") return sample;
    Words words{"a.elf"};
    words.insert(words.end(), sample.begin(), sample.end());
    return words;
}

std::string name_of(const CLI::Option& option) {
    return option.get_lnames().empty() ? option.get_name(true) : "--" + option.get_lnames().front();
}

}  // namespace

TEST_CASE("configuration: every option of hv run comes back from what is written") {
    const MachineConfig plain = config_of({"a.elf"});
    CHECK(read_again(plain) == plain);
    Parser parser;
    std::size_t tried = 0;
    for (const CLI::Option* option : parser.app.get_options()) {
        const std::string name = name_of(*option);
        if (std::ranges::find(no_configuration, name) != no_configuration.end()) continue;
        INFO("option " << name << ": a new one gets a sample here, and a place in tenon_config.cpp");
        REQUIRE(samples.contains(name));
        ++tried;
        for (const Words& sample : samples.at(name)) {
            INFO("as " << fmt::format("{}", fmt::join(sample, " ")));
            const MachineConfig config = config_of(with_image(name, sample));
            // Otherwise the test could not see the option come back.
            CHECK_FALSE(config == plain);
            CHECK(read_again(config) == config);
        }
    }
    // Every sample is of an existing option.
    CHECK(tried == samples.size());
}

TEST_CASE("configuration: all options at once come back") {
    Words words{"a.elf"};
    for (const auto& [name, given] : samples) {
        // Options that contradict others are left out.
        if (name == "IMAGE" || name == "ARGUMENTS" || name == "--private-memory" || name == "--no-balloon" ||
            name == "--net" || name == "--memory-limit")
            continue;
        words.insert(words.end(), given.front().begin(), given.front().end());
    }
    const MachineConfig config = config_of(words);
    CHECK(config.net.user.guest_address == "10.0.0.2");
    CHECK(config.command_line.environment == Words{"C=D", "A=\"3\"", "B=two words", "EMPTY="});
    CHECK(read_again(config) == config);
}

TEST_CASE("configuration: a name that hv made is not part of it") {
    MachineConfig config = config_of({"a.elf"});
    config.name = "a-123456";
    config.name_is_generated = true;
    CHECK(read_again(config).name.empty());
}

TEST_CASE("configuration: a size that is not whole MiB must be the one that Firecracker's key says") {
    const std::string start = R"({"boot-source": {"kernel_image_path": "a.elf"}, "machine-config": {"vcpu_count": 1,
        "mem_size_mib": 9}, "tenon": {"memory": {"size_bytes": )";
    const auto parse = [&](std::uint64_t bytes) {
        MachineConfig config;
        std::vector<std::string> warnings;
        return parse_firecracker_config(start + std::to_string(bytes) + "}}}", config, warnings).has_value();
    };
    CHECK(parse((9U << 20) + 4096));
    CHECK_FALSE(parse((9U << 20) + 4097));
    CHECK_FALSE(parse(10U << 20));
    CHECK_FALSE(parse((8U << 20) + 4096));
}
