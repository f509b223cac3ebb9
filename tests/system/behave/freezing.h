// SPDX-License-Identifier: Apache-2.0
// A program that can be frozen, or refuses, or is late.
#pragma once

#include <string_view>

/// `how` is "well", "refuses" or "late". Does not return.
[[noreturn]] void be_frozen(std::string_view how);
