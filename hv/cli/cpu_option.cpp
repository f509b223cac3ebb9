// SPDX-License-Identifier: Apache-2.0
// Reading CPU settings.
#include "hv/cli/cpu_option.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "hv/cli/values.h"
#include "hv/core/similar.h"
#include "hv/core/text.h"
#include "hv/core/text_file.h"
#include "hv/machine/cpu_config.h"

namespace hv {

namespace {

constexpr std::string_view none = "none";

std::unexpected<Error> wrong(std::string_view key, std::string_view value, std::string_view why) {
    return fail(ErrorKind::usage, fmt::format("CPU: {}={}: {}", key, value, why));
}

/// A decimal number at the start of `text`, from which it is removed.
std::optional<double> take_decimal(std::string_view& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || !(number >= 0) || text.starts_with('-')) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

double host_mhz() {
    const auto text = read_text_file("/proc/cpuinfo");
    return text ? nominal_mhz(*text, "/sys/devices/system/cpu/cpu0") : 0;
}

Result<> add_cpus(const char* name, std::string_view key, std::string_view value, Json& cpu) {
    if (value == none) {
        cpu[name] = 0U;
        return {};
    }
    const bool frequency = value.ends_with('z') || value.ends_with('Z');
    const auto millicpus = parse_cpus(value, frequency ? host_mhz() : 0);
    if (!millicpus) return wrong(key, value, millicpus.error().message);
    cpu[name] = *millicpus;
    return {};
}

/// A whole number that the machine can have; 0 would remove it.
struct Whole {
    std::uint64_t least, most;
    std::string_view unit;
};

Result<> add_number(const char* name, std::string_view key, std::string_view value, const Whole& whole, Json& cpu) {
    if (value == none) {
        cpu[name] = 0U;
        return {};
    }
    std::string_view digits = value;
    if (digits.ends_with(whole.unit)) digits.remove_suffix(whole.unit.size());
    const auto number = parse_number(digits);
    if (!number || *number < whole.least || *number > whole.most)
        return wrong(key, value,
                     fmt::format("not a whole number from {} to {}{}, nor none", whole.least, whole.most,
                                 whole.unit.empty() ? "" : fmt::format(", in {}", whole.unit)));
    cpu[name] = *number;
    return {};
}

Result<> add_list(const char* name, std::string_view key, std::string_view value, Json& cpu) {
    if (value == none) {
        cpu[name] = "";
        return {};
    }
    const auto cpus = CpuSet::parse(value);
    if (!cpus) return wrong(key, value, cpus.error().message);
    cpu[name] = cpus->text();
    return {};
}

Result<> add_node(std::string_view value, Json& cpu) {
    const auto number = parse_number(value);
    if (!number || *number >= CpuSet::capacity) return wrong("node", value, "not the number of a NUMA node");
    cpu["node"] = *number;
    return {};
}

std::vector<std::pair<std::string, std::string>> settings_of(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> settings;
    for (const std::string_view word : split(text, ',')) {
        const std::size_t equals = word.find('=');
        if (equals != std::string_view::npos)
            settings.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        else if (!settings.empty() && (settings.back().first == "pin" || settings.back().first == "hv"))
            settings.back().second += fmt::format(",{}", word);
        else
            settings.emplace_back(word, "");
    }
    return settings;
}

}  // namespace

Result<std::uint32_t> parse_cpus(std::string_view text, double cpu_mhz) {
    std::string_view unit = text;
    const auto number = take_decimal(unit);
    const auto refuse = [](std::string_view why) {
        return fail(ErrorKind::usage, fmt::format("{} (a number of CPUs, as in 0.5, or a frequency, as in 1200MHz; "
                                                  "or none)",
                                                  why));
    };
    if (!number) return refuse("not a number");
    double cpus = *number;
    if (!unit.empty()) {
        const double mhz = same_word(unit, "mhz") ? 1 : same_word(unit, "ghz") ? 1000 : 0;
        if (mhz == 0) return refuse(fmt::format("'{}' is not a unit", unit));
        if (!(cpu_mhz > 0)) return refuse("the host does not say the frequency of its CPUs");
        cpus *= mhz / cpu_mhz;
    }
    const double millicpus = std::round(cpus * 1000);
    if (!(millicpus >= minimum_limit_millicpus && millicpus <= maximum_limit_millicpus))
        return refuse(fmt::format("not from {} to {} CPUs", cpus_text(minimum_limit_millicpus),
                                  cpus_text(maximum_limit_millicpus)));
    return static_cast<std::uint32_t>(millicpus);
}

double nominal_mhz(std::string_view cpu_info, const std::string& cpu_directory) {
    double now = 0;
    for (const std::string_view line : split(cpu_info, '\n')) {
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        std::string_view value = line.substr(colon + 2);
        if (line.starts_with("model name")) {
            const std::size_t at = value.rfind("@ ");
            if (at == std::string_view::npos) continue;
            value.remove_prefix(at + 2);
            const auto number = take_decimal(value);
            if (number && *number > 0 && same_word(value, "ghz")) return *number * 1000;
        } else if (line.starts_with("cpu MHz") && now <= 0) {
            now = take_decimal(value).value_or(0);
        }
    }
    constexpr std::pair<const char*, double> files[] = {
        {"/acpi_cppc/nominal_freq", 1}, {"/cpufreq/base_frequency", 1000}, {"/cpufreq/cpuinfo_max_freq", 1000}};
    for (const auto& [file, units_per_mhz] : files) {
        const auto text = read_text_file(cpu_directory + file);
        const auto number = text ? parse_number(trimmed(*text)) : std::nullopt;
        if (number.value_or(0) != 0) return static_cast<double>(*number) / units_per_mhz;
    }
    return now;
}

Result<bool> add_cpu_setting(std::string_view key, std::string_view value, Json& cpu) {
    if (key == "limit") {
        CHECK(add_cpus("limit_millicpus", key, value, cpu));
    } else if (key == "burst") {
        CHECK(add_number("burst_ms", key, value, {1, cpu_quota_us(maximum_limit_millicpus) / 1000, "ms"}, cpu));
    } else if (key == "reservation") {
        CHECK(add_cpus("reservation_millicpus", key, value, cpu));
    } else if (key == "shares") {
        CHECK(add_number("shares", key, value, {minimum_cpu_shares, maximum_cpu_shares, ""}, cpu));
    } else if (key == "pin") {
        CHECK(add_list("pin", key, value, cpu));
    } else if (key == "hv") {
        CHECK(add_list("hv_pin", key, value, cpu));
    } else if (key == "node") {
        CHECK(add_node(value, cpu));
    } else if (key == "cgroup") {
        cpu["cgroup"] = json_text(value);
    } else {
        return false;
    }
    return true;
}

Result<> parse_cpu_option(std::string_view text, CpuPolicy& policy) {
    if (const std::string_view key = repeated_key(split(text, ',')); !key.empty())
        return fail(ErrorKind::usage, fmt::format("--cpu '{}': '{}' is given more than once", text, key));
    Json cpu = Json::object();
    for (const auto& [key, value] : settings_of(text)) {
        if (value.empty())
            return fail(ErrorKind::usage, fmt::format("--cpu '{}': '{}' has no value (KEY=VALUE[,KEY=VALUE...], as in "
                                                      "limit=0.5,shares=2000,pin=0-1)",
                                                      text, key));
        TRY(const bool known, add_cpu_setting(key, value, cpu));
        if (!known)
            return fail(ErrorKind::usage, fmt::format("--cpu '{}': '{}' is not one of {}{}", text, key,
                                                      fmt::join(cpu_keys, ", "), did_you_mean(key, cpu_keys)));
    }
    TRY(JsonSection section, JsonSection::open(cpu, "", {"--cpu", "hv"}));
    return read_cpu(section, policy);
}

}  // namespace hv
