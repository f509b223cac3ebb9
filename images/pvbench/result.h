// SPDX-License-Identifier: Apache-2.0
// The result of a run: what docs/pvbench.md calls the schema "tenon-pvbench-1".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "statistics.h"

namespace pvbench {

struct Platform {
    std::string name;        ///< "hv-pv", "hv-kvm", "linux-native", ... or --label
    std::string os;          ///< "Tenon", "Linux"
    std::string kernel;      ///< its version
    std::string hypervisor;  ///< what CPUID's leaf 0x40000000 says; empty: none
    std::string cpu;         ///< the brand
    unsigned cpus = 1;
    std::uint64_t memory_bytes = 0;
    std::string clocksource;
};

/// One virtio device: its kind ("net"), and the names of the negotiated features.
using DeviceFeatures = std::pair<std::string, std::vector<std::string>>;

struct Measured {
    std::string name, subject, unit;
    Better better;
    std::size_t warm_up;  ///< samples that were thrown away
    Summary summary;
};

struct LeftOut {
    std::string name, subject, reason;
};

struct Result {
    Platform platform;
    std::vector<DeviceFeatures> features;
    std::string command_line;
    std::vector<Measured> measures;
    std::vector<LeftOut> left_out;
};

}  // namespace pvbench
