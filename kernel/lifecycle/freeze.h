// SPDX-License-Identifier: Apache-2.0
// Freezing: the program brings what it stores into a state that a copy of the disk may be taken of, and waits.
#pragma once

#include <cstdint>

#include "kernel/base/result.h"
#include "kernel/time/clock.h"

namespace tenon {

/// What a program does about it (userland/include/tenon/lifecycle.h). Both run on a thread of their own.
struct FreezeHandlers {
    bool (*freeze)(void* context);  ///< false: it cannot
    void (*thaw)(void* context);
    void* context;
    Nanoseconds limit;  ///< for each of them
};

/// Once; a second call is refused. Errors: busy, no_memory.
[[nodiscard]] Result<> set_freeze_handlers(const FreezeHandlers& handlers);

/// Asks the program to freeze, and waits for that. Returns how many handlers have frozen: 0 if the program has none.
/// Errors: timed_out (the handler is still at it, and is thawed when it comes back), not_supported (it said no), busy
/// (it has not come back from an earlier time).
[[nodiscard]] Result<std::uint32_t> freeze_program();
/// The same for thawing. Errors: timed_out.
[[nodiscard]] Result<std::uint32_t> thaw_program();

}  // namespace tenon
