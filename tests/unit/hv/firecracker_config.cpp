// SPDX-License-Identifier: Apache-2.0
// The configuration file: what is taken from it, and what is refused by name.
#include "hv/machine/firecracker_config.h"

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
        "network-interfaces": [{"iface_id": "eth0", "host_dev_name": "tap7", "guest_mac": "02:00:00:00:00:02", "mtu": 1400}]})");
    REQUIRE(parsed.result.has_value());
    CHECK(parsed.config.image == "a.elf");
    CHECK(parsed.config.memory_bytes == 32ULL << 20);
    CHECK(parsed.config.net.mode == NetConfig::Mode::tap);
    CHECK(parsed.config.net.tap == "tap7");
    CHECK(parsed.config.net.interface_id == "eth0");
    CHECK(parsed.config.net.mtu == 1400);
}

TEST_CASE("configuration: what is written is read again") {
    MachineConfig config;
    config.image = "b.elf";
    config.memory_bytes = 48ULL << 20;
    MachineConfig again;
    std::vector<std::string> warnings;
    REQUIRE(parse_firecracker_config(firecracker_config_text(config), again, warnings).has_value());
    CHECK(again.image == config.image);
    CHECK(again.memory_bytes == config.memory_bytes);
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
