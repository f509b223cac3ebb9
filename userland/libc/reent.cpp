// SPDX-License-Identifier: Apache-2.0
// Newlib's state per thread (errno, strtok, random numbers, conversion buffers): in thread-local memory.
#include <reent.h>

namespace {

// _REENT_INIT names its own variable only for streams, which are global here; so every thread starts from one constant.
// Aligned to a cache line, as threads write theirs (errno) at the same time.
alignas(64) constinit thread_local _reent state = _REENT_INIT(state);

}  // namespace

extern "C" _reent* __getreent() { return &state; }
