// SPDX-License-Identifier: Apache-2.0
// One run of pvbench on one platform, as its JSON tells it (docs/pvbench.md, "JSON").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pvbench {

/// Values are in `unit`; medians has one for each repetition.
struct MeasureRecord {
    std::string name;
    std::string subject;
    std::string unit;  ///< "ns", "us", "MB/s", "1/s" or "bytes"
    bool higher_is_better = false;
    std::uint64_t samples = 0;
    std::uint64_t warm_up = 0;
    std::uint64_t repetitions = 0;
    double median = 0;
    double p99 = 0;
    double mean = 0;
    double spread = 0;  ///< interquartile range over median
    std::vector<double> medians;
};

/// A measure that this platform does not have.
struct LeftOutRecord {
    std::string name;
    std::string subject;
    std::string reason;
};

struct PlatformRecord {
    std::string name;
    std::string os;
    std::string kernel;
    std::string hypervisor;
    std::string cpu;
    std::uint64_t cpus = 0;
    std::uint64_t memory_bytes = 0;
    std::string clocksource;
};

/// All text is printable: what a terminal would obey has been replaced.
struct Record {
    std::string version;
    bool tenon = false;  ///< the build for Tenon, otherwise the one for Linux
    PlatformRecord platform;
    std::map<std::string, std::vector<std::string>> features;  ///< that were negotiated, by kind of device ("net")
    std::string command_line;
    std::vector<MeasureRecord> measures;
    std::vector<LeftOutRecord> left_out;
};

/// Null if the record does not have the measure.
[[nodiscard]] const MeasureRecord* find_measure(const Record& record, const std::string& name);
/// Why it does not.
[[nodiscard]] std::string reason_without(const Record& record, const std::string& name);

}  // namespace pvbench
