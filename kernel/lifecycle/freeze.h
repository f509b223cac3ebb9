// SPDX-License-Identifier: Apache-2.0
// Freezing: the program makes its files consistent, so that the disk can be copied, and waits.
#pragma once

#include <cstdint>

#include "kernel/base/result.h"
#include "kernel/time/clock.h"

namespace tenon {

/// The program's handlers (userland/include/tenon/lifecycle.h). They run on a thread of their own.
struct FreezeHandlers {
    bool (*freeze)(void* context);  ///< false: the program cannot freeze
    void (*thaw)(void* context);
    void* context;
    Nanoseconds limit;  ///< for each call
};

/// Can be called once. Errors: busy (there are handlers), no_memory.
[[nodiscard]] Result<> set_freeze_handlers(const FreezeHandlers& handlers);

/// Asks the program to freeze, and waits for it. Returns how many handlers have frozen: 0 if the program has none.
/// Errors: timed_out (the handler still runs; the program is thawed when it returns), not_supported (the handler
/// refused), busy (the handler has not returned from an earlier call).
[[nodiscard]] Result<std::uint32_t> freeze_program();
/// The same for thawing. Errors: timed_out.
[[nodiscard]] Result<std::uint32_t> thaw_program();

}  // namespace tenon
