// SPDX-License-Identifier: Apache-2.0
// CPU time of a machine: the user's words, JSON, contradictions, what the scheduler is told, and the control socket.
#include "hv/machine/cpu_policy.h"

#include <filesystem>
#include <fstream>

#include "hv/api/cpu_api.h"
#include "hv/cli/cpu_option.h"
#include "hv/machine/cpu_config.h"
#include "tests/unit/hv/temporary_directory.h"
// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>

using namespace hv;

namespace {

CpuSet cpus(const char* list) { return CpuSet::parse(list).value(); }

/// Of an option that hv run would take.
CpuPolicy policy_of(const char* option) {
    CpuPolicy policy;
    const auto parsed = parse_cpu_option(option, policy);
    INFO(option << ": " << (parsed ? "" : parsed.error().message));
    REQUIRE(parsed.has_value());
    return policy;
}

std::string refusal_of(const char* option) {
    CpuPolicy policy;
    auto result = parse_cpu_option(option, policy);
    if (result) result = check_cpu_policy(policy, 1);
    INFO(option);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == ErrorKind::usage);
    return result.error().message;
}

Result<CpuPolicy> change(const CpuPolicy& present, std::string body) {
    return changed_cpu({.method = "PATCH", .path = cpu_path, .body = std::move(body)}, present);
}

}  // namespace

TEST_CASE("CPU option: every key, in any order, and lists with commas") {
    const CpuPolicy policy =
        policy_of("pin=0-1,3,limit=0.5,hv=2,5,burst=20ms,node=0,reservation=0.25,shares=2000,cgroup=/a/b");
    CHECK(policy.limit_millicpus == 500);
    CHECK(policy.burst_ms == 20);
    CHECK(policy.reservation_millicpus == 250);
    CHECK(policy.shares == 2000);
    CHECK(policy.pin == cpus("0-1,3"));
    CHECK(policy.hv_pin == cpus("2,5"));
    CHECK(policy.node == 0);
    CHECK(policy.cgroup == "/a/b");
    CHECK(check_cpu_policy(policy, 1).has_value());
    CHECK(policy_of("limit=none,pin=none") == CpuPolicy());
    // Options go over what a file says.
    CpuPolicy over = policy;
    REQUIRE(parse_cpu_option("limit=1,burst=none", over).has_value());
    CHECK(over.limit_millicpus == 1000);
    CHECK(over.burst_ms == 0);
    CHECK(over.shares == 2000);
}

TEST_CASE("CPU option: wrong words are named") {
    CHECK_THAT(refusal_of("limt=1"), Catch::Contains("did you mean 'limit'"));
    CHECK_THAT(refusal_of("0.5"), Catch::Contains("'0.5' has no value"));
    CHECK_THAT(refusal_of("limit=1,2"), Catch::Contains("'2' has no value"));
    CHECK_THAT(refusal_of("limit="), Catch::Contains("has no value"));
    CHECK_THAT(refusal_of("limit=much"), Catch::Contains("not a number"));
    CHECK_THAT(refusal_of("limit=-1"), Catch::Contains("not a number"));
    CHECK_THAT(refusal_of("limit=nan"), Catch::Contains("not a number"));
    CHECK_THAT(refusal_of("limit=1x"), Catch::Contains("'x' is not a unit"));
    CHECK_THAT(refusal_of("limit=0"), Catch::Contains("from 0.01 to 1024"));
    CHECK_THAT(refusal_of("limit=0.001"), Catch::Contains("from 0.01 to 1024"));
    CHECK_THAT(refusal_of("limit=1025"), Catch::Contains("from 0.01 to 1024"));
    CHECK_THAT(refusal_of("shares=0"), Catch::Contains("shares=0: not a whole number from 10 to 100000"));
    CHECK_THAT(refusal_of("shares=9"), Catch::Contains("10 to 100000"));
    CHECK_THAT(refusal_of("shares=100001"), Catch::Contains("shares=100001: not a whole number from 10 to 100000"));
    CHECK_THAT(refusal_of("limit=0.5,pin=0,1,limit=1"), Catch::Contains("'limit' is given more than once"));
    CHECK_THAT(refusal_of("shares=1.5"), Catch::Contains("shares=1.5"));
    CHECK_THAT(refusal_of("pin=1-0"), Catch::Contains("ends before it begins"));
    CHECK_THAT(refusal_of("hv=x"), Catch::Contains("not a number or a range"));
    CHECK_THAT(refusal_of("node=first"), Catch::Contains("NUMA node"));
    CHECK_THAT(refusal_of("cgroup=somewhere"), Catch::Contains("absolute path"));
    CHECK_THAT(refusal_of("burst=20s,limit=1"), Catch::Contains("in ms"));
}

TEST_CASE("CPU policy: what contradicts what, with the numbers") {
    CHECK_THAT(refusal_of("burst=20"), Catch::Contains("no limit"));
    CHECK_THAT(refusal_of("limit=0.5,burst=51"), Catch::Contains("at most 50 ms"));
    CHECK(check_cpu_policy(policy_of("limit=0.5,burst=50"), 1).has_value());
    CHECK_THAT(refusal_of("limit=0.5,reservation=0.6"), Catch::Contains("reservation=0.6: more than the limit of 0.5"));
    CHECK_THAT(refusal_of("reservation=1.5"), Catch::Contains("1 vCPU can use"));
    CHECK(check_cpu_policy(policy_of("reservation=1.5"), 2).has_value());
    for (const char* option :
         {"limit=1,cgroup=none", "shares=10,cgroup=none", "reservation=1,cgroup=none", "node=0,cgroup=none"})
        CHECK_THAT(refusal_of(option), Catch::Contains("cgroup=none"));
    CHECK(check_cpu_policy(policy_of("pin=0,cgroup=none"), 1).has_value());
}

TEST_CASE("CPU policy: pins and nodes are compared with the host") {
    const CpuSet host = cpus("0-3");
    CHECK(check_cpu_pins(policy_of("pin=0-3,hv=1"), host, {}).has_value());
    const auto beyond = check_cpu_pins(policy_of("pin=2-5"), host, {});
    REQUIRE_FALSE(beyond.has_value());
    CHECK_THAT(beyond.error().message, Catch::Contains("no CPU 4-5 for hv (it has 0-3)"));
    CHECK_FALSE(check_cpu_pins(policy_of("hv=4"), host, {}).has_value());
    CHECK(check_cpu_pins(policy_of("pin=1"), host, cpus("0-1")).has_value());
    CHECK_THAT(check_cpu_pins(policy_of("pin=1-2"), host, cpus("0-1")).error().message,
               Catch::Contains("the NUMA node has the CPUs 0-1 only"));
}

TEST_CASE("CPU policy: a frequency is counted in CPUs of the host") {
    CHECK(parse_cpus("1200MHz", 2400).value() == 500);
    CHECK(parse_cpus("1.2ghz", 2400).value() == 500);
    CHECK(parse_cpus("100MHz", 2999).value() == 33);
    CHECK(parse_cpus("0.5", 0).value() == 500);
    CHECK(parse_cpus("2", 0).value() == 2000);
    CHECK(parse_cpus("0.0104", 0).value() == 10);
    CHECK_THAT(parse_cpus("1200MHz", 0).error().message, Catch::Contains("frequency"));
    CHECK_FALSE(parse_cpus("1MHz", 2400).has_value());
    CHECK_FALSE(parse_cpus("1200kHz", 2400).has_value());
}

TEST_CASE("CPU policy: the frequency of the host's CPUs is the one they are sold with") {
    const test::TemporaryDirectory cpu;
    constexpr std::string_view no_name =
        "model name\t: AMD EPYC\ncpu MHz\t\t: 2100.500\nmodel name\t: x\ncpu MHz\t: 9\n";
    CHECK(nominal_mhz(no_name, cpu.path()) == 2100.5);
    CHECK(nominal_mhz("model name\t: x @ fast\n", cpu.path()) == 0);
    CHECK(nominal_mhz("", cpu.path()) == 0);
    std::filesystem::create_directories(cpu.path() + "/cpufreq");
    std::filesystem::create_directories(cpu.path() + "/acpi_cppc");
    std::ofstream(cpu.path() + "/cpufreq/cpuinfo_max_freq") << "3600000\n";
    CHECK(nominal_mhz(no_name, cpu.path()) == 3600);
    std::ofstream(cpu.path() + "/cpufreq/base_frequency") << "2800000\n";
    CHECK(nominal_mhz(no_name, cpu.path()) == 2800);
    std::ofstream(cpu.path() + "/acpi_cppc/nominal_freq") << "0\n";
    CHECK(nominal_mhz(no_name, cpu.path()) == 2800);
    std::ofstream(cpu.path() + "/acpi_cppc/nominal_freq") << "2450\n";
    CHECK(nominal_mhz(no_name, cpu.path()) == 2450);
    CHECK(nominal_mhz("model name\t: Intel(R) Xeon(R) CPU @ 2.50GHz\ncpu MHz\t\t: 1200.1\n", cpu.path()) == 2500);
}

TEST_CASE("CPU policy: when a cgroup is needed") {
    CHECK_FALSE(CpuPolicy().wants_cgroup());
    CHECK_FALSE(policy_of("pin=0,hv=0").wants_cgroup());
    CHECK(policy_of("limit=1").wants_cpu_cgroup());
    CHECK(policy_of("shares=10").wants_cpu_cgroup());
    CHECK(policy_of("reservation=1").wants_cpu_cgroup());
    CHECK(policy_of("cgroup=auto").wants_cpu_cgroup());
    CHECK(policy_of("node=0").wants_cgroup());
    CHECK_FALSE(policy_of("node=0").wants_cpu_cgroup());
}

TEST_CASE("CPU policy: a reservation is a weight that others leave it") {
    CHECK(cpu_bounds({}, 2).shares == default_cpu_shares);
    CHECK(cpu_bounds(policy_of("shares=10"), 2).shares == 10);
    CHECK(cpu_bounds(policy_of("reservation=1"), 2).shares == maximum_cpu_shares / 2);
    CHECK(cpu_bounds(policy_of("reservation=0.25"), 1).shares == maximum_cpu_shares / 4);
    // Shares beyond that count.
    CHECK(cpu_bounds(policy_of("reservation=0.01,shares=4000"), 2).shares == 4000);
    CHECK(cpu_bounds(policy_of("reservation=4"), 1).shares == maximum_cpu_shares);
    // Half of two CPUs is reserved by one machine; fifty others, with the usual weight, want the rest.
    const double weight = cpu_bounds(policy_of("reservation=1"), 2).shares;
    CHECK(weight / (weight + 50 * default_cpu_shares) * 2 >= 1.0);
}

TEST_CASE("CPU policy: what a running machine can change") {
    const CpuPolicy present = policy_of("limit=1,node=0");
    CHECK(check_cpu_change(present, policy_of("limit=0.5,shares=10,pin=0,node=0")).has_value());
    CHECK_THAT(check_cpu_change(present, policy_of("limit=1,node=1")).error().message, Catch::Contains("node"));
    CHECK_THAT(check_cpu_change(present, policy_of("limit=1,node=0,cgroup=auto")).error().message,
               Catch::Contains("cgroup"));
    const CpuPolicy without = policy_of("pin=0");
    CHECK(check_cpu_change(without, policy_of("pin=1,hv=0")).has_value());
    for (const char* option : {"limit=1", "shares=1000", "reservation=1"})
        CHECK_THAT(check_cpu_change(without, policy_of(option)).error().message,
                   Catch::Contains("started without a CPU cgroup"));
}

TEST_CASE("CPU API: a change of what is named") {
    const CpuPolicy present = policy_of("limit=0.5,burst=20,shares=2000,pin=0-1");
    auto changed = change(present, R"({"limit_millicpus": 250, "pin": "1"})");
    REQUIRE(changed.has_value());
    CHECK(changed->limit_millicpus == 250);
    CHECK(changed->pin == cpus("1"));
    CHECK(changed->shares == 2000);
    changed = change(present, R"({"limit_millicpus": 0, "shares": 0, "pin": ""})");
    REQUIRE(changed.has_value());
    // A burst goes with its limit.
    CHECK(*changed == CpuPolicy());
    CHECK(change(present, "").value() == present);
    CHECK(change(present, "{}").value() == present);
}

TEST_CASE("CPU API: wrong bodies are refused, by name") {
    struct Wrong {
        const char *body, *named;
    };
    for (const Wrong& wrong :
         {Wrong{"{", "JSON"}, Wrong{"[]", "object"}, Wrong{R"({"limit": 1})", "'limit'"},
          Wrong{R"({"limit_millicpus": -1})", "limit_millicpus"},
          Wrong{R"({"limit_millicpus": 0.5})", "limit_millicpus"},
          Wrong{R"({"limit_millicpus": 1024001})", "limit_millicpus"}, Wrong{R"({"shares": "many"})", "shares"},
          Wrong{R"({"pin": 0})", "pin"}, Wrong{R"({"pin": "1-0"})", "'pin'"}, Wrong{R"({"node": 1024})", "node"},
          Wrong{R"({"cgroup": true})", "cgroup"}}) {
        const auto refused = change({}, wrong.body);
        INFO(wrong.body);
        REQUIRE_FALSE(refused.has_value());
        CHECK_THAT(refused.error().message, Catch::Contains(wrong.named));
    }
}

TEST_CASE("CPU policy: numbers as people write them") {
    CHECK(cpus_text(500) == "0.5");
    CHECK(cpus_text(1000) == "1");
    CHECK(cpus_text(1250) == "1.25");
    CHECK(cpus_text(10) == "0.01");
}
