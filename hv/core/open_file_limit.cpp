// SPDX-License-Identifier: Apache-2.0
// RLIMIT_NOFILE.
#include "hv/core/open_file_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace hv {

namespace {

/// Twice what a machine with eight disks and a network has open; the rest is for clients.
constexpr rlim_t needed = 128;

}  // namespace

Result<> raise_open_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return {};
    limit.rlim_cur = needed;
    if (limit.rlim_max >= needed && setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
    return fail(ErrorKind::host_lacks,
                fmt::format("a process may have {} files open here, a machine needs {} (ulimit -n)",
                            static_cast<std::uint64_t>(limit.rlim_max), static_cast<std::uint64_t>(needed)));
}

}  // namespace hv
