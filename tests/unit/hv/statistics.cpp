// SPDX-License-Identifier: Apache-2.0
// The table of statistics, and the metrics that are made with it.
#include "hv/api/statistics.h"

#include <set>
#include <sstream>
#include <string>

#include "hv/cli/metrics_text.h"
#include "hv/core/counters.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

using namespace hv;

namespace {

MachineView machine(const char* name, const char* stats) {
    MachineView view;
    view.name = name;
    view.state = "running";
    view.stats = nlohmann::ordered_json::parse(stats);
    return view;
}

}  // namespace

TEST_CASE("every counter is in the table of statistics, once", "[statistics]") {
    Counter::for_each([](const Counter& counter) {
        const std::string_view name = counter.name();
        // Those of other tests.
        if (name.starts_with("test")) return;
        const std::size_t dot = name.find('.');
        const bool grouped = dot != std::string_view::npos;
        INFO(name);
        const Statistic* const known =
            grouped ? find_statistic(name.substr(0, dot), name.substr(dot + 1)) : find_statistic("hv", name);
        REQUIRE(known != nullptr);
        CHECK(known->kind != Statistic::Kind::text);
    });
    std::set<std::string_view> names;
    std::set<std::string_view> left_subjects;
    std::string_view subject;
    for (const Statistic& known : statistics()) {
        INFO(known.name);
        CHECK(names.insert(known.name).second);
        CHECK_FALSE(known.meaning.empty());
        CHECK(known.meaning.find_first_of("\\\n\"") == std::string_view::npos);
        // Subject by subject: none comes a second time.
        const std::string_view own = known.name.substr(0, known.name.find('.'));
        if (own != subject) CHECK(left_subjects.insert(own).second);
        subject = own;
    }
}

TEST_CASE("a statistic is found by subject and value, a disk's among those of blk", "[statistics]") {
    REQUIRE(find_statistic("disk", "reads") != nullptr);
    CHECK(find_statistic("disk", "reads") == find_statistic("blk", "reads"));
    CHECK(find_statistic("net", "rx_bytes")->kind == Statistic::Kind::counter);
    CHECK(find_statistic("machine", "resident_bytes")->kind == Statistic::Kind::gauge);
    CHECK(find_statistic("net", "") == nullptr);
    CHECK(find_statistic("", "rx_bytes") == nullptr);
    CHECK(find_statistic("net", "x_bytes") == nullptr);
    CHECK(find_statistic("ne", "t.rx_bytes") == nullptr);
}

TEST_CASE("metrics have HELP and TYPE ahead of their samples, seconds for ns, and _total for counters",
          "[statistics]") {
    const MachineView views[] = {
        machine("a", R"({"machine": {"uptime_ns": 1500000000, "guest_cpu_ns": 250000000, "resident_bytes": 7,
                                     "state": "Running", "ports": []},
                         "net": {"rx_bytes": 5}, "disk": {"vda": {"reads": 3, "capacity_bytes": 4096}},
                         "newer": {"thing": 1}})"),
        machine("b\"\n", "null")};
    CHECK(metrics_text(views) ==
          "# HELP tenon_disk_capacity_bytes size of the disk\n"
          "# TYPE tenon_disk_capacity_bytes gauge\n"
          "tenon_disk_capacity_bytes{machine=\"a\",disk=\"vda\"} 4096\n"
          "# HELP tenon_disk_reads_total requests to read\n"
          "# TYPE tenon_disk_reads_total counter\n"
          "tenon_disk_reads_total{machine=\"a\",disk=\"vda\"} 3\n"
          "# HELP tenon_machine_guest_cpu_seconds_total processor time of the guest\n"
          "# TYPE tenon_machine_guest_cpu_seconds_total counter\n"
          "tenon_machine_guest_cpu_seconds_total{machine=\"a\"} 0.25\n"
          "# HELP tenon_machine_resident_bytes memory of the host that all processes of the machine hold\n"
          "# TYPE tenon_machine_resident_bytes gauge\n"
          "tenon_machine_resident_bytes{machine=\"a\"} 7\n"
          "# HELP tenon_machine_uptime_seconds time since the machine was started\n"
          "# TYPE tenon_machine_uptime_seconds gauge\n"
          "tenon_machine_uptime_seconds{machine=\"a\"} 1.5\n"
          "# HELP tenon_net_rx_bytes_total bytes to the guest\n"
          "# TYPE tenon_net_rx_bytes_total counter\n"
          "tenon_net_rx_bytes_total{machine=\"a\"} 5\n"
          "# HELP tenon_newer_thing unknown to this hv\n"
          "# TYPE tenon_newer_thing untyped\n"
          "tenon_newer_thing{machine=\"a\"} 1\n"
          "# HELP tenon_restarts_total times that the machine was started again\n"
          "# TYPE tenon_restarts_total counter\n"
          "tenon_restarts_total{machine=\"a\"} 0\n"
          "tenon_restarts_total{machine=\"b\\\"?\"} 0\n"
          "# HELP tenon_up 1 if the machine's hv answers, and else 0\n"
          "# TYPE tenon_up gauge\n"
          "tenon_up{machine=\"a\"} 1\n"
          "tenon_up{machine=\"b\\\"?\"} 0\n");
    // Names that only a hostile hv has.
    const MachineView hostile = machine("d", R"({"machine": {}, "x\" 1\n\u001b": {"a\u202e": {"b": 1}}})");
    CHECK(metrics_text(std::span(&hostile, 1)).contains("\ntenon_x__1___b{machine=\"d\",x__1__=\"a?\"} 1\n"));
    MachineView ended = machine("c", "null");
    ended.state = "ended";
    CHECK(metrics_text(std::span(&ended, 1)).empty());
}
