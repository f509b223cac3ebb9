// SPDX-License-Identifier: Apache-2.0
// What programs do with files, as far as it is told apart by what may be lost.
#pragma once

#include <span>
#include <string_view>

#include "tests/crash/driver.h"

namespace tenon::crash {

struct Workload {
    std::string_view name;
    void (*run)(Driver& driver, unsigned steps);
    unsigned steps;
    std::uint64_t disk;  ///< bytes
};

std::span<const Workload> workloads();

}  // namespace tenon::crash
