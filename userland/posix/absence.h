// SPDX-License-Identifier: Apache-2.0
// What a program asks for and the machine does not have.
#pragma once

namespace tenon::posix {

/// Says on the console that `function` (a literal) is not there: once for each, for the first 64 of them.
void tell_absent(const char* function);

}  // namespace tenon::posix
