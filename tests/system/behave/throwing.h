// SPDX-License-Identifier: Apache-2.0
// Exceptions of the system tests that no handler catches.
#pragma once

/// Throws from two functions below the caller; with `where` = "noexcept" the second one may not throw.
int throw_from(const char* where);
