// SPDX-License-Identifier: Apache-2.0
// Configurations against images: kernel options, drivers, ports.
#include "hv/machine/image_checks.h"

#include <fmt/format.h>
#include <linux/virtio_ids.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "hypercall/command_line.h"

using namespace hv;

namespace {

std::string refusal(const std::string& text) {
    CommandLine line;
    REQUIRE(line.add(text).has_value());
    const auto checked = check_kernel_options(line);
    if (checked) return {};
    CHECK(checked.error().kind == ErrorKind::usage);
    return checked.error().message;
}

}  // namespace

TEST_CASE("image checks: kernel options that there are, and those of Linux that mean nothing") {
    for (const char* text :
         {"", "verbose zero=off zero.cpu=5 hostname=a env=A=1", "ip=10.0.0.2/24,10.0.0.1 ip6=off", "ip=dhcp ip6=auto",
          "ip6=fd00::2/64", "console=ttyS0 reboot=k panic=1 pci=off root=/dev/vda ro", "-- verbos"})
        CHECK(refusal(text).empty());
}

TEST_CASE("image checks: docs/kernel-options.md describes every option") {
    std::ifstream page("docs/kernel-options.md");
    INFO("opened from the repository's root");
    REQUIRE(page.good());
    const std::string text{std::istreambuf_iterator<char>(page), {}};
    for (const char* option : tenon::abi::kernel_options) {
        INFO(option);
        CHECK((text.contains(fmt::format("`{}=", option)) || text.contains(fmt::format("`{}`", option))));
    }
}

TEST_CASE("image checks: a misspelt kernel option is refused, and what was meant is said") {
    CHECK(refusal("verbos").contains("did you mean 'verbose'?"));
    CHECK(refusal("zero.pagse=1").contains("did you mean 'zero.pages'?"));
    CHECK(refusal("iip=10.0.0.2/24").contains("did you mean 'ip'?"));
    CHECK(refusal("Verbose").contains("did you mean 'verbose'?"));
    CHECK(refusal("frobnicate=1").contains("'frobnicate'"));
    CHECK_FALSE(refusal("frobnicate=1").contains("did you mean"));
    CHECK(refusal("=1").contains("''"));
    CHECK(refusal("zero=of").contains("'of' is not 'off'"));
    CHECK(refusal("zero").contains("'' is not 'off'"));
}

TEST_CASE("image checks: addresses on the kernel's command line obey the rules of --ip") {
    CHECK(refusal("ip=10.0.0.0/24").contains("the network's own address"));
    CHECK(refusal("ip=10.0.0.2/24,10.1.0.1").contains("outside of the guest's network"));
    CHECK(refusal("ip").contains("ip"));
    CHECK(refusal("ip=fd00::2/64").contains("not an IPv4 address"));
    CHECK(refusal("ip6=10.0.0.2/24").contains("not an IPv6 address"));
    CHECK(refusal("ip=auto").contains("ip"));
    CHECK(refusal("ip6=dhcp").contains("ip6"));
}

TEST_CASE("image checks: drivers and ports that the image lacks") {
    MachineConfig config;
    config.image = "a.elf";
    config.net.mode = NetConfig::Mode::user;
    config.drives.push_back({.drive_id = "disk0", .path = "a.raw"});
    ImageLayout image{};
    // An image without these notes may have every driver.
    CHECK(missing_drivers(config, image).empty());
    CHECK(may_open_port(image, "agent"));
    image.drivers = 0;
    const auto lines = missing_drivers(config, image);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].contains("--net has no effect"));
    CHECK(lines[1].contains("--disk has no effect"));
    CHECK_FALSE(may_open_port(image, "agent"));
    image.drivers = 1ULL << VIRTIO_ID_NET | 1ULL << VIRTIO_ID_BLOCK | 1ULL << VIRTIO_ID_CONSOLE;
    CHECK(missing_drivers(config, image).empty());
    CHECK_FALSE(may_open_port(image, "agent"));
    image.ports = {"agent"};
    CHECK(may_open_port(image, "agent"));
    image.drivers = 0;
    // Without the console's driver a port leads nowhere.
    CHECK_FALSE(may_open_port(image, "agent"));
    config.net = {};
    config.drives.clear();
    CHECK(missing_drivers(config, image).empty());
}
