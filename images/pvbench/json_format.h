// SPDX-License-Identifier: Apache-2.0
// What tells pvbench's JSON from other text; docs/pvbench.md describes the rest.
#pragma once

namespace pvbench {

inline constexpr char schema[] = "tenon-pvbench-1";
/// The lines around the JSON on a console, where the kernel's messages may stand before and behind it.
inline constexpr char json_begin[] = "-----BEGIN PVBENCH JSON-----";
inline constexpr char json_end[] = "-----END PVBENCH JSON-----";

}  // namespace pvbench
