// SPDX-License-Identifier: Apache-2.0
// CPUs of the host: lists of them, NUMA nodes, the scheduler's figures, and the files of cgroup v1 and v2 in
// directories that stand for cgroups.
#include "hv/core/cpu_cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "hv/core/numa_node.h"
#include "hv/core/run_delay.h"
#include "tests/unit/hv/temporary_directory.h"
// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>

using namespace hv;

namespace {

/// A directory with the files that the kernel would make.
class FakeCgroup {
public:
    FakeCgroup(CgroupVersion version, std::initializer_list<const char*> files)
        : place_{version, directory_.path(), directory_.path()} {
        for (const char* file : files) std::ofstream(path(file)) << "\n";
    }
    [[nodiscard]] const CgroupPlace& place() const { return place_; }
    [[nodiscard]] std::string path(const char* file) const { return directory_.path() + "/" + file; }
    void write(const char* file, const char* text) const { std::ofstream(path(file)) << text; }
    /// What was written last: the kernel's files take each write as a whole, these keep the rest of a longer one.
    [[nodiscard]] std::string read(const char* file) const {
        std::ifstream stream(path(file));
        std::string line;
        std::getline(stream, line);
        return line;
    }

private:
    test::TemporaryDirectory directory_;
    CgroupPlace place_;
};

FakeCgroup fake_v1() {
    return {CgroupVersion::v1, {"cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.cfs_burst_us", "cpu.shares", "cpu.stat"}};
}
FakeCgroup fake_v2() { return {CgroupVersion::v2, {"cpu.max", "cpu.max.burst", "cpu.weight", "cpu.stat"}}; }

std::string text_of(const char* list) {
    const auto set = CpuSet::parse(list);
    return set ? set->text() : "refused";
}

CpuSet cpus(const char* list) { return CpuSet::parse(list).value(); }

}  // namespace

TEST_CASE("CPU lists: as the kernel writes them") {
    CHECK(text_of("0") == "0");
    CHECK(text_of("3,0-1") == "0-1,3");
    CHECK(text_of("0,1,2,4,6-7") == "0-2,4,6-7");
    CHECK(text_of("5-5,5") == "5");
    CHECK(text_of("1023") == "1023");
    for (const char* wrong :
         {"", ",", "0,", "a", "1-", "-1", "2-1", "0-1-2", "1024", "0-1024", "0x1", " 1", "1 ", "18446744073709551616"})
        CHECK(text_of(wrong) == "refused");
    CHECK(CpuSet::parse("2-1").error().message.contains("'2-1' ends before it begins"));
    CHECK(CpuSet::parse("1024").error().kind == ErrorKind::usage);
}

TEST_CASE("CPU sets: parts of each other") {
    CHECK(cpus("0-3").contains(cpus("1,3")));
    CHECK_FALSE(cpus("0-3").contains(cpus("3-4")));
    CHECK(cpus("3-5").without(cpus("0-3")) == cpus("4-5"));
    CHECK(cpus("0-3").common_with(cpus("2-9")) == cpus("2-3"));
    CHECK(cpus("0").common_with(cpus("1")).empty());
    CHECK(cpus("0-3,8").count() == 5);
}

TEST_CASE("CPU sets: a thread runs where it is bound to") {
    const auto before = CpuSet::of_this_thread();
    REQUIRE(before.has_value());
    const std::string all = before->text();
    const CpuSet one = cpus(all.substr(0, all.find_first_of(",-")).c_str());
    REQUIRE(one.apply_to(0).has_value());
    CHECK(CpuSet::of_this_thread().value() == one);
    CHECK(before->apply_to(gettid()).has_value());
    CHECK(CpuSet::of_this_thread().value() == *before);
    // None of them is there; no such thread.
    CHECK(cpus("1023").apply_to(0).error().kind == ErrorKind::usage);
    CHECK(before->apply_to(0x7fff'fff0).error().kind == ErrorKind::not_found);
    CHECK(CpuSet::of_this_thread().value() == *before);
}

TEST_CASE("NUMA nodes: their CPUs, and nodes that are not there") {
    const test::TemporaryDirectory root;
    CHECK(cpus_of_node(0, root.path()).error().kind == ErrorKind::host_lacks);
    const std::string nodes = root.path() + "/sys/devices/system/node";
    std::filesystem::create_directories(nodes + "/node0");
    std::filesystem::create_directories(nodes + "/node1");
    std::ofstream(nodes + "/online") << "0-1\n";
    std::ofstream(nodes + "/node0/cpulist") << "0-1,4\n";
    std::ofstream(nodes + "/node1/cpulist") << "\n";
    CHECK(cpus_of_node(0, root.path()).value() == cpus("0-1,4"));
    CHECK(cpus_of_node(1, root.path()).error().message.contains("no CPUs"));
    const auto absent = cpus_of_node(2, root.path());
    REQUIRE_FALSE(absent.has_value());
    CHECK(absent.error().kind == ErrorKind::usage);
    CHECK(absent.error().message.contains("it has 0-1"));
}

TEST_CASE("run times: the first two of three numbers") {
    const auto times = parse_run_times("12 345 6\n");
    REQUIRE(times.has_value());
    CHECK(times->cpu_ns == 12);
    CHECK(times->delay_ns == 345);
    for (const char* text : {"", "\n", "12 345\n", "12 345 6 7\n", "a 345 6\n", "12 b 6\n", "12 345 c\n", "12  6\n"})
        CHECK_FALSE(parse_run_times(text).has_value());
    CHECK_FALSE(read_run_times(FileDescriptor()).has_value());
}

TEST_CASE("CPU cgroup v1: limit, burst, weight, and none of them") {
    const FakeCgroup fake = fake_v1();
    auto cgroup = CpuCgroup::open(fake.place());
    REQUIRE(cgroup.has_value());
    CHECK(fake.read("cpu.cfs_period_us") == "100000");
    REQUIRE(cgroup->set({.limit_millicpus = 500, .burst_us = 20'000, .shares = 2000}).has_value());
    CHECK(fake.read("cpu.cfs_quota_us") == "50000");
    CHECK(fake.read("cpu.cfs_burst_us") == "20000");
    CHECK(fake.read("cpu.shares") == "2048");
    REQUIRE(cgroup->set({}).has_value());
    CHECK(fake.read("cpu.cfs_quota_us") == "-1");
    CHECK(fake.read("cpu.cfs_burst_us") == "0");
    CHECK(fake.read("cpu.shares") == "1024");
    REQUIRE(cgroup->set({.limit_millicpus = maximum_limit_millicpus, .shares = maximum_cpu_shares}).has_value());
    CHECK(fake.read("cpu.cfs_quota_us") == "102400000");
    CHECK(fake.read("cpu.shares") == "102400");
    REQUIRE(cgroup->set({.limit_millicpus = minimum_limit_millicpus, .shares = minimum_cpu_shares}).has_value());
    CHECK(fake.read("cpu.cfs_quota_us") == "1000");
    CHECK(fake.read("cpu.shares") == "10");
}

TEST_CASE("CPU cgroup v2: limit, burst, weight, and none of them") {
    const FakeCgroup fake = fake_v2();
    auto cgroup = CpuCgroup::open(fake.place());
    REQUIRE(cgroup.has_value());
    REQUIRE(cgroup->set({.limit_millicpus = 1250, .burst_us = 20'000, .shares = 4000}).has_value());
    CHECK(fake.read("cpu.max") == "125000 100000");
    CHECK(fake.read("cpu.max.burst") == "20000");
    CHECK(fake.read("cpu.weight") == "400");
    REQUIRE(cgroup->set({}).has_value());
    CHECK(fake.read("cpu.max") == "max 100000");
    CHECK(fake.read("cpu.max.burst") == "0");
    CHECK(fake.read("cpu.weight") == "100");
    // The kernel's range is 1 to 10000, in steps of 10 shares.
    REQUIRE(cgroup->set({.shares = maximum_cpu_shares}).has_value());
    CHECK(fake.read("cpu.weight") == "10000");
    REQUIRE(cgroup->set({.shares = minimum_cpu_shares}).has_value());
    CHECK(fake.read("cpu.weight") == "1");
}

TEST_CASE("CPU cgroup: shares of 1:2:4 are weights of 1:2:4") {
    for (const FakeCgroup& fake : {fake_v1(), fake_v2()}) {
        auto cgroup = CpuCgroup::open(fake.place());
        REQUIRE(cgroup.has_value());
        const char* file = fake.place().version == CgroupVersion::v1 ? "cpu.shares" : "cpu.weight";
        std::vector<int> weights;
        for (const std::uint32_t shares : {1000U, 2000U, 4000U}) {
            REQUIRE(cgroup->set({.shares = shares}).has_value());
            weights.push_back(std::stoi(fake.read(file)));
        }
        CHECK(weights[1] == 2 * weights[0]);
        CHECK(weights[2] == 4 * weights[0]);
    }
}

TEST_CASE("CPU cgroup: what is missing is named") {
    const FakeCgroup no_quota(CgroupVersion::v2, {"cpu.weight"});
    auto cgroup = CpuCgroup::open(no_quota.place());
    REQUIRE_FALSE(cgroup.has_value());
    CHECK(cgroup.error().message.contains("cpu.max"));
    const FakeCgroup no_weight(CgroupVersion::v1, {"cpu.cfs_quota_us", "cpu.cfs_period_us"});
    CHECK(CpuCgroup::open(no_weight.place()).error().message.contains("cpu.shares"));
    // Kernels before 5.14 have no burst: all else works.
    const FakeCgroup no_burst(CgroupVersion::v2, {"cpu.max", "cpu.weight"});
    cgroup = CpuCgroup::open(no_burst.place());
    REQUIRE(cgroup.has_value());
    CHECK(cgroup->set({.limit_millicpus = 500}).has_value());
    const auto refused = cgroup->set({.limit_millicpus = 700, .burst_us = 1000});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::host_lacks);
    CHECK(refused.error().message.contains("cpu.max.burst"));
    CHECK(no_burst.read("cpu.max") == "50000 100000");
    CHECK_FALSE(cgroup->throttling().has_value());
}

TEST_CASE("CPU cgroup: what a limit has cost") {
    const FakeCgroup v1 = fake_v1();
    v1.write("cpu.stat", "nr_periods 9\nnr_throttled 3\nthrottled_time 1500\nnr_bursts 0\n");
    auto cost = CpuCgroup::open(v1.place())->throttling();
    REQUIRE(cost.has_value());
    CHECK(cost->throttled_periods == 3);
    CHECK(cost->throttled_ns == 1500);
    const FakeCgroup v2 = fake_v2();
    v2.write("cpu.stat", "usage_usec 77\nnr_periods 9\nnr_throttled 4\nthrottled_usec 1500\n");
    cost = CpuCgroup::open(v2.place())->throttling();
    REQUIRE(cost.has_value());
    CHECK(cost->throttled_periods == 4);
    CHECK(cost->throttled_ns == 1'500'000);
    // The other version's words are none.
    for (const char* text : {"", "nr_throttled 3\n", "nr_throttled x\nthrottled_time 1\n", "throttled_time 1\n"})
        CHECK_FALSE(parse_throttling(text, CgroupVersion::v1).has_value());
    CHECK_FALSE(parse_throttling("nr_throttled 1\nthrottled_time 1\n", CgroupVersion::v2).has_value());
}

TEST_CASE("cpuset: CPUs and memory of a node, on either version") {
    for (const CgroupVersion version : {CgroupVersion::v1, CgroupVersion::v2}) {
        const FakeCgroup fake(version, {"cpuset.cpus", "cpuset.mems"});
        REQUIRE(set_cpuset(fake.place(), cpus("0-2,5"), 1).has_value());
        CHECK(fake.read("cpuset.cpus") == "0-2,5");
        CHECK(fake.read("cpuset.mems") == "1");
    }
    const FakeCgroup without(CgroupVersion::v2, {"cpuset.cpus"});
    CHECK(set_cpuset(without.place(), cpus("0"), 0).error().message.contains("cpuset.mems"));
}
