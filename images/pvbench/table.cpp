// SPDX-License-Identifier: Apache-2.0
// Writing the table.
#include "table.h"

#include <cinttypes>
#include <cstdarg>
#include <cstdio>

namespace pvbench {

namespace {

[[gnu::format(printf, 2, 3)]] void append(std::string& text, const char* format, ...) {
    char line[512];
    std::va_list values;
    va_start(values, format);
    std::vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    text += line;
}

/// Four significant digits, without an exponent.
std::string short_number(double value) {
    const double size = value < 0 ? -value : value;
    const int decimals = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 3;
    char text[64];
    std::snprintf(text, sizeof(text), "%.*f", decimals, value);
    return text;
}

}  // namespace

std::string to_table(const Result& result) {
    const Platform& platform = result.platform;
    std::string text;
    append(text, "%s: %s %s, %u CPU%s (%s), %" PRIu64 " MiB, clock %s%s%s\n", platform.name.c_str(),
           platform.os.c_str(), platform.kernel.c_str(), platform.cpus, platform.cpus == 1 ? "" : "s",
           platform.cpu.c_str(), platform.memory_bytes >> 20, platform.clocksource.c_str(),
           platform.hypervisor.empty() ? "" : ", hypervisor ", platform.hypervisor.c_str());
    append(text, "%-28s %12s %12s %-5s %8s %8s\n", "measure", "median", "p99", "", "spread", "samples");
    for (const Measured& measure : result.measures) {
        const Summary& summary = measure.summary;
        append(text, "%-28s %12s %12s %-5s %7.1f%% %8zu\n", measure.name.c_str(), short_number(summary.median).c_str(),
               short_number(summary.p99).c_str(), measure.unit.c_str(), summary.spread * 100, summary.samples);
    }
    for (const LeftOut& measure : result.left_out) {
        append(text, "%-28s left out: ", measure.name.c_str());
        text += measure.reason + "\n";
    }
    return text;
}

}  // namespace pvbench
