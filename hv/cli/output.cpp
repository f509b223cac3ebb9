// SPDX-License-Identifier: Apache-2.0
// Standard output that may not take it.
#include "hv/cli/output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "hv/core/errno_kind.h"

namespace hv {

Result<> print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return {};
    return fail(errno_kind(errno), fmt::format("standard output cannot be written: {}", std::strerror(errno)));
}

}  // namespace hv
