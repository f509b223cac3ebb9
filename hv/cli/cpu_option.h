// SPDX-License-Identifier: Apache-2.0
// CPU time in words: the option --cpu, and settings of hv set.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/json_section.h"
#include "hv/machine/cpu_policy.h"

namespace hv {

/// The last two are for a start only.
inline constexpr std::array<std::string_view, 8> cpu_keys = {"limit", "burst", "reservation", "shares",
                                                             "pin",   "hv",    "node",        "cgroup"};

/// Thousandths of a CPU from "0.5", or from "1200MHz" or "1.2GHz" of a CPU that has `cpu_mhz`, to the nearest one.
/// Errors: usage.
Result<std::uint32_t> parse_cpus(std::string_view text, double cpu_mhz);

/// The frequency at which the host's CPUs are sold, in MHz: the model's name in the text of /proc/cpuinfo has it
/// ("@ 2.50GHz"), else the kernel in `cpu_directory`, a CPU's in sysfs. Else it is what the first CPU has now, which
/// depends on its load where frequencies change. 0: none says it.
[[nodiscard]] double nominal_mhz(std::string_view cpu_info, const std::string& cpu_directory);

/// Adds a setting to `cpu`, which is in the form of machine/cpu_config.h. "none" removes one. False: there is no such
/// key. Errors: usage, with the value.
Result<bool> add_cpu_setting(std::string_view key, std::string_view value, Json& cpu);

/// "limit=0.5,shares=2000,pin=0-1,3": settings, over what `policy` has from a file. A word without "=" continues the
/// list of CPUs before it. Errors: usage.
Result<> parse_cpu_option(std::string_view text, CpuPolicy& policy);

}  // namespace hv
