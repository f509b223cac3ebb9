// SPDX-License-Identifier: Apache-2.0
// The orderly ways to end a program: each is a run of its own.
#pragma once

namespace conformance {

/// Returns only for ways that end by a return from main().
int end(const char* way);

}  // namespace conformance
