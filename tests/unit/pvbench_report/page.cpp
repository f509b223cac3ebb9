// SPDX-License-Identifier: Apache-2.0
#include "images/pvbench/report/page.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "images/pvbench/report/commands.h"
#include "images/pvbench/report/html.h"
#include "tests/unit/hv/temporary_directory.h"
#include "tests/unit/pvbench_report/sample.h"

using pvbench::html;
using pvbench::Record;
using pvbench::report_page;

namespace {

std::string_view describe(std::string_view name) { return name == "clock_read" ? "reading <the> clock" : ""; }

std::string page_of(const std::vector<Record>& records, const std::vector<pvbench::AbsentPlatform>& absent = {}) {
    return report_page(records, absent, describe);
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t number = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++number;
    return number;
}

/// The exit code of a command; what it prints goes to the test's output.
int run(std::vector<std::string_view> arguments) {
    const auto code = pvbench::run_report_command(arguments, describe);
    return code ? *code : -1;
}

std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("No character of a text is markup", "[pvbench]") {
    CHECK(html(R"(<script>alert("1' & 2")</script>)") ==
          "&lt;script&gt;alert(&quot;1&#39; &amp; 2&quot;)&lt;/script&gt;");
    CHECK(html("µ “plain” text") == "µ “plain” text");
    CHECK(html("") == "");
}

TEST_CASE("Nothing that a file says becomes markup of the page", "[pvbench]") {
    const std::string evil = "\"><script>alert(1)</script><i class='";
    Record record = test::record(evil, {test::measure(evil, {1, 2, 3, 4, 5})});
    record.measures[0].subject = record.version = record.command_line = evil;
    record.platform.os = record.platform.kernel = record.platform.hypervisor = record.platform.cpu = evil;
    record.platform.clocksource = evil;
    record.features = {{evil, {evil}}};
    record.left_out = {{"other", "clock", evil}, {evil + "2", evil, evil}};
    const std::string page = page_of({record, test::record("second", {})}, {{evil, evil}});
    CHECK_FALSE(has(page, "<script"));
    CHECK_FALSE(has(page, "<i "));
    CHECK(count(page, "&lt;script&gt;") > 15);
}

TEST_CASE("The page needs nothing from elsewhere", "[pvbench]") {
    const std::string page = page_of({test::record("a", {test::measure("clock_read", {1, 2, 3, 4, 5})})});
    CHECK(has(page, "default-src 'none'"));
    for (const char* part : {"http:", "https:", "//", "src=", "@import", "url(", "<link", "<script"}) {
        CAPTURE(part);
        CHECK_FALSE(has(page, part));
    }
}

TEST_CASE("Bars stand to each other as the medians do, whiskers reach over the repetitions", "[pvbench]") {
    const std::string page = page_of({test::record("fast", {test::measure("clock_read", {40, 45, 50, 55, 60})}),
                                      test::record("slow", {test::measure("clock_read", {190, 195, 198, 199, 200})})});
    CHECK(has(page, "height=\"70%\" width=\"25.000%\"/><line x1=\"20.000%\" y1=\"50%\" x2=\"30.000%\" y2=\"50%\"/>"));
    CHECK(has(page, "height=\"70%\" width=\"99.000%\"/><line x1=\"95.000%\" y1=\"50%\" x2=\"100.000%\" y2=\"50%\"/>"));
    CHECK(has(page, "reading &lt;the&gt; clock (lower is better)"));
    CHECK(has(page, "<span class=\"quiet\">baseline</span>"));
    CHECK(has(page, "<span class=\"worse\">worse</span>"));
    // One repetition has no noise to show.
    CHECK(count(page_of({test::record("a", {test::measure("boot_main", {5})})}), "<line") == 0);
    // A measure of zeros has no scale.
    CHECK(has(page_of({test::record("a", {test::measure("jitter", {0, 0, 0, 0})})}), "width=\"0.000%\""));
}

TEST_CASE("What was left out stands with its reason where the bar would be", "[pvbench]") {
    Record without = test::record("without", {});
    without.left_out = {{"clock_read", "clock", "there is no clock"}, {"blk_flush", "blk", "there is no disk"}};
    Record other_unit = test::record("other", {test::measure("clock_read", {1, 2, 3, 4, 5})});
    other_unit.measures[0].unit = "us";
    const std::string page =
        page_of({test::record("with", {test::measure("clock_read", {1, 2, 3, 4, 5})}), without, other_unit},
                {{"gvisor", "runsc is not installed"}});
    CHECK(count(page, "<rect") == 1);
    CHECK(has(page, "without</span><span class=\"reason quiet\">left out: there is no clock"));
    CHECK(has(page, "left out: in us, not in ns"));
    CHECK(has(page, "<summary>Left out everywhere</summary>\n<figure id=\"blk_flush\">"));
    CHECK(has(page, "with</span><span class=\"reason quiet\">left out: not asked for"));
    CHECK(has(page, "<li>gvisor: runsc is not installed</li>"));
}

TEST_CASE("Commands and their exit codes", "[pvbench]") {
    const test::TemporaryDirectory directory;
    const std::string good = directory.path() + "/good.json", bad = directory.path() + "/bad.json",
                      slow = directory.path() + "/slow.json", page = directory.path() + "/page.html";
    std::ofstream(good) << test::sample_json;
    std::ofstream(bad) << "{";
    std::string slower = test::sample_json;
    slower.replace(slower.find("[23,"), 25, "[46,46.2,46.2,46.4,46.8]}");
    std::ofstream(slow) << slower;

    CHECK(run({}) == -1);
    CHECK(run({"--json"}) == -1);
    CHECK(run({"--compare", good, good}) == 0);
    CHECK(run({"--compare", "--json", slow, good}) == 0);
    CHECK(run({"--compare", good, slow}) == 1);
    CHECK(run({"--compare", good, bad}) == 2);
    CHECK(run({"--compare", good}) == 2);
    CHECK(run({"--compare", "--left-out", "a=b", good, good}) == 2);

    CHECK(run({"--report", page, "--left-out", "gvisor=not installed", good, slow}) == 0);
    CHECK(contents(page).ends_with("</html>\n"));
    CHECK(has(contents(page), "gvisor: not installed"));
    CHECK(run({"--report", page}) == 2);
    CHECK(run({"--report", page, bad}) == 2);
    CHECK(run({"--report", page, "--left-out", good}) == 2);
    CHECK(run({"--report", page, good, "--left-out"}) == 2);
    CHECK(run({"--report", page, "--json", good}) == 2);
    CHECK(run({"--report", directory.path() + "/none/page.html", good}) == 2);
    // The forgotten page's name: the results stay.
    CHECK(run({"--report", good, slow}) == 2);
    CHECK(contents(good) == test::sample_json);
}
