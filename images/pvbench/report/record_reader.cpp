// SPDX-License-Identifier: Apache-2.0
// JSON into records.
#include "images/pvbench/report/record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hv/core/json_section.h"
#include "hv/core/json_text.h"
#include "hv/core/printable.h"
#include "hv/core/text_file.h"
#include "images/pvbench/json_format.h"

namespace pvbench {

namespace {

using hv::Json;
using hv::JsonSection;
using hv::Result;

constexpr std::array units = {"ns", "us", "MB/s", "1/s", "bytes"};
constexpr std::size_t most_repetitions = 1000;

/// Where the last line that is `marker` begins; npos if there is none.
std::size_t find_marker(std::string_view text, std::string_view marker) {
    for (std::size_t at = text.rfind(marker); at != std::string_view::npos; at = text.rfind(marker, at - 1)) {
        const std::string_view rest = text.substr(at + marker.size());
        if ((at == 0 || text[at - 1] == '\n') && (rest.empty() || rest.front() == '\n' || rest.starts_with("\r\n")))
            return at;
        if (at == 0) break;
    }
    return std::string_view::npos;
}

/// A console's log, with what the machine printed before the result. Cut off, it would lose the result.
constexpr std::size_t largest_file = 64 << 20;

/// What is wrong with a text that is no JSON.
std::string damage_of(std::string_view text, const std::string& why) {
    if (hv::trimmed(text).empty()) return "is empty: pvbench has written nothing";
    if (find_marker(text, json_begin) != std::string_view::npos) return why;
    return fmt::format("{}, and has no line '{}' either", why, json_begin);
}

Result<std::string_view> json_part(std::string_view text, const std::string& file) {
    const std::size_t begin = find_marker(text, json_begin);
    if (begin == std::string_view::npos) return text;
    const std::size_t end = find_marker(text, json_end);
    if (end == std::string_view::npos || end < begin)
        return hv::fail(hv::ErrorKind::usage,
                        fmt::format("{}: ends before the line '{}': pvbench did not finish", file, json_end));
    return text.substr(begin + std::string_view(json_begin).size(), end - begin - std::string_view(json_begin).size());
}

Result<const Json*> required(JsonSection& section, const char* key) {
    const Json* value = section.take(key);
    if (value == nullptr) return section.wrong(fmt::format("'{}' is missing", section.path(key)));
    return value;
}

Result<std::string> take_text(JsonSection& section, const char* key) {
    CHECK(required(section, key));
    TRY(const auto text, section.take_string(key));
    return hv::printable(*text);
}

Result<std::uint64_t> take_count(JsonSection& section, const char* key, std::uint64_t least) {
    CHECK(required(section, key));
    TRY(const auto number, section.take_number(key, least, UINT64_MAX));
    return *number;
}

/// All that is measured is from 0 to here; in ns it is 31 years.
constexpr double largest_value = 1e18;

Result<double> number_of(const JsonSection& section, const Json& value, const std::string& path) {
    if (!value.is_number()) return section.wrong(fmt::format("'{}' is not a number", path));
    const auto number = value.get<double>();
    // Not a number (NaN) is in no range.
    if (!(number >= 0 && number <= largest_value))
        return section.wrong(fmt::format("'{}' is not a number from 0 to {}", path, largest_value));
    return number;
}

Result<double> take_number(JsonSection& section, const char* key) {
    TRY(const Json* value, required(section, key));
    return number_of(section, *value, section.path(key));
}

Result<const Json*> take_list(JsonSection& section, const char* key) {
    TRY(const Json* list, required(section, key));
    if (!list->is_array()) return section.wrong(fmt::format("'{}' is not a list", section.path(key)));
    return list;
}

/// Of each element what read(value, path) makes of it.
template <typename Item, typename Read>
Result<std::vector<Item>> take_each(JsonSection& section, const char* key, Read read) {
    TRY(const Json* list, take_list(section, key));
    std::vector<Item> items;
    for (const Json& value : *list) {
        TRY(auto item, read(value, fmt::format("{}[{}]", section.path(key), items.size())));
        items.push_back(std::move(item));
    }
    return items;
}

Result<std::vector<double>> take_numbers(JsonSection& section, const char* key) {
    TRY(const Json* list, take_list(section, key));
    if (list->empty() || list->size() > most_repetitions)
        return section.wrong(
            fmt::format("'{}' has {} values, not 1 to {}", section.path(key), list->size(), most_repetitions));
    return take_each<double>(
        section, key, [&](const Json& value, const std::string& path) { return number_of(section, value, path); });
}

Result<std::vector<std::string>> take_texts(JsonSection& section, const char* key) {
    return take_each<std::string>(section, key, [&](const Json& value, const std::string& path) -> Result<std::string> {
        if (!value.is_string()) return section.wrong(fmt::format("'{}' is not a string", path));
        return hv::printable(value.get<std::string>());
    });
}

Result<MeasureRecord> read_measure(const Json& json, const std::string& path, const JsonSection::Origin& origin) {
    TRY(auto section, JsonSection::open(json, path, origin));
    MeasureRecord measure;
    TRY(measure.name, take_text(section, "name"));
    TRY(measure.subject, take_text(section, "subject"));
    TRY(measure.unit, take_text(section, "unit"));
    if (std::ranges::find(units, measure.unit) == units.end())
        return section.wrong(fmt::format("'{}' is '{}', which is none of {}", section.path("unit"), measure.unit,
                                         fmt::join(units, ", ")));
    TRY(const std::string better, take_text(section, "better"));
    if (better != "lower" && better != "higher")
        return section.wrong(fmt::format("'{}' is neither 'lower' nor 'higher'", section.path("better")));
    measure.higher_is_better = better == "higher";
    TRY(measure.samples, take_count(section, "samples", 1));
    TRY(measure.warm_up, take_count(section, "warm_up", 0));
    TRY(measure.repetitions, take_count(section, "repetitions", 1));
    TRY(measure.median, take_number(section, "median"));
    TRY(measure.p99, take_number(section, "p99"));
    TRY(measure.mean, take_number(section, "mean"));
    TRY(measure.spread, take_number(section, "spread"));
    TRY(measure.medians, take_numbers(section, "medians"));
    if (measure.medians.size() != measure.repetitions)
        return section.wrong(fmt::format("'{}' has {} values for {} repetitions", section.path("medians"),
                                         measure.medians.size(), measure.repetitions));
    return measure;
}

Result<LeftOutRecord> read_left_out(const Json& json, const std::string& path, const JsonSection::Origin& origin) {
    TRY(auto section, JsonSection::open(json, path, origin));
    LeftOutRecord left_out;
    TRY(left_out.name, take_text(section, "name"));
    TRY(left_out.subject, take_text(section, "subject"));
    TRY(left_out.reason, take_text(section, "reason"));
    return left_out;
}

Result<PlatformRecord> read_platform(const Json& json, const JsonSection::Origin& origin) {
    TRY(auto section, JsonSection::open(json, "platform", origin));
    PlatformRecord platform;
    TRY(platform.name, take_text(section, "name"));
    TRY(platform.os, take_text(section, "os"));
    TRY(platform.kernel, take_text(section, "kernel"));
    TRY(platform.hypervisor, take_text(section, "hypervisor"));
    TRY(platform.cpu, take_text(section, "cpu"));
    TRY(platform.cpus, take_count(section, "cpus", 1));
    TRY(platform.memory_bytes, take_count(section, "memory_bytes", 0));
    TRY(platform.clocksource, take_text(section, "clocksource"));
    return platform;
}

/// Each name once, over what was measured and what was left out.
Result<> check_names(const Record& record, const JsonSection& section) {
    std::vector<std::string> names;
    for (const auto& measure : record.measures) names.push_back(measure.name);
    for (const auto& left_out : record.left_out) names.push_back(left_out.name);
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end()) return section.wrong(fmt::format("the measure '{}' is there twice", *twice));
    return {};
}

Result<> read_program(Record& record, const Json& json, const JsonSection::Origin& origin) {
    TRY(auto section, JsonSection::open(json, "program", origin));
    TRY(record.version, take_text(section, "version"));
    TRY(const std::string build, take_text(section, "build"));
    if (build != "tenon" && build != "linux")
        return section.wrong(fmt::format("'{}' is neither 'tenon' nor 'linux'", section.path("build")));
    record.tenon = build == "tenon";
    return {};
}

Result<> read_features(Record& record, const Json& json, const JsonSection::Origin& origin) {
    TRY(auto section, JsonSection::open(json, "features", origin));
    for (const auto& [kind, names] : json.items()) {
        TRY(auto texts, take_texts(section, kind.c_str()));
        record.features.emplace(hv::printable(kind), std::move(texts));
    }
    return {};
}

Result<Record> read_object(const Json& json, const std::string& file) {
    const JsonSection::Origin origin{.what = file, .keys_of = schema};
    TRY(auto section, JsonSection::open(json, "", origin));
    TRY(const std::string its_schema, take_text(section, "schema"));
    if (its_schema != schema)
        return section.wrong(fmt::format("'schema' is '{}'; this pvbench reads '{}'", its_schema, schema));
    Record record;
    TRY(const Json* program, required(section, "program"));
    CHECK(read_program(record, *program, origin));
    TRY(const Json* platform, required(section, "platform"));
    TRY(record.platform, read_platform(*platform, origin));
    TRY(const Json* features, required(section, "features"));
    CHECK(read_features(record, *features, origin));
    TRY(record.command_line, take_text(section, "command_line"));
    const auto measure = [&](const Json& value, const std::string& path) { return read_measure(value, path, origin); };
    TRY(record.measures, take_each<MeasureRecord>(section, "measures", measure));
    const auto left_out = [&](const Json& value, const std::string& path) {
        return read_left_out(value, path, origin);
    };
    TRY(record.left_out, take_each<LeftOutRecord>(section, "left_out", left_out));
    CHECK(check_names(record, section));
    return record;
}

}  // namespace

Result<Record> parse_record(std::string_view text, const std::string& file) {
    TRY(const std::string_view json, json_part(text, file));
    const auto parsed = hv::parse_json(hv::trimmed(json));
    if (!parsed)
        return hv::fail(parsed.error().kind, fmt::format("{}: {}", file, damage_of(text, parsed.error().message)));
    return read_object(*parsed, file);
}

Result<Record> read_record(const std::string& path) {
    TRY(const std::string text, hv::read_text_file(path, largest_file));
    if (text.size() >= largest_file)
        return hv::fail(hv::ErrorKind::usage,
                        fmt::format("{}: longer than {} MiB (leave out what is before the line '{}')", path,
                                    largest_file >> 20, json_begin));
    return parse_record(text, path);
}

}  // namespace pvbench
