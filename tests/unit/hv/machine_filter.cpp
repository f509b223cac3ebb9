// SPDX-License-Identifier: Apache-2.0
// Filters of hv ps, and how it shows published ports.
#include "hv/cli/machine_filter.h"

#include "hv/cli/published_ports.h"
#include "hv/core/json_section.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

using namespace hv;

namespace {

MachineView machine(const char* name, const char* state, const char* image, const char* accelerator) {
    MachineView view;
    view.name = name;
    view.state = state;
    view.image = image;
    view.accelerator = accelerator;
    return view;
}

bool matches(const std::vector<std::string>& filters, const MachineView& view) {
    const auto filter = MachineFilter::parse(filters);
    REQUIRE(filter);
    return filter->matches(view);
}

}  // namespace

TEST_CASE("a machine has to meet each key, by one of its values", "[filter]") {
    const MachineView web = machine("web-1", "running", "/images/httpd.elf", "pv");
    CHECK(matches({}, web));
    CHECK(matches({"state=running"}, web));
    CHECK_FALSE(matches({"state=paused"}, web));
    CHECK(matches({"state=paused", "state=running"}, web));
    CHECK(matches({"name=web-*"}, web));
    CHECK_FALSE(matches({"name=web"}, web));
    CHECK_FALSE(matches({"name=web-*", "state=ended"}, web));
    CHECK(matches({"image=httpd.elf"}, web));
    CHECK(matches({"image=/images/*"}, web));
    CHECK_FALSE(matches({"image=images"}, web));
    CHECK(matches({"accel=pv"}, web));
    CHECK_FALSE(matches({"accel=kvm"}, web));
}

TEST_CASE("only a filter for ended machines shows them by itself", "[filter]") {
    CHECK(MachineFilter::parse(std::vector<std::string>{"state=running", "state=ended"})->wants_ended());
    CHECK_FALSE(MachineFilter::parse(std::vector<std::string>{"state=running", "name=ended"})->wants_ended());
}

TEST_CASE("what is no filter is refused, with what was meant", "[filter]") {
    const auto refused = [](const std::string& text) {
        const auto filter = MachineFilter::parse(std::span(&text, 1));
        REQUIRE_FALSE(filter);
        CHECK(filter.error().kind == ErrorKind::usage);
        return filter.error().message;
    };
    CHECK(refused("stat=running").contains("did you mean 'state'?"));
    CHECK(refused("state=runing").contains("did you mean 'running'?"));
    CHECK(refused("name").contains("a value is missing"));
    CHECK(refused("name=").contains("a value is missing"));
    CHECK(refused("").contains("is not state, name, image or accel"));
    CHECK(refused("accel=xen").contains("'xen' is not pv or kvm"));
    CHECK(refused("=running").contains("is not state, name, image or accel"));
}

TEST_CASE("published ports as text", "[filter]") {
    CHECK(ports_text(Json::parse(R"([
        {"host_address": "127.0.0.1", "host_port": 8080, "guest_port": 80, "protocol": "tcp"},
        {"host_address": "0.0.0.0", "host_port": 53, "guest_port": 5353, "protocol": "udp"}])")) ==
          "127.0.0.1:8080->80/tcp, 0.0.0.0:53->5353/udp");
    CHECK(ports_text(Json::array()).empty());
    for (const char* other : {"null", "7", "{}", "[7, null]"}) CHECK(ports_text(Json::parse(other)).empty());
}
