// SPDX-License-Identifier: Apache-2.0
// The host's memory, from the kernel's files.
#include "hv/balance/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "hv/core/text.h"
#include "hv/core/text_file.h"

namespace hv::balance {

namespace {

/// v1 has no word for "no limit": its largest number, rounded down to pages.
constexpr std::uint64_t no_limit = 1ULL << 62;

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

/// "some avg10=1.23 avg60=..."
std::optional<double> average(std::string_view text, std::string_view line) {
    for (const std::string_view candidate : split(text, '\n')) {
        if (!candidate.starts_with(line)) continue;
        const std::size_t at = candidate.find(" avg10=");
        if (at == std::string_view::npos) return std::nullopt;
        const std::string_view number = candidate.substr(at + 7);
        double value = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
        if (error != std::errc() || !(value >= 0 && value <= 100)) return std::nullopt;
        return value;
    }
    return std::nullopt;
}

}  // namespace

Result<MemoryInfo> parse_memory_info(std::string_view text) {
    const auto bytes = [text](std::string_view key) -> std::optional<std::uint64_t> {
        for (const std::string_view line : split(text, '\n')) {
            if (!line.starts_with(key)) continue;
            std::string_view value = trimmed(line.substr(key.size()));
            if (!value.ends_with(" kB")) return std::nullopt;
            value.remove_suffix(3);
            const auto number = parse_number(trimmed(value));
            if (!number || *number > no_limit >> 10) return std::nullopt;
            return *number << 10;
        }
        return std::nullopt;
    };
    const auto total = bytes("MemTotal:");
    const auto available = bytes("MemAvailable:");
    if (!total || !available)
        return fail(ErrorKind::host_lacks, "/proc/meminfo says nothing of MemTotal and MemAvailable");
    return MemoryInfo{*total, *available, bytes("SwapFree:").value_or(0)};
}

std::optional<Pressure> parse_pressure(std::string_view text) {
    const auto some = average(text, "some ");
    if (!some) return std::nullopt;
    return Pressure{*some, average(text, "full ").value_or(0)};
}

std::optional<std::uint64_t> parse_limit(std::string_view text) {
    const auto number = parse_number(trimmed(text));
    if (!number || *number >= no_limit) return std::nullopt;
    return number;
}

Result<Host> Host::open(std::optional<std::uint64_t> budget, const std::string& cgroup, std::string root) {
    if (budget && !cgroup.empty())
        return fail(ErrorKind::usage, "--budget and --cgroup are both a budget (choose one)");
    Host host;
    host.root_ = std::move(root);
    host.budget_ = budget;
    if (!cgroup.empty()) {
        TRY(CgroupPlace place, cgroup_at(memory_controller, cgroup));
        host.cgroup_ = std::move(place);
    }
    // A file that cannot be read now will not be readable later either.
    const auto first = host.look(0);
    if (!first) return std::unexpected(first.error());
    return host;
}

Result<HostSample> Host::look_at_cgroup(const MemoryInfo& info) const {
    const bool v1 = cgroup_->version == CgroupVersion::v1;
    TRY(const std::string limit_text, read_text_file(cgroup_->path + (v1 ? "/memory.limit_in_bytes" : "/memory.max")));
    TRY(const std::string usage_text,
        read_text_file(cgroup_->path + (v1 ? "/memory.usage_in_bytes" : "/memory.current")));
    TRY(const std::string statistics, read_text_file(cgroup_->path + "/memory.stat"));
    const auto limit = parse_limit(limit_text);
    const auto usage = parse_number(trimmed(usage_text));
    if (!limit || !usage)
        return fail(ErrorKind::usage,
                    fmt::format("memory cgroup '{}': it has no limit, so it is no budget (give it one, or "
                                "use --budget)",
                                cgroup_->path));
    // The kernel drops page cache that was not used lately by itself.
    const auto cache = parse_statistic(statistics, v1 ? "total_inactive_file" : "inactive_file");
    HostSample sample{
        .total = std::min(*limit, info.total), .available = 0, .swap_free = info.swap_free, .pressure = {}};
    sample.available = std::min(info.available, less(sample.total, less(*usage, cache.value_or(0))));
    if (!v1)
        if (const auto text = read_text_file(cgroup_->path + "/memory.pressure"))
            sample.pressure = parse_pressure(*text);
    return sample;
}

Result<HostSample> Host::look(std::uint64_t resident) const {
    TRY(const std::string text, read_text_file(root_ + "/proc/meminfo"));
    TRY(const MemoryInfo info, parse_memory_info(text));
    if (cgroup_) return look_at_cgroup(info);
    HostSample sample{.total = info.total, .available = info.available, .swap_free = info.swap_free, .pressure = {}};
    if (budget_) {
        sample.total = std::min(*budget_, info.total);
        sample.available = std::min(info.available, less(sample.total, resident));
    }
    // A kernel without PSI, or with it turned off, has no such file.
    if (const auto pressure = read_text_file(root_ + "/proc/pressure/memory"))
        sample.pressure = parse_pressure(*pressure);
    return sample;
}

}  // namespace hv::balance
