// SPDX-License-Identifier: Apache-2.0
// Fuzzes the reader of pvbench's results: whatever a file says, it is refused with its name, or compared and shown.
#include <cstdlib>
#include <span>
#include <string>

#include "images/pvbench/report/comparison_text.h"
#include "images/pvbench/report/page.h"
#include "images/pvbench/report/record_reader.h"
#include "tests/unit/pvbench_report/sample.h"

namespace {

std::string_view describe(std::string_view) { return ""; }

/// The sample with bytes replaced, as the input has places and values: most random texts are not JSON at all.
std::string damaged_sample(std::span<const std::uint8_t> input) {
    std::string text = test::sample_json;
    for (; input.size() >= 3; input = input.subspan(3))
        text[(input[0] | input[1] << 8U) % text.size()] = static_cast<char>(input[2]);
    return text;
}

void check(const std::string& text) {
    const auto record = pvbench::parse_record(text, "file");
    if (!record) {
        if (!record.error().message.starts_with("file: ")) std::abort();
        return;
    }
    const pvbench::NamedRecord named{.file = "file", .record = *record};
    (void)comparison_text(named, std::span(&named, 1));
    (void)comparison_json(named, std::span(&named, 1)).dump();
    // Controls would be obeyed by a terminal; tags of an element that the page itself does not have would be the
    // file's.
    const std::string page = report_page(std::span(&*record, 1), {}, describe);
    if (page.find('\x1b') != std::string::npos || page.find("<script") != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check(damaged_sample({data, size}));
    check(std::string(reinterpret_cast<const char*>(data), size));
    return 0;
}
