// SPDX-License-Identifier: Apache-2.0
// Results of pvbench for the tests of what reads them.
#pragma once

#include <string>
#include <vector>

#include "images/pvbench/report/record.h"

namespace test {

/// A measure in ns of which less is better, with these medians.
inline pvbench::MeasureRecord measure(const std::string& name, const std::vector<double>& medians) {
    return {.name = name,
            .subject = "clock",
            .unit = "ns",
            .samples = 1000,
            .warm_up = 100,
            .repetitions = medians.size(),
            .median = medians[medians.size() / 2],
            .p99 = medians.back() * 2,
            .mean = medians[medians.size() / 2],
            .spread = 0.02,
            .medians = medians};
}

inline pvbench::Record record(const std::string& platform, const std::vector<pvbench::MeasureRecord>& measures) {
    return {.version = "1.0",
            .tenon = true,
            .platform = {.name = platform,
                         .os = "Tenon",
                         .kernel = "1.0",
                         .hypervisor = "hv",
                         .cpu = "Some CPU",
                         .cpus = 1,
                         .memory_bytes = 64 << 20,
                         .clocksource = "pvclock"},
            .features = {{"net", {"mac", "csum"}}},
            .command_line = "--json",
            .measures = measures,
            .left_out = {}};
}

/// What pvbench prints, in one line.
inline constexpr char sample_json[] =
    R"({"schema":"tenon-pvbench-1","program":{"version":"1.0","build":"linux"},)"
    R"("platform":{"name":"linux-native","os":"Linux","kernel":"6.1","hypervisor":"","cpu":"Some CPU","cpus":2,)"
    R"("memory_bytes":1073741824,"clocksource":"tsc"},"features":{"net":["mac","csum"],"blk":[]},)"
    R"("command_line":"--json","measures":[{"name":"clock_read","subject":"clock","unit":"ns","better":"lower",)"
    R"("samples":5000,"warm_up":1000,"repetitions":5,"median":23.1,"p99":45,"mean":24,"spread":0.03,)"
    R"("medians":[23,23.1,23.1,23.2,23.4]}],"left_out":[{"name":"blk_flush","subject":"blk","reason":"no disk"}]})";

}  // namespace test
