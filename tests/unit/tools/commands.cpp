// SPDX-License-Identifier: Apache-2.0
// Each command's result, and its effect on the guest.
#include "fixture.h"

using namespace tenon;
using namespace tenon::tools;
using tenon::tools::test::second;
using Fixture = tenon::tools::test::SessionFixture;

namespace {

NetInterfaceInformation ethernet() {
    NetInterfaceInformation interface {};
    interface.name = {'e', 'n', '0'};
    interface.mtu = 1500;
    interface.mac = MacAddress{0x02, 0, 0, 0xAB, 0xCD, 0x0E};
    interface.statistics = NetStatistics{};
    interface.addresses[0] = {{false, {10, 0, 0, 2}}, 24};
    interface.addresses[1] = {{true, {0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFE, 0, 0, 1}}, 64};
    interface.address_count = 2;
    return interface;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "agent: time is read, set, and taken from the host again") {
    CHECK(returned("guest-get-time") == guest.real);
    CHECK(returned("guest-set-time", R"({"time":1234567890123456789})") == Json::object());
    CHECK(guest.real == 1'234'567'890'123'456'789);
    CHECK(error("guest-set-time", R"({"time":-1})").find("negative") != std::string::npos);
    CHECK(guest.real == 1'234'567'890'123'456'789);
    CHECK_FALSE(guest.host_time_taken);
    CHECK(returned("guest-set-time") == Json::object());
    CHECK(guest.host_time_taken);
}

TEST_CASE_METHOD(Fixture, "agent: where the time comes from, and what time servers said") {
    Json clock = returned("tenon-get-clock");
    CHECK(clock["source"] == "hv");
    CHECK(clock["generation"] == 3);
    CHECK(clock["wall-clock"] == "host");
    CHECK_FALSE(clock.contains("sntp"));

    Synchronisation known{};
    known.silent = 2;
    guest.clock_information.synchronisation = known;
    clock = returned("tenon-get-clock");
    CHECK(clock["sntp"] == Json{{"answers", 0}, {"refused", 0}, {"silent", 2}});

    known = {.server = {'t', '.', 'e'},
             .offset = -5,
             .round_trip = 7,
             .at = 99 * second,
             .answers = 4,
             .refused = 1,
             .silent = 2,
             .last_refusal = "too slow"};
    guest.clock_information = {"tsc", 0, "time-server", known};
    clock = returned("tenon-get-clock");
    CHECK(clock["wall-clock"] == "time-server");
    CHECK(clock["sntp"]["server"] == "t.e");
    CHECK(clock["sntp"]["offset-ns"] == -5);
    CHECK(clock["sntp"]["round-trip-ns"] == 7);
    CHECK(clock["sntp"]["age-ns"] == second);
    CHECK(clock["sntp"]["last-refusal"] == "too slow");
}

TEST_CASE_METHOD(Fixture, "agent: a shutdown that succeeds has no answer") {
    for (const char* mode : {"{}", R"({"mode":"powerdown"})", R"({"mode":"halt"})", R"({"mode":"reboot"})"})
        session.receive(std::string(R"({"execute":"guest-shutdown","arguments":)") + mode + "}");
    CHECK(answers.empty());
    using enum ShutdownMode;
    CHECK(guest.shutdowns == std::vector{power_off, power_off, power_off, reboot});
    CHECK(error("guest-shutdown", R"({"mode":"sideways"})").find("sideways") != std::string::npos);
    CHECK(error("guest-shutdown", R"({"mode":1})").find("expected: string") != std::string::npos);
    CHECK(guest.shutdowns.size() == 4);
}

TEST_CASE_METHOD(Fixture, "agent: interfaces with addresses and counters, and their absence") {
    CHECK(returned("guest-network-get-interfaces") == Json::array());
    NetInterfaceInformation loopback{};
    loopback.name = {'l', 'o', '0'};
    loopback.addresses[0] = {{true, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}, 128};
    loopback.address_count = 1;
    guest.network = {ethernet(), loopback};
    guest.network[0].statistics->rx_bytes = UINT64_MAX;
    const Json list = returned("guest-network-get-interfaces");
    REQUIRE(list.size() == 2);
    CHECK(list[0]["name"] == "en0");
    CHECK(list[0]["hardware-address"] == "02:00:00:ab:cd:0e");
    CHECK(list[0]["ip-addresses"].dump() ==
          R"([{"ip-address":"10.0.0.2","ip-address-type":"ipv4","prefix":24},)"
          R"({"ip-address":"fe80::ff:fe00:1","ip-address-type":"ipv6","prefix":64}])");
    CHECK(list[0]["statistics"]["rx-bytes"] == UINT64_MAX);
    CHECK(list[1]["ip-addresses"][0]["ip-address"] == "::1");
    CHECK_FALSE(list[1].contains("hardware-address"));
    CHECK_FALSE(list[1].contains("statistics"));
}

TEST_CASE_METHOD(Fixture, "agent: IPv6 addresses are written as RFC 5952 has it") {
    const auto text = [this](std::array<std::uint8_t, 16> bytes) {
        guest.network = {ethernet()};
        guest.network[0].addresses[0] = {{true, bytes}, 64};
        return returned("guest-network-get-interfaces")[0]["ip-addresses"][0]["ip-address"].get<std::string>();
    };
    CHECK(text({}) == "::");
    CHECK(text({0x20, 1, 0xD, 0xB8}) == "2001:db8::");
    CHECK(text({0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7}) == "1:0:2:3:4:5:6:7");
    CHECK(text({0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}) == "1:0:0:1::1");
    CHECK(text({0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0}) == "::1:1:1:0:0");
}

TEST_CASE_METHOD(Fixture, "agent: routes of both families") {
    RouteInformation link{{'e', 'n', '0'}, {false, {10, 0, 0, 0}}, 24, {}, 1500};
    RouteInformation world{{'e', 'n', '0'}, {false, {}}, 0, IpAddress{false, {10, 0, 0, 1}}, 1500};
    RouteInformation six{{'e', 'n', '0'}, {true, {}}, 0, IpAddress{true, {0xFE, 0x80}}, 1500};
    guest.route_list = {link, world, six};
    const Json list = returned("guest-network-get-route");
    REQUIRE(list.size() == 3);
    CHECK(list[0]["mask"] == "255.255.255.0");
    CHECK_FALSE(list[0].contains("gateway"));
    CHECK(list[1]["destination"] == "0.0.0.0");
    CHECK(list[1]["gateway"] == "10.0.0.1");
    CHECK(list[1]["version"] == 4);
    CHECK(list[2]["nexthop"] == "fe80::");
    CHECK(list[2]["version"] == 6);
}

TEST_CASE_METHOD(Fixture, "agent: rates are those since a sample that is at least a second old") {
    guest.network = {ethernet()};
    session.work();
    guest.monotonic += 2 * second;
    guest.network[0].statistics->tx_bytes = 2000;
    Json rates = returned("tenon-get-interface-rates");
    REQUIRE(rates.size() == 1);
    CHECK(rates[0]["tx-bytes-per-second"] == 1000.0);
    CHECK(rates[0]["interval-ms"] == 2000);
    // Counters that went backwards (the device was restarted) are no rate below zero.
    guest.monotonic += 10 * second;
    session.work();
    guest.monotonic += second;
    guest.network[0].statistics->tx_bytes = 0;
    rates = returned("tenon-get-interface-rates");
    CHECK(rates[0]["tx-bytes-per-second"] == 0.0);
}

TEST_CASE_METHOD(Fixture, "agent: one processor, which cannot be taken away") {
    CHECK(returned("guest-get-vcpus").dump() == R"([{"logical-id":0,"online":true,"can-offline":false}])");
    CHECK(returned("guest-set-vcpus", R"({"vcpus":[]})") == 0);
    CHECK(returned("guest-set-vcpus", R"({"vcpus":[{"logical-id":0,"online":true}]})") == 1);
    CHECK(returned("guest-set-vcpus", R"({"vcpus":[{"logical-id":0,"online":true},{"logical-id":1,"online":true}]})") ==
          1);
    CHECK(error("guest-set-vcpus", R"({"vcpus":[{"logical-id":0,"online":false}]})") ==
          "vCPU 0 cannot be taken offline");
    CHECK(error("guest-set-vcpus", R"({"vcpus":[{"logical-id":1,"online":true}]})") == "There is no vCPU 1");
    CHECK(error("guest-set-vcpus", R"({"vcpus":[{"logical-id":-1,"online":true}]})") == "There is no vCPU -1");
    CHECK(error("guest-set-vcpus", R"({"vcpus":[1]})").find("logical-id") != std::string::npos);
    CHECK(error("guest-set-vcpus", R"({"vcpus":[{"logical-id":"0","online":1}]})").find("integer") !=
          std::string::npos);
    CHECK(error("guest-set-vcpus").find("missing") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "agent: processor time in milliseconds, and the load that follows from it") {
    guest.times = {.program = 3 * second, .system = second, .idle = 96 * second, .waiting = 0};
    const Json stats = returned("guest-get-cpustats");
    CHECK(stats[0]["type"] == "linux");
    CHECK(stats[0]["user"] == 3000);
    CHECK(stats[0]["idle"] == 96000);
    session.work();
    for (int i = 0; i < 1000; ++i) {
        guest.monotonic += 5 * second;
        guest.times.program += 5 * second;
        guest.times.waiting = 3;
        session.work();
    }
    // One runs, and two of the three that wait are beyond it.
    const Json load = returned("guest-get-load");
    CHECK(load["load1m"].get<double>() == Approx(3.0).margin(0.01));
    CHECK(load["load15m"].get<double>() == Approx(3.0).margin(0.05));
}

TEST_CASE_METHOD(Fixture, "agent: an idle machine is left to sleep") {
    session.work();
    Nanoseconds longest = 0;
    for (int i = 0; i < 10; ++i) {
        const Nanoseconds pause = session.due() - guest.monotonic;
        longest = std::max(longest, pause);
        guest.monotonic += pause;
        session.work();
    }
    CHECK(longest == 60 * second);
    // Once it works again, it is looked at more often.
    guest.times.program += 30 * second;
    guest.monotonic += longest;
    session.work();
    CHECK(session.due() - guest.monotonic == 5 * second);
}

TEST_CASE_METHOD(Fixture, "agent: memory in blocks, each once") {
    CHECK(returned("guest-get-memory-block-info")["size"] == 128 << 20);
    CHECK(returned("guest-get-memory-blocks").size() == 1);
    guest.memory_ranges = {{0x1000, 100ULL << 20}, {100ULL << 20, 200ULL << 20}, {4ULL << 30, 1}, {5ULL << 30, 0}};
    const Json blocks = returned("guest-get-memory-blocks");
    REQUIRE(blocks.size() == 4);
    CHECK(blocks[2]["phys-index"] == 2);
    CHECK(blocks[3]["phys-index"] == 32);
    CHECK(blocks[3]["can-offline"] == false);
    CHECK(returned("tenon-get-memory")["free-bytes"] == 60);
}

TEST_CASE_METHOD(Fixture, "agent: names, versions, lists") {
    CHECK(returned("guest-get-host-name")["host-name"] == "host");
    CHECK(returned("guest-get-osinfo")["id"] == "tenon");
    CHECK(returned("guest-get-osinfo")["pretty-name"] == "Tenon 1.2.3");
    CHECK(returned("guest-get-timezone")["offset"] == 0);
    CHECK(returned("guest-get-users") == Json::array());
    CHECK(returned("guest-get-fsinfo")[0]["mountpoint"] == "/");
    CHECK(returned("guest-get-fsinfo")[0]["disk"] == Json::array());
    CHECK(returned("guest-get-disks") == Json::array());
    CHECK(returned("guest-get-diskstats") == Json::array());
    CHECK(returned("tenon-get-versions")["tenon"] == "1.2.3");
    CHECK(returned("tenon-get-threads")[0]["cpu-ms"] == 5000);
}

TEST_CASE_METHOD(Fixture, "agent: disks and their partitions, with what was done to each") {
    guest.disk_list = {{.name = {'v', 'd', 'a'},
                        .whole = {},
                        .read_sectors = 24,
                        .read_operations = 3,
                        .write_sectors = 8,
                        .write_operations = 2,
                        .flush_operations = 1,
                        .in_progress = 4,
                        .read_ns = 5'999'999,
                        .write_ns = 7'000'000,
                        .flush_ns = 0},
                       {.name = {'v', 'd', 'a', '1'},
                        .whole = {'v', 'd', 'a'},
                        .read_sectors = 8,
                        .read_operations = 1,
                        .write_sectors = 0,
                        .write_operations = 0,
                        .flush_operations = 0,
                        .in_progress = 0,
                        .read_ns = 0,
                        .write_ns = 0,
                        .flush_ns = 0}};
    const Json disks = returned("guest-get-disks");
    REQUIRE(disks.size() == 2);
    CHECK((disks[0]["name"] == "/dev/vda" && disks[0]["partition"] == false));
    CHECK(disks[0]["dependencies"] == Json::array());
    CHECK((disks[0]["address"]["bus-type"] == "virtio" && disks[0]["address"]["dev"] == "/dev/vda"));
    CHECK(disks[0]["address"]["pci-controller"].dump() == R"({"domain":-1,"bus":-1,"slot":-1,"function":-1})");
    CHECK((disks[1]["name"] == "/dev/vda1" && disks[1]["partition"] == true));
    CHECK(disks[1]["dependencies"] == Json::array({"/dev/vda"}));
    CHECK_FALSE(disks[1].contains("address"));
    const Json statistics = returned("guest-get-diskstats");
    REQUIRE(statistics.size() == 2);
    CHECK(
        statistics[0].dump() ==
        R"({"name":"vda","major":0,"minor":0,"stats":{"read-sectors":24,"read-ios":3,"write-sectors":8,"write-ios":2,)"
        R"("flush-ios":1,"ios-pgr":4,"read-ticks":5,"write-ticks":7,"flush-ticks":0}})");
    CHECK(statistics[1].dump() ==
          R"({"name":"vda1","major":0,"minor":1,"stats":{"read-sectors":8,"read-ios":1,"write-sectors":0,)"
          R"("write-ios":0,"flush-ios":0}})");
}
