// SPDX-License-Identifier: Apache-2.0
// A program that can be frozen, or will not be, or takes its time.
#pragma once

#include <string_view>

/// `how` is "well", "refuses" or "late". Does not return.
[[noreturn]] void be_frozen(std::string_view how);
