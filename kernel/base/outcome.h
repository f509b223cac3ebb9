// SPDX-License-Identifier: Apache-2.0
// Results with one of <errno.h>'s numbers: of file systems, and of what programs call.
#pragma once

#include <errno.h>

#include <expected>

#include "kernel/base/result.h"

namespace tenon {

/// One of <errno.h>'s values.
struct Errno {
    int code;
};

template <typename T = void>
using Outcome = std::expected<T, Errno>;

[[nodiscard]] constexpr std::unexpected<Errno> fail_with(int code) { return std::unexpected(Errno{code}); }

}  // namespace tenon
