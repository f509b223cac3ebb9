// SPDX-License-Identifier: Apache-2.0
// What commands print.
#pragma once

#include <string_view>

#include "hv/core/error.h"

namespace hv {

/// To standard output, at once. Errors: those of the host, naming standard output.
Result<> print(std::string_view text);

}  // namespace hv
