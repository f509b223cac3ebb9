// SPDX-License-Identifier: Apache-2.0
// The inputs of hv balance: the host's files, cgroups, machines' answers, processes' mappings.
#include <fcntl.h>

#include <filesystem>
#include <fstream>

#include "hv/balance/host.h"
#include "hv/balance/ksm_switch.h"
#include "hv/balance/machine_memory.h"
#include "hv/balance/page_out.h"
#include "hv/core/cgroup.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/text_file.h"
#include "hv/machine/machine_cgroup.h"
#include "hv/machine/memory_policy.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

#include "tests/unit/hv/temporary_directory.h"

namespace fs = std::filesystem;
using namespace hv;
using namespace hv::balance;

namespace {

class Scratch : public test::TemporaryDirectory {
public:
    [[nodiscard]] std::string file(const std::string& name) const { return path() + "/" + name; }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories(fs::path(file(name)).parent_path());
        std::ofstream(file(name)) << text;
    }
};

constexpr char meminfo[] =
    "MemTotal:        1024 kB\nMemFree:  1 kB\nMemAvailable:    512 kB\nSwapFree:         64 kB\n";

}  // namespace

TEST_CASE("host: meminfo") {
    const auto info = parse_memory_info(meminfo);
    REQUIRE(info);
    CHECK(info->total == 1024 << 10);
    CHECK(info->available == 512 << 10);
    CHECK(info->swap_free == 64 << 10);
    for (const char* text :
         {"", "MemTotal: 5 kB\n", "MemTotal: x kB\nMemAvailable: 1 kB\n", "MemTotal: 5\nMemAvailable: 5\n",
          "MemTotal: 99999999999999999999 kB\nMemAvailable: 1 kB\n"})
        CHECK_FALSE(parse_memory_info(text));
}

TEST_CASE("host: pressure") {
    const auto pressure =
        parse_pressure("some avg10=12.50 avg60=0.00 avg300=0.00 total=9\nfull avg10=3.25 avg60=0.00 total=1\n");
    REQUIRE(pressure);
    CHECK(pressure->some == Approx(12.5));
    CHECK(pressure->full == Approx(3.25));
    for (const char* text : {"", "some", "some avg10=x", "some avg10=-1", "some avg10=nan", "some avg10=101"})
        CHECK_FALSE(parse_pressure(text));
}

TEST_CASE("host: limits and statistics of cgroups") {
    CHECK(parse_limit("1048576\n") == 1048576);
    CHECK_FALSE(parse_limit("max\n"));
    CHECK_FALSE(parse_limit("9223372036854771712\n"));
    CHECK(parse_statistic("cache 5\ntotal_inactive_file 4096\n", "total_inactive_file") == 4096);
    CHECK_FALSE(parse_statistic("total_inactive_filex 4096\n", "total_inactive_file"));
    CHECK_FALSE(parse_statistic("", "cache"));
}

TEST_CASE("host: a look, with and without a budget") {
    const Scratch scratch;
    scratch.write("proc/meminfo", meminfo);
    auto host = Host::open({}, "", scratch.file(""));
    REQUIRE(host);
    auto sample = host->look(0);
    REQUIRE(sample);
    CHECK(sample->total == 1024 << 10);
    CHECK_FALSE(sample->pressure);
    scratch.write("proc/pressure/memory", "some avg10=1.00 avg60=0\nfull avg10=0.50 avg60=0\n");
    host = Host::open(256 << 10, "", scratch.file(""));
    REQUIRE(host);
    sample = host->look(200 << 10);
    CHECK(sample->total == 256 << 10);
    CHECK(sample->available == 56 << 10);
    CHECK(sample->pressure);
    CHECK(host->look(300 << 10)->available == 0);
    // The host's own shortage counts too.
    host = Host::open(1024 << 10, "", scratch.file(""));
    CHECK(host->look(0)->available == 512 << 10);
    CHECK(Host::open(1, "/x", scratch.file("")).error().kind == ErrorKind::usage);
    CHECK_FALSE(Host::open({}, "/no/such/cgroup", scratch.file("")));
    CHECK(Host::open({}, scratch.file("proc"), scratch.file("")).error().kind == ErrorKind::usage);
}

TEST_CASE("cgroup: v1, v2, both, namespaces and bind mounts") {
    const std::string v1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n";
    const std::string v2 = "36 31 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
    auto place = find_cgroup(memory_controller, "4:memory:/a/b\n0::/c\n", v1 + v2);
    REQUIRE(place);
    CHECK(place->version == CgroupVersion::v1);
    CHECK(place->path == "/sys/fs/cgroup/memory/a/b");
    place = find_cgroup(memory_controller, "1:cpu,cpuacct:/\n0::/user.slice\n", v1 + v2);
    REQUIRE(place);
    CHECK(place->version == CgroupVersion::v2);
    CHECK(place->path == "/sys/fs/cgroup/unified/user.slice");
    place = find_cgroup(memory_controller, "0::/\n", v2);
    REQUIRE(place);
    CHECK(place->path == place->mount);
    place = find_cgroup(memory_controller, "0::/docker/x/y\n",
                        "36 31 0:33 /docker/x /sys/fs/c\\040g rw - cgroup2 cgroup2 rw\n");
    REQUIRE(place);
    CHECK(place->path == "/sys/fs/c g/y");
    for (const auto& [cgroup, mounts] : std::initializer_list<std::pair<std::string, std::string>>{
             {"", v1 + v2},
             {"0::/a\n", ""},
             {"0::/a\n", v1},
             {"0::/../a\n", v2},
             {"0::/docker/xy\n", "36 31 0:33 /docker/x /cg rw - cgroup2 cgroup2 rw\n"},
             {"0::/other\n", "36 31 0:33 /docker/x /cg rw - cgroup2 c rw\n"},
             {"garbage", "garbage"}}) {
        INFO(cgroup << mounts);
        const auto refused = find_cgroup(memory_controller, cgroup, mounts);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::host_lacks);
    }
    CHECK(lists_controller("cpu io memory pids\n", memory_controller));
    CHECK_FALSE(lists_controller("cpu memory2\n", memory_controller));
}

TEST_CASE("cgroup: on v2 a child is made where processes do not stand in the way") {
    const Scratch scratch;
    scratch.write("a/b/cgroup.subtree_control", "\n");
    const auto place = [&](const std::string& path) {
        return CgroupPlace{CgroupVersion::v2, scratch.file("a"), scratch.file(path)};
    };
    CHECK(v2_parent_for(memory_controller, place("a/b")) == scratch.file("a"));
    CHECK(v2_parent_for(memory_controller, place("a")) == scratch.file("a"));
    scratch.write("a/b/cgroup.subtree_control", "memory pids\n");
    CHECK(v2_parent_for(memory_controller, place("a/b")) == scratch.file("a/b"));
}

TEST_CASE("cgroup: a note removes nothing but a machine's cgroup") {
    const Scratch scratch;
    fs::create_directories(scratch.file("m"));
    fs::create_directories(scratch.file("tenon-m.12"));
    const FileDescriptor directory(open(scratch.file("m").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(static_cast<bool>(directory));
    CHECK(remove_noted_cgroups(directory.get(), "m"));
    // No cgroup file system, other names, climbing: all are left alone, and do not keep the machine's directory.
    for (const std::string& note :
         {scratch.file("tenon-m.12"), scratch.file("m/../tenon-m.12"), std::string("tenon-m.12"),
          std::string("/sys/fs/cgroup"), std::string("/"), std::string()}) {
        scratch.write("m/cgroups", note);
        CHECK(remove_noted_cgroups(directory.get(), "m"));
        CHECK(fs::exists(scratch.file("tenon-m.12")));
    }
}

TEST_CASE("memory policy: defaults, and what contradicts what") {
    static constexpr std::uint64_t memory = 64 * 1048576;
    MemoryPolicy policy;
    CHECK(check_memory_policy(policy, memory));
    CHECK_FALSE(memory_bounds(policy, memory).overcommitted());
    CHECK_FALSE(wants_memory_cgroup(policy));
    policy.limit = memory / 2;
    CHECK(wants_memory_cgroup(policy));
    CHECK(memory_bounds(policy, memory).reservation == memory / 2);
    policy.reservation = memory / 4;
    CHECK(check_memory_policy(policy, memory));
    CHECK(memory_bounds(policy, memory).overcommitted());
    policy.cgroup = "none";
    CHECK_FALSE(wants_memory_cgroup(policy));

    const auto refused = [](auto change) {
        MemoryPolicy wrong;
        change(wrong);
        const auto checked = check_memory_policy(wrong, memory);
        return !checked && checked.error().kind == ErrorKind::usage;
    };
    CHECK(refused([](MemoryPolicy& p) { p.limit = memory + 1048576; }));
    CHECK(refused([](MemoryPolicy& p) { p.limit = 1048576; }));
    CHECK(refused([](MemoryPolicy& p) { p.reservation = memory + 1048576; }));
    CHECK(refused([](MemoryPolicy& p) { p.limit = memory / 2, p.reservation = memory; }));
    CHECK(refused([](MemoryPolicy& p) { p.shares = 0; }));
    CHECK(refused([](MemoryPolicy& p) { p.ksm = p.private_memory = true; }));
    CHECK(refused([](MemoryPolicy& p) { p.private_memory = true, p.reservation = memory / 2; }));
    CHECK(refused([](MemoryPolicy& p) { p.private_memory = true, p.limit = memory / 2; }));
    CHECK(refused([](MemoryPolicy& p) { p.cgroup = "relative/path"; }));
}

TEST_CASE("machine memory: an answer") {
    const auto memory =
        parse_machine_memory("web", R"({"configured_bytes": 1000, "guest_resident_bytes": 600, "swapped_bytes": 1,
        "ballooned_bytes": 5000, "balloon_target_bytes": 10, "processes": [20, 21, -1, "x", 0],
        "guest": {"free_bytes": 1, "available_bytes": 2, "total_bytes": 3, "caches_bytes": null, "age_ms": 5},
        "reservation_bytes": 500, "limit_bytes": 900, "shares": 7, "overcommit": true, "ksm": true,
        "private_memory": false})");
    REQUIRE(memory);
    CHECK(memory->sample.ballooned == 1000);  // not more than there is
    CHECK(memory->sample.reservation == 500);
    CHECK(memory->sample.overcommit);
    CHECK(memory->sample.ksm);
    REQUIRE(memory->sample.guest);
    CHECK(memory->sample.guest->available == 2);
    CHECK((memory->processes == std::vector<pid_t>{20, 21}));
}

TEST_CASE("machine memory: what says nothing of its policy keeps its memory") {
    const auto memory = parse_machine_memory("web", R"({"configured_bytes": 1000, "guest": null})");
    REQUIRE(memory);
    CHECK(memory->sample.reservation == 1000);
    CHECK_FALSE(memory->sample.overcommit);
    CHECK_FALSE(memory->sample.guest);
    // A wrong claim about overcommit has no effect with a whole reservation.
    CHECK_FALSE(parse_machine_memory("web", R"({"configured_bytes": 1000, "overcommit": true})")->sample.overcommit);
}

TEST_CASE("machine memory: hostile answers are refused") {
    for (const std::string& text :
         {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("{}"),
          std::string(R"({"configured_bytes": -5})"), std::string(R"({"configured_bytes": "1"})"),
          std::string(50'000, '['), "{\"a\":" + std::string(20, '{'),
          R"({"configured_bytes": 1, "x": ")" + std::string(answer_limit, 'x') + "\"}"})
        CHECK_FALSE(parse_machine_memory("web", text));
    CHECK(parse_machine_memory("web", R"({"configured_bytes": 1, "brackets": "[[[[[[[[[[[[[[\"["})"));
}

TEST_CASE("page-out: ranges of a guest's RAM, and of nothing else") {
    const auto ranges = guest_ram_ranges(
        "00400000-00500000 rw-p 00000000 00:00 0 \n"
        "10000001000-10000010000 rw-p 00000000 00:00 0 \n"
        "10000010000-10000011000 ---p 00000000 00:00 0 \n"
        "10000200000-10000202000 r-xp 00000000 08:01 77                 /image\n"
        "10000202000-10000302000 rw-p 00000000 08:01 77                 /image\n"
        "10003004000-10004000000 rw-s 00004000 00:01 40518              /memfd:tenon-io (deleted)\n"
        "10004000000-10005000000 rw-p 00000000 00:00 0 \n"
        "20000100000-20000101000 rw-p 00000000 00:00 0 \n"
        "garbage\n-\n10005000000-\n10005000000-10006000000\n7fff00000000-7fff00021000 rw-p 00000000 00:00 0 [stack]\n");
    REQUIRE(ranges.size() == 2);
    CHECK(ranges[0].begin == 0x10000001000);
    CHECK(ranges[1].end == 0x10005000000);
    std::uint64_t cursor = 0;
    // This process is no guest, whatever a machine claims.
    CHECK_FALSE(page_out(getpid(), getpid(), 4096, cursor));
    CHECK_FALSE(page_out(0, getpid(), 4096, cursor));
}

TEST_CASE("KSM: put back as it was found") {
    const Scratch scratch;
    const auto content = [&] { return *read_text_file(scratch.file("run")); };
    scratch.write("run", "0\n");
    {
        KsmSwitch ksm(scratch.file(""));
        CHECK(ksm.set(false));
        CHECK(content() == "0\n");
        CHECK(ksm.set(true));
        CHECK(content().starts_with("1"));
        CHECK(ksm.set(true));
    }
    CHECK(content().starts_with("0"));
    KsmSwitch absent(scratch.file("nowhere"));
    CHECK_FALSE(absent.set(true));
}
