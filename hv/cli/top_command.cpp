// SPDX-License-Identifier: Apache-2.0
// hv top: what machines use.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/table.h"
#include "hv/supervise/machine_list.h"

namespace hv {

namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct TopOptions {
    std::string run_directory;
    std::string sort = "cpu";
    double interval_seconds = 2;
    bool json = false;
};

std::uint64_t stat_of(const MachineView& view, const char* group, const char* key) {
    const auto values = view.stats.find(group);
    if (values == view.stats.end() || !values->is_object()) return 0;
    const auto value = values->find(key);
    return value != values->end() && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

struct Usage {
    std::uint64_t cpu_ns, rx_bytes, tx_bytes;
    static Usage of(const MachineView& view) {
        return {stat_of(view, "machine", "guest_cpu_ns"), stat_of(view, "net", "rx_bytes"),
                stat_of(view, "net", "tx_bytes")};
    }
};

struct Row {
    MachineView view;
    double cpu_percent, rx_rate, tx_rate;
};

/// Rates between two looks at all machines.
class Sampler {
public:
    explicit Sampler(const std::string& run_directory) : run_directory_(run_directory) {}

    Result<std::vector<Row>> look() {
        // It may have been made or exchanged since the last look.
        TRY(const RunBase run_base, RunBase::open(run_directory_));
        std::vector<Row> rows;
        std::map<std::string, Usage> now_used;
        std::vector<MachineView> views = list_machines(run_base);
        const auto now = Clock::now();
        const double passed = std::max(std::chrono::duration<double>(now - last_look_).count(), 1e-6);
        for (MachineView& view : views) {
            if (!view.alive()) continue;
            const Usage usage = Usage::of(view);
            const auto before = used_.find(view.name);
            // Counters of a machine that was started anew begin again.
            const Usage base = before != used_.end() && before->second.cpu_ns <= usage.cpu_ns ? before->second : usage;
            const auto rate = [passed](std::uint64_t to, std::uint64_t from) {
                return to < from ? 0.0 : static_cast<double>(to - from) / passed;
            };
            now_used[view.name] = usage;
            rows.push_back({std::move(view), rate(usage.cpu_ns, base.cpu_ns) / 1e7, rate(usage.rx_bytes, base.rx_bytes),
                            rate(usage.tx_bytes, base.tx_bytes)});
        }
        used_ = std::move(now_used);
        last_look_ = now;
        return rows;
    }

private:
    const std::string& run_directory_;
    std::map<std::string, Usage> used_;
    Clock::time_point last_look_ = Clock::now();
};

void sort_rows(std::vector<Row>& rows, const std::string& sort) {
    std::ranges::stable_sort(rows, [&sort](const Row& a, const Row& b) {
        if (sort == "memory") return a.view.memory_bytes > b.view.memory_bytes;
        if (sort == "net") return a.rx_rate + a.tx_rate > b.rx_rate + b.tx_rate;
        return a.cpu_percent > b.cpu_percent;
    });
}

std::string table_of(const std::vector<Row>& rows) {
    Table table({"NAME", "STATE", "CPU%", "MEMORY", "RX/s", "TX/s", "UPTIME"});
    for (const Row& row : rows)
        table.add({row.view.name, row.view.state, fmt::format("{:.1f}", row.cpu_percent),
                   short_size_text(row.view.memory_bytes), short_size_text(static_cast<std::uint64_t>(row.rx_rate)),
                   short_size_text(static_cast<std::uint64_t>(row.tx_rate)), duration_text(row.view.uptime_seconds)});
    return table.text();
}

std::string json_of(const std::vector<Row>& rows) {
    Json list = Json::array();
    for (const Row& row : rows)
        list.push_back({{"name", row.view.name},
                        {"state", row.view.state},
                        {"cpu_percent", row.cpu_percent},
                        {"memory_bytes", row.view.memory_bytes},
                        {"rx_bytes_per_second", row.rx_rate},
                        {"tx_bytes_per_second", row.tx_rate},
                        {"uptime_seconds", row.view.uptime_seconds}});
    return list.dump(2) + "\n";
}

Result<int> top_command(const TopOptions& options) {
    if (options.sort != "cpu" && options.sort != "memory" && options.sort != "net")
        return fail(ErrorKind::usage, fmt::format("--sort '{}': not cpu, memory or net", options.sort));
    if (options.interval_seconds < 0.1 || options.interval_seconds > 3600)
        return fail(ErrorKind::usage, fmt::format("--interval {}: not 0.1 to 3600 seconds", options.interval_seconds));
    const bool terminal = isatty(STDOUT_FILENO) != 0 && !options.json;
    const int interval_ms = static_cast<int>(options.interval_seconds * 1000);
    Sampler sampler(options.run_directory);
    CHECK(sampler.look());
    for (;;) {
        // The first table, too, is of rates over a while.
        poll(nullptr, 0, terminal ? interval_ms : 200);
        constexpr char home_and_clear[] = "\033[H\033[2J";
        TRY(std::vector<Row> rows, sampler.look());
        sort_rows(rows, options.sort);
        std::fputs(((terminal ? home_and_clear : "") + (options.json ? json_of(rows) : table_of(rows))).c_str(),
                   stdout);
        if (std::fflush(stdout) != 0) return static_cast<int>(ErrorKind::internal);
        if (!terminal) return 0;
    }
}

}  // namespace

CommandAction add_top(Command& top, std::uint64_t) {
    const auto options = std::make_shared<TopOptions>();
    top.option("--sort", options->sort, "What comes first").takes("cpu|memory|net").show_default();
    top.option("--interval", options->interval_seconds, "Between two looks").takes("SECONDS").show_default();
    top.format(options->json, "As JSON, once");
    top.run_directory(options->run_directory);
    return [options] { return top_command(*options); };
}

}  // namespace hv
