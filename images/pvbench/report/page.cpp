// SPDX-License-Identifier: Apache-2.0
// HTML of the report.
#include "images/pvbench/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "images/pvbench/report/comparison.h"
#include "images/pvbench/report/html.h"
#include "images/pvbench/report/page_style.h"
#include "images/pvbench/report/quantity.h"

namespace pvbench {

namespace {

struct Subject {
    std::string name;
    std::vector<std::string> measures;
};

void note(std::vector<Subject>& subjects, const std::string& subject, const std::string& measure) {
    auto found = std::ranges::find(subjects, subject, &Subject::name);
    if (found == subjects.end()) found = subjects.insert(subjects.end(), {subject, {}});
    if (std::ranges::find(found->measures, measure) == found->measures.end()) found->measures.push_back(measure);
}

/// All that any record has or leaves out, in the order of first appearance.
std::vector<Subject> subjects_of(std::span<const Record> records) {
    std::vector<Subject> subjects;
    for (const Record& record : records)
        for (const MeasureRecord& measure : record.measures) note(subjects, measure.subject, measure.name);
    for (const Record& record : records)
        for (const LeftOutRecord& left_out : record.left_out) note(subjects, left_out.subject, left_out.name);
    return subjects;
}

const char* build_of(const Record& record) { return record.tenon ? "tenon" : "linux"; }

std::string memory_text(std::uint64_t size) {
    return size == 0 ? "unknown" : quantity_text(static_cast<double>(size), "bytes");
}

std::string or_none(const std::string& text) { return text.empty() ? "none" : html(text); }

std::string platform_table(std::span<const Record> records) {
    std::string rows;
    for (const Record& record : records) {
        const PlatformRecord& platform = record.platform;
        rows += fmt::format(
            "<tr><th scope=\"row\"><span class=\"key {}\"></span> {}</th><td>{} "
            "{}</td><td>{}</td><td>{}</td><td>{}</td>"
            "<td>{}</td><td>{}</td><td>{}</td></tr>\n",
            build_of(record), html(platform.name), html(platform.os), html(platform.kernel),
            or_none(platform.hypervisor), html(platform.cpu), platform.cpus, memory_text(platform.memory_bytes),
            html(platform.clocksource), html(record.version));
    }
    return "<div class=\"scroll\"><table>\n<thead><tr><th>platform</th><th>system</th><th>hypervisor</th><th>CPU</th>"
           "<th>CPUs</th><th>memory</th><th>clock</th><th>pvbench</th></tr></thead>\n<tbody>\n" +
           rows + "</tbody></table></div>\n";
}

/// What is too long for the table.
std::string platform_details(std::span<const Record> records) {
    std::string items;
    for (const Record& record : records) {
        items += fmt::format("<li>{}: <code>{}</code>\n<ul>\n", html(record.platform.name), html(record.command_line));
        for (const auto& [kind, names] : record.features)
            items += fmt::format("<li>{}: {}</li>\n", html(kind), or_none(fmt::format("{}", fmt::join(names, ", "))));
        items += "</ul></li>\n";
    }
    return "<details id=\"details\"><summary>Command lines and negotiated features</summary>\n<ul>\n" + items +
           "</ul>\n</details>\n";
}

std::string absent_list(std::span<const AbsentPlatform> absent) {
    if (absent.empty()) return "";
    std::string items;
    for (const AbsentPlatform& platform : absent)
        items += fmt::format("<li>{}: {}</li>\n", html(platform.name), html(platform.reason));
    return "<p>Not measured:</p>\n<ul id=\"absent\">\n" + items + "</ul>\n";
}

/// The part of the bar's width, in per cent.
double part(double value, double scale) { return scale > 0 ? value / scale * 100 : 0; }

std::string whisker(const MeasureRecord& measure, double scale) {
    if (measure.medians.size() < 2) return "";
    const auto [least, most] = std::ranges::minmax(measure.medians);
    const auto line = [](double x1, const char* y1, double x2, const char* y2) {
        return fmt::format("<line x1=\"{:.3f}%\" y1=\"{}\" x2=\"{:.3f}%\" y2=\"{}\"/>", x1, y1, x2, y2);
    };
    const double left = part(least, scale), right = part(most, scale);
    return line(left, "50%", right, "50%") + line(left, "25%", left, "75%") + line(right, "25%", right, "75%");
}

std::string bar(const MeasureRecord& measure, double scale) {
    const auto [least, most] = std::ranges::minmax(measure.medians);
    return fmt::format(
        "<svg class=\"bar\" role=\"img\" aria-label=\"median {}, repetitions from {} to {}\">"
        "<rect x=\"0\" y=\"15%\" height=\"70%\" width=\"{:.3f}%\"/>{}</svg>",
        html(quantity_text(measure.median, measure.unit)), html(quantity_text(least, measure.unit)),
        html(quantity_text(most, measure.unit)), part(measure.median, scale), whisker(measure, scale));
}

std::string ratio_cell(const MeasureRecord* baseline, const MeasureRecord& measure) {
    if (baseline == nullptr) return "";
    if (baseline == &measure) return "<span class=\"quiet\">baseline</span>";
    const MeasureComparison row = compare(*baseline, measure);
    const char* style = row.verdict == Verdict::better ? "better" : row.verdict == Verdict::worse ? "worse" : "quiet";
    return fmt::format("{} <span class=\"{}\">{}</span>", row.ratio > 0 ? ratio_text(row.ratio) : "", style,
                       verdict_text(row.verdict));
}

std::string row(const Record& record, const MeasureRecord& measure, const MeasureRecord* baseline, double scale) {
    return fmt::format(
        "<div class=\"row {}\"><span class=\"platform\">{}</span>{}<span class=\"value\">{}</span>"
        "<span class=\"tail\">p99 {}</span><span class=\"ratio\">{}</span></div>\n",
        build_of(record), html(record.platform.name), bar(measure, scale),
        html(quantity_text(measure.median, measure.unit)), html(quantity_text(measure.p99, measure.unit)),
        ratio_cell(baseline, measure));
}

std::string absent_row(const Record& record, const std::string& reason) {
    return fmt::format(
        "<div class=\"row absent\"><span class=\"platform\">{}</span><span class=\"reason quiet\">left out: {}</span>"
        "</div>\n",
        html(record.platform.name), html(reason));
}

/// The first record's that has the measure: its unit is that of the bars.
const MeasureRecord* first_with(std::span<const Record> records, const std::string& name) {
    for (const Record& record : records)
        if (const MeasureRecord* measure = find_measure(record, name)) return measure;
    return nullptr;
}

/// The value to which the whole width stands: whiskers fit too.
double scale_of(std::span<const Record> records, const MeasureRecord& first) {
    double scale = 0;
    for (const Record& record : records) {
        const MeasureRecord* measure = find_measure(record, first.name);
        if (measure != nullptr && measure->unit == first.unit)
            scale = std::max({scale, measure->median, std::ranges::max(measure->medians)});
    }
    return scale;
}

std::string figure(std::span<const Record> records, const MeasureRecord& first, DescribeMeasure describe) {
    const MeasureRecord* baseline = find_measure(records.front(), first.name);
    const double scale = scale_of(records, first);
    std::string rows;
    for (const Record& record : records) {
        const MeasureRecord* measure = find_measure(record, first.name);
        if (measure == nullptr)
            rows += absent_row(record, reason_without(record, first.name));
        else if (measure->unit != first.unit)
            rows += absent_row(record, fmt::format("in {}, not in {}", measure->unit, first.unit));
        else
            rows += row(record, *measure, baseline, scale);
    }
    return fmt::format(
        "<figure id=\"{0}\"><figcaption>{0} <small>{1} ({2} is better)</small></figcaption>\n{3}</figure>\n",
        html(first.name), html(describe(first.name)), first.higher_is_better ? "higher" : "lower", rows);
}

std::string absent_everywhere(std::span<const Record> records, const std::string& name) {
    std::string rows;
    for (const Record& record : records) rows += absent_row(record, reason_without(record, name));
    return fmt::format("<figure id=\"{0}\"><figcaption>{0}</figcaption>\n{1}</figure>\n", html(name), rows);
}

std::string section(std::span<const Record> records, const Subject& subject, DescribeMeasure describe) {
    std::string text, absent;
    for (const std::string& name : subject.measures) {
        if (const MeasureRecord* first = first_with(records, name))
            text += figure(records, *first, describe);
        else
            absent += absent_everywhere(records, name);
    }
    if (!absent.empty()) absent = "<details><summary>Left out everywhere</summary>\n" + absent + "</details>\n";
    return fmt::format("<section id=\"subject-{0}\">\n<h2>{0}</h2>\n{1}{2}</section>\n", html(subject.name), text,
                       absent);
}

std::string introduction(std::span<const Record> records) {
    return fmt::format(
        "<p>Bars are medians, on one linear scale for each measure. The line over a bar reaches from the lowest to the "
        "highest median of a repetition: where such lines of two bars overlap, their difference is likely noise. "
        "Ratios are to the first platform, {}; the verdict “within noise” means that a difference of more than "
        "{:.0f} % is not certain at {:.0f} %, “noise unknown” that there are too few repetitions to tell.</p>\n"
        "<p><span class=\"key tenon\"></span> Tenon &nbsp; <span class=\"key linux\"></span> Linux</p>\n",
        html(records.front().platform.name), repeatability * 100, confidence * 100);
}

}  // namespace

std::string report_page(std::span<const Record> records, std::span<const AbsentPlatform> absent,
                        DescribeMeasure describe) {
    const auto subjects = subjects_of(records);
    std::string links, sections;
    for (const Subject& subject : subjects) {
        links += fmt::format("<a href=\"#subject-{0}\">{0}</a>\n", html(subject.name));
        sections += section(records, subject, describe);
    }
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>pvbench</title>\n<style>{}</style>\n</head>\n<body>\n<h1>pvbench</h1>\n{}<nav>\n{}</nav>\n"
        "<section id=\"platforms\">\n<h2>Platforms</h2>\n{}{}{}</section>\n{}</body>\n</html>\n",
        page_style, introduction(records), links, platform_table(records), absent_list(absent),
        platform_details(records), sections);
}

}  // namespace pvbench
