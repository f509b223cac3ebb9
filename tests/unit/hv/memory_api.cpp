// SPDX-License-Identifier: Apache-2.0
// The control socket's paths about memory.
#include "hv/api/memory_api.h"

#include "tests/unit/hv/balloon_fixture.h"

using namespace balloon_test;
using hv::Json;

namespace {

class FakeMachine final : public hv::MachineControl {
public:
    explicit FakeMachine(hv::BalloonDevice* device) : balloon_(device) { config_.memory_bytes = 256 * mebibyte; }
    [[nodiscard]] const hv::MachineConfig& config() const override { return config_; }
    [[nodiscard]] bool running() const override { return true; }
    [[nodiscard]] bool paused() const override { return is_paused; }
    [[nodiscard]] Agent agent() const override { return Agent::closed; }
    [[nodiscard]] std::vector<hv::PortForward> published_ports() const override { return {}; }
    hv::Result<> pause() override {
        is_paused = true;
        return {};
    }
    void resume() override { is_paused = false; }
    hv::Result<> request_reboot() override { return hv::fail(hv::ErrorKind::usage, "nobody would start it again"); }
    void kill() override {}
    [[nodiscard]] std::string accelerator() const override { return "fake"; }
    [[nodiscard]] std::string accelerator_reason() const override { return "asked for"; }
    [[nodiscard]] int landlock() const override { return 6; }
    [[nodiscard]] std::uint64_t uptime_ns() const override { return 3; }
    [[nodiscard]] std::uint64_t state_ns() const override { return 2; }
    [[nodiscard]] std::uint64_t guest_cpu_ns() const override { return 1; }
    void request_shutdown() override {}
    [[nodiscard]] hv::BalloonDevice* balloon() override { return balloon_; }
    [[nodiscard]] std::optional<hv::ProcessMemory> memory_use() const override { return use; }
    [[nodiscard]] std::optional<std::uint64_t> resident_bytes() const override {
        return use ? std::optional(use->resident_bytes + 2000) : std::nullopt;
    }
    [[nodiscard]] hv::MemoryCounters memory_counters() const override { return counters; }
    [[nodiscard]] std::vector<pid_t> processes() const override { return {10, 11}; }
    void request_reclaim() override { ++reclaims; }
    void page_out(std::uint64_t bytes) override { paged_out = bytes; }
    void limit_network(const hv::NetLimits&) override {}
    void limit_disk(std::size_t, const hv::RateLimits&) override {}
    hv::Result<> reread_disk(std::size_t) override { return {}; }
    hv::Result<> set_cpu(const hv::CpuPolicy&) override { return {}; }
    [[nodiscard]] std::optional<std::uint64_t> guest_steal_ns() const override { return std::nullopt; }
    [[nodiscard]] std::optional<hv::CpuThrottling> cpu_throttling() const override { return std::nullopt; }

    std::optional<hv::ProcessMemory> use = hv::ProcessMemory{5000, 6000};
    hv::MemoryCounters counters{};
    int reclaims = 0;
    bool is_paused = false;
    std::uint64_t paged_out = 0;

private:
    hv::MachineConfig config_;
    hv::BalloonDevice* balloon_;
};

struct ApiFixture : Fixture {
    explicit ApiFixture(const hv::BalloonOptions& options = {}) : Fixture(options) {}

    hv::HttpResponse ask(std::string method, std::string path, std::string body = {}) {
        return hv::answer_request({std::move(method), std::move(path), std::move(body), true}, machine);
    }
    int status(std::string method, std::string path, std::string body = {}) {
        return ask(std::move(method), std::move(path), std::move(body)).status;
    }
    Json get(std::string path) {
        const auto answer = ask("GET", std::move(path));
        REQUIRE(answer.status == 200);
        return Json::parse(answer.body);
    }
    std::uint64_t& counter_of(tenon::abi::MemoryCounter which) {
        return machine.counters[static_cast<std::size_t>(which)];
    }

    FakeMachine machine{&device};
};

}  // namespace

TEST_CASE("memory API: the balloon in Firecracker's words") {
    ApiFixture f({.target_bytes = 8 * mebibyte, .deflate_on_oom = false, .statistics_interval_s = 3, .hinting = false});
    CHECK(f.get("/balloon") == Json::parse(R"({"amount_mib": 8, "deflate_on_oom": false, "stats_polling_interval_s": 3,
                                              "free_page_hinting": false, "free_page_reporting": true})"));
    CHECK(f.status("PATCH", "/balloon", R"({"amount_mib": 16})") == 204);
    CHECK(f.device.target_pages() == 4096);
    CHECK(f.status("PATCH", "/balloon/statistics", R"({"stats_polling_interval_s": 0})") == 204);
    CHECK(f.get("/balloon")["stats_polling_interval_s"] == 0);
    const auto put = f.ask("PUT", "/balloon", R"({"amount_mib": 16, "deflate_on_oom": true})");
    CHECK(put.status == 400);
    CHECK(put.body.contains("is started"));
}

TEST_CASE("memory API: statistics as far as the guest sends them") {
    ApiFixture f;
    f.activate();
    f.name_frames(Fixture::inflate, {0x4000, 0x4001});
    CHECK(f.get("/balloon/statistics") ==
          Json::parse(R"({"target_pages": 0, "actual_pages": 2, "target_mib": 0, "actual_mib": 0})"));
    CHECK(f.get("/memory")["guest"].is_null());
    const virtio_balloon_stat entries[] = {{4, 100}, {9, 7}};
    std::memcpy(f.memory.at(Fixture::buffers), &entries, sizeof entries);
    f.offer(Fixture::statistics, 0, Fixture::buffers, sizeof entries);
    const Json statistics = f.get("/balloon/statistics");
    CHECK(statistics["free_memory"] == 100);
    CHECK(statistics["hugetlb_failures"] == 7);
    CHECK_FALSE(statistics.contains("total_memory"));
    const Json guest = f.get("/memory")["guest"];
    CHECK(guest["free_bytes"] == 100);
    CHECK(guest["total_bytes"].is_null());
    CHECK(guest["age_ms"].is_number_unsigned());
    // The figures are recent: reading them requests no new ones.
    CHECK_FALSE(f.rings[Fixture::statistics].has_used());
}

TEST_CASE("memory API: where a machine's memory is") {
    ApiFixture f;
    f.activate();
    f.name_frames(Fixture::inflate, {0x4000});
    f.name_range(Fixture::reporting, 16 * mebibyte, 2 * page);
    f.counter_of(tenon::abi::MemoryCounter::pages_dropped) = 10;
    f.counter_of(tenon::abi::MemoryCounter::pages_refaulted) = 3;
    const Json memory = f.get("/memory");
    CHECK(memory["configured_bytes"] == 256 * mebibyte);
    CHECK(memory["resident_bytes"] == 7000);
    CHECK(memory["guest_resident_bytes"] == 5000);
    // The same number wherever it stands.
    CHECK(f.get("/stats")["machine"]["resident_bytes"] == 7000);
    CHECK(memory["swapped_bytes"] == 6000);
    CHECK(memory["ballooned_bytes"] == page);
    CHECK(memory["balloon_target_bytes"] == 0);
    CHECK(memory["reported_bytes"] == 2 * page);
    // A guest that drops pages itself counts them itself.
    f.counter_of(tenon::abi::MemoryCounter::pages_reported) = 5;
    CHECK(f.get("/memory")["reported_bytes"] == 5 * page);
    f.counter_of(tenon::abi::MemoryCounter::pages_reported) = 0;
    CHECK(memory["zero_shared_bytes"] == 7 * page);
    CHECK(memory["processes"] == Json::parse("[10, 11]"));
    CHECK(memory["counters"]["pages_dropped"] == 10);
    CHECK(memory["counters"].size() == static_cast<std::size_t>(tenon::abi::MemoryCounter::count));
    CHECK(f.get("/stats")["guest_memory"] == memory["counters"]);

    // A guest's claims are limited to possible values.
    f.counter_of(tenon::abi::MemoryCounter::pages_dropped) = ~0ULL;
    CHECK(f.get("/memory")["zero_shared_bytes"] == 256 * mebibyte);
    f.counter_of(tenon::abi::MemoryCounter::pages_refaulted) = ~0ULL;
    CHECK(f.get("/memory")["zero_shared_bytes"] == 0);
    f.counter_of(tenon::abi::MemoryCounter::pages_dropped) = 0;
    CHECK(f.get("/memory")["zero_shared_bytes"] == 0);
    f.machine.use = std::nullopt;
    CHECK(f.get("/memory")["resident_bytes"].is_null());
    CHECK(f.get("/memory")["guest_resident_bytes"].is_null());
    CHECK(f.get("/stats")["machine"]["resident_bytes"].is_null());
}

TEST_CASE("memory API: reclaim and page-out") {
    ApiFixture f;
    CHECK(f.status("PUT", "/memory/reclaim", "{}") == 204);
    CHECK(f.status("PUT", "/memory/reclaim") == 204);
    CHECK(f.machine.reclaims == 2);
    CHECK(f.status("PUT", "/memory/page-out", R"({"bytes": 8192})") == 204);
    CHECK(f.machine.paged_out == 8192);
}

TEST_CASE("memory API: hinting") {
    ApiFixture f;
    CHECK(f.status("PATCH", "/balloon/hinting/start", "{}") == 204);
    CHECK(f.get("/balloon/hinting/status") == Json::parse(R"({"host_cmd": 2, "guest_cmd": 0})"));
    CHECK(f.status("PATCH", "/balloon/hinting/stop", "{}") == 204);
    CHECK(f.get("/balloon/hinting/status")["host_cmd"] == 1);
    ApiFixture without({.hinting = false});
    CHECK(without.status("PATCH", "/balloon/hinting/start", "{}") == 400);
    CHECK(without.status("PATCH", "/balloon/hinting/stop", "{}") == 400);
}

TEST_CASE("memory API: what is refused, by name") {
    ApiFixture f;
    struct Wrong {
        const char *method, *path, *body, *named;
    };
    for (const Wrong& wrong : {
             Wrong{"PATCH", "/balloon", "", "amount_mib"},
             Wrong{"PATCH", "/balloon", "{", "is not JSON"},
             Wrong{"PATCH", "/balloon", "[]", "not a JSON object"},
             Wrong{"PATCH", "/balloon", R"({"amount_mib": 257})", "from 0 to 256"},
             Wrong{"PATCH", "/balloon", R"({"amount_mib": -1})", "amount_mib"},
             Wrong{"PATCH", "/balloon", R"({"amount_mib": 1e3})", "amount_mib"},
             Wrong{"PATCH", "/balloon", R"({"amount_mib": true})", "amount_mib"},
             Wrong{"PATCH", "/balloon", R"({"amount_mib": 1, "amount": 1})", "'amount'"},
             Wrong{"PATCH", "/balloon/statistics", R"({"stats_polling_interval_s": 65536})",
                   "stats_polling_interval_s"},
             Wrong{"PATCH", "/balloon/hinting/start", R"({"acknowledge_on_stop": "yes"})", "acknowledge_on_stop"},
             Wrong{"PATCH", "/balloon/hinting/stop", R"({"at": 1})", "'at'"},
             Wrong{"PUT", "/memory/reclaim", R"({"all": 1})", "'all'"},
             Wrong{"PUT", "/memory/page-out", "{}", "bytes"},
             Wrong{"PUT", "/memory/page-out", R"({"bytes": 0})", "bytes"},
             Wrong{"PUT", "/memory/page-out", R"({"bytes": 268435457})", "bytes"},
         }) {
        const auto answer = f.ask(wrong.method, wrong.path, wrong.body);
        CHECK(answer.status == 400);
        CHECK_THAT(answer.body, Catch::Contains(wrong.named));
    }
    CHECK(f.status("DELETE", "/memory") == 405);
    CHECK(f.ask("DELETE", "/balloon").body.contains("GET, PUT, PATCH"));
    CHECK(f.device.target_pages() == 0);
    CHECK(f.machine.reclaims == 0);
    CHECK(f.machine.paged_out == 0);
}

TEST_CASE("memory API: a machine without a balloon") {
    FakeMachine machine(nullptr);
    const auto ask = [&machine](const char* method, const char* path) {
        return hv::answer_request({method, path, "{}", true}, machine);
    };
    for (const char* path : {"/balloon", "/balloon/statistics"}) {
        CHECK(ask("GET", path).status == 400);
        CHECK(ask("PATCH", path).body.contains("no balloon"));
    }
    CHECK(ask("GET", "/balloon/hinting/status").status == 400);
    const Json memory = Json::parse(ask("GET", "/memory").body);
    CHECK(memory["ballooned_bytes"] == 0);
    CHECK(memory["guest"].is_null());
}
