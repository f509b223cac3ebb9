// SPDX-License-Identifier: Apache-2.0
// The commands that read records.
#include "images/pvbench/report/commands.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "hv/core/json_text.h"
#include "hv/core/printable.h"
#include "images/pvbench/report/comparison_text.h"
#include "images/pvbench/report/page.h"
#include "images/pvbench/report/record_reader.h"

namespace pvbench {

const std::string_view report_usage =
    "pvbench --compare [--json] BASELINE.json OTHER.json...\n"
    "pvbench --report PAGE.html [--left-out PLATFORM=REASON]... FILE.json...\n";

namespace {

using hv::Result;

constexpr int something_is_worse = 1;
constexpr int failed = 2;

std::unexpected<hv::Error> misused(const std::string& what) {
    return hv::fail(hv::ErrorKind::usage, fmt::format("{}\n{}", what, report_usage));
}

/// Words of a command after its name.
struct Words {
    std::vector<std::string> files;
    std::vector<AbsentPlatform> absent;
    bool json = false;
};

Result<AbsentPlatform> absent_platform(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos || equals + 1 == text.size())
        return misused(fmt::format("--left-out {}: not PLATFORM=REASON", text));
    return AbsentPlatform{.name = hv::printable(text.substr(0, equals)),
                          .reason = hv::printable(text.substr(equals + 1))};
}

Result<Words> words_of(std::span<const std::string_view> arguments, bool of_report) {
    Words words;
    while (!arguments.empty()) {
        const std::string_view word = arguments.front();
        arguments = arguments.subspan(1);
        if (word == "--json" && !of_report) {
            words.json = true;
        } else if (word == "--left-out" && of_report) {
            if (arguments.empty()) return misused("--left-out: PLATFORM=REASON is missing");
            TRY(auto absent, absent_platform(arguments.front()));
            words.absent.push_back(std::move(absent));
            arguments = arguments.subspan(1);
        } else if (word.starts_with("--")) {
            return misused(fmt::format("{}: no such option", word));
        } else {
            words.files.emplace_back(word);
        }
    }
    return words;
}

Result<std::vector<NamedRecord>> read_all(std::span<const std::string> files) {
    std::vector<NamedRecord> records;
    for (const std::string& file : files) {
        TRY(auto record, read_record(file));
        records.push_back({file, std::move(record)});
    }
    return records;
}

/// In a page a platform has its name only: of several with the same name each has its file's, too.
void tell_apart(std::vector<NamedRecord>& records) {
    std::map<std::string, int> count;
    for (const NamedRecord& each : records) ++count[each.record.platform.name];
    for (auto& [file, record] : records)
        if (std::string& name = record.platform.name; count[name] > 1)
            name += fmt::format(" ({})", hv::printable(file));
}

Result<> write_all(std::FILE* stream, std::string_view text, const std::string& name) {
    const bool whole = std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
    if (whole) return {};
    return hv::fail(hv::ErrorKind::host_lacks, fmt::format("{} cannot be written: {}", name, std::strerror(errno)));
}

Result<int> compare_files(std::span<const std::string_view> arguments) {
    TRY(const Words words, words_of(arguments, false));
    if (words.files.size() < 2) return misused("--compare: two files at least are needed");
    TRY(const auto records, read_all(words.files));
    const NamedRecord& baseline = records.front();
    const auto others = std::span(records).subspan(1);
    const std::string text =
        words.json ? hv::printed_json(comparison_json(baseline, others)) + "\n" : comparison_text(baseline, others);
    CHECK(write_all(stdout, text, "standard output"));
    return any_is_worse(baseline, others) ? something_is_worse : 0;
}

Result<> write_page(const std::string& path, std::string_view text) {
    std::FILE* file = std::fopen(path.c_str(), "wce");
    if (file == nullptr)
        return hv::fail(hv::ErrorKind::host_lacks, fmt::format("{} cannot be made: {}", path, std::strerror(errno)));
    const auto written = write_all(file, text, path);
    if (std::fclose(file) != 0 && written)
        return hv::fail(hv::ErrorKind::host_lacks, fmt::format("{} cannot be written: {}", path, std::strerror(errno)));
    return written;
}

Result<int> write_report(std::span<const std::string_view> arguments, DescribeMeasure describe) {
    TRY(const Words words, words_of(arguments, true));
    // A forgotten name of the page must not cost the first file of results.
    if (words.files.empty() || !words.files.front().ends_with(".html"))
        return misused("--report: the page's name, ending in .html, comes first");
    if (words.files.size() < 2) return misused("--report: one file of results at least is needed");
    TRY(auto named, read_all(std::span(words.files).subspan(1)));
    tell_apart(named);
    std::vector<Record> records;
    for (const NamedRecord& each : named) records.push_back(each.record);
    CHECK(write_page(words.files.front(), report_page(records, words.absent, describe)));
    return 0;
}

}  // namespace

std::optional<int> run_report_command(std::span<const std::string_view> arguments, DescribeMeasure describe) {
    if (arguments.empty() || (arguments.front() != "--compare" && arguments.front() != "--report")) return std::nullopt;
    const auto rest = arguments.subspan(1);
    const Result<int> code = arguments.front() == "--compare" ? compare_files(rest) : write_report(rest, describe);
    if (code) return *code;
    // It may quote the file.
    fmt::print(stderr, "pvbench: {}\n", hv::printable_lines(code.error().message));
    return failed;
}

}  // namespace pvbench
