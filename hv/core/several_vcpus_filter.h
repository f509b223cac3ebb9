// SPDX-License-Identifier: Apache-2.0
// What hv's filter allows for the threads of several vCPUs (confine_filter.h has one thread's place for them).
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <span>
#include <vector>

namespace hv {

/// To be put ahead of a filter: allows binding each of `threads`, at most 32, to CPUs, and the ptrace requests that
/// read its registers. It leaves all other calls to the filter behind it.
[[nodiscard]] std::vector<sock_filter> several_vcpus_filter(std::span<const pid_t> threads);

}  // namespace hv
