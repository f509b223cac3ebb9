// SPDX-License-Identifier: Apache-2.0
// hv top: what machines use.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "hv/cli/commands.h"
#include "hv/cli/output.h"
#include "hv/cli/screen.h"
#include "hv/cli/table.h"
#include "hv/core/json_text.h"
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
    std::uint64_t cpu_ns, steal_ns, rx_bytes, tx_bytes;
    static Usage of(const MachineView& view) {
        return {stat_of(view, "machine", "guest_cpu_ns"), stat_of(view, "machine", "guest_steal_ns"),
                stat_of(view, "net", "rx_bytes"), stat_of(view, "net", "tx_bytes")};
    }
};

struct Row {
    MachineView view;
    std::uint64_t resident_bytes;
    double cpu_percent, steal_percent, rx_rate, tx_rate;
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
            const std::uint64_t resident = stat_of(view, "machine", "resident_bytes");
            rows.push_back({std::move(view), resident, rate(usage.cpu_ns, base.cpu_ns) / 1e7,
                            rate(usage.steal_ns, base.steal_ns) / 1e7, rate(usage.rx_bytes, base.rx_bytes),
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

/// What comes first.
struct Order {
    std::string_view name;
    char key;
    bool (*before)(const Row& a, const Row& b);
};

constexpr Order orders[] = {
    {"cpu", 'c', [](const Row& a, const Row& b) { return a.cpu_percent > b.cpu_percent; }},
    {"memory", 'm', [](const Row& a, const Row& b) { return a.resident_bytes > b.resident_bytes; }},
    {"net", 'n', [](const Row& a, const Row& b) { return a.rx_rate + a.tx_rate > b.rx_rate + b.tx_rate; }},
    {"name", 'a', [](const Row& a, const Row& b) { return a.view.name < b.view.name; }},
};

const Order* find_order(std::string_view name) {
    const auto found = std::ranges::find(orders, name, &Order::name);
    return found == std::end(orders) ? nullptr : &*found;
}

std::string size_or_dash(const Row& row, double bytes) {
    return row.view.stats.is_null() ? "-" : short_size_text(static_cast<std::uint64_t>(bytes));
}

std::string percent_or_dash(const Row& row, double percent) {
    return row.view.stats.is_null() ? "-" : fmt::format("{:.1f}", percent);
}

std::string table_of(const std::vector<Row>& rows) {
    Table table({"NAME", "STATE", "FOR", "CPU%", "STEAL%", "RESIDENT", "MEMORY", "RX/s", "TX/s"});
    for (const Row& row : rows)
        table.add({row.view.name, row.view.state, row.view.state_seconds ? duration_text(*row.view.state_seconds) : "-",
                   percent_or_dash(row, row.cpu_percent), percent_or_dash(row, row.steal_percent),
                   size_or_dash(row, static_cast<double>(row.resident_bytes)), short_size_text(row.view.memory_bytes),
                   size_or_dash(row, row.rx_rate), size_or_dash(row, row.tx_rate)});
    return table.text();
}

/// Sums, keys and the table, as far as they fit.
std::string screen_text(std::vector<Row> rows, const Order& order, const Screen& screen) {
    std::uint64_t resident = 0;
    for (const Row& row : rows) resident += row.resident_bytes;
    const std::string keys =
        screen.has_keys() ? "q leaves; sort by: c cpu, m resident memory, n network, a name" : "Ctrl-C leaves";
    std::string text = fmt::format("{} machine{}, {} resident, sorted by {}\n{}\n\n", rows.size(),
                                   rows.size() == 1 ? "" : "s", short_size_text(resident), order.name, keys);
    constexpr std::size_t other_lines = 5;
    const std::size_t fit = std::max(screen.rows(), other_lines + 1) - other_lines;
    const std::size_t hidden = rows.size() > fit ? rows.size() - fit : 0;
    rows.resize(rows.size() - hidden);
    text += table_of(rows);
    if (hidden != 0) text += fmt::format("and {} more\n", hidden);
    return text;
}

std::string json_of(const std::vector<Row>& rows) {
    Json list = Json::array();
    for (const Row& row : rows)
        list.push_back({{"name", row.view.name},
                        {"state", row.view.state},
                        {"state_seconds", row.view.state_seconds ? Json(*row.view.state_seconds) : Json(nullptr)},
                        {"cpu_percent", row.cpu_percent},
                        {"steal_percent", row.steal_percent},
                        {"resident_bytes", row.resident_bytes},
                        {"memory_bytes", row.view.memory_bytes},
                        {"rx_bytes_per_second", row.rx_rate},
                        {"tx_bytes_per_second", row.tx_rate},
                        {"uptime_seconds", row.view.uptime_seconds}});
    return printed_json(list) + "\n";
}

Result<std::vector<Row>> sorted_look(Sampler& sampler, const Order& order) {
    TRY(std::vector<Row> rows, sampler.look());
    std::ranges::stable_sort(rows, order.before);
    return rows;
}

Result<int> print_once(Sampler& sampler, const Order& order, bool json) {
    TRY(const std::vector<Row> rows, sorted_look(sampler, order));
    CHECK(print(json ? json_of(rows) : table_of(rows)));
    return 0;
}

/// Until somebody leaves.
Result<int> show(Sampler& sampler, const Order* order, Clock::duration interval) {
    Screen screen;
    for (;;) {
        TRY(std::vector<Row> rows, sorted_look(sampler, *order));
        const auto next_look = Clock::now() + interval;
        for (;;) {
            CHECK(screen.draw(screen_text(rows, *order, screen)));
            const Screen::Input input = screen.wait(next_look);
            if (input.event == Screen::Event::ended || input.key == 'q') return 0;
            if (input.event == Screen::Event::time) break;
            const auto chosen = std::ranges::find(orders, input.key, &Order::key);
            if (chosen == std::end(orders)) continue;
            order = &*chosen;
            std::ranges::stable_sort(rows, order->before);
        }
    }
}

Result<int> top_command(const TopOptions& options) {
    const Order* const order = find_order(options.sort);
    if (order == nullptr)
        return fail(ErrorKind::usage, fmt::format("--sort '{}': not cpu, memory, net or name", options.sort));
    if (!(options.interval_seconds >= 0.1 && options.interval_seconds <= 3600))
        return fail(ErrorKind::usage, fmt::format("--interval {}: not 0.1 to 3600 seconds", options.interval_seconds));
    const bool terminal = isatty(STDOUT_FILENO) != 0 && !options.json;
    Sampler sampler(options.run_directory);
    CHECK(sampler.look());
    // The first table, too, is of rates over a while.
    constexpr int first_interval_ms = 200;
    poll(nullptr, 0, first_interval_ms);
    if (!terminal) return print_once(sampler, *order, options.json);
    return show(sampler, order, std::chrono::milliseconds(static_cast<int>(options.interval_seconds * 1000)));
}

}  // namespace

CommandAction add_top(Command& top, std::uint64_t) {
    const auto options = std::make_shared<TopOptions>();
    top.option("--sort", options->sort, "Order of the machines; memory is resident memory")
        .takes("cpu|memory|net|name")
        .show_default();
    top.option("--interval", options->interval_seconds, "Time between two refreshes").takes("SECONDS").show_default();
    top.format(options->json, "Print the table once, as JSON");
    top.run_directory(options->run_directory);
    top.footer(
        "On a terminal hv refreshes the table. q leaves; c, m, n and a sort it by processor time,\n"
        "resident memory, network and name. STEAL% is time for which the guest was ready to run\n"
        "and the host ran others. RESIDENT is the host's memory that all processes of\n"
        "a machine hold, MEMORY the configured memory of the machine.");
    return [options] { return top_command(*options); };
}

}  // namespace hv
