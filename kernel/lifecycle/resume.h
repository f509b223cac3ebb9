// SPDX-License-Identifier: Apache-2.0
// Notifies the program after a pause that time has jumped.
#pragma once

#include "kernel/base/result.h"
#include "kernel/time/clock.h"

namespace tenon {

/// The program's handler (userland/include/tenon/lifecycle.h). It runs on a thread of its own.
struct ResumeHandler {
    void (*resumed)(void* context);
    void* context;
    Nanoseconds limit;  ///< a longer call is reported on the console
};

/// Once; a second call is refused. The handler is called when Platform::clock_generation() has changed since: the
/// hypervisor asks to look (abi::control_request::clock_jumped). Several pauses during one call are followed by one
/// more call. Errors: busy, no_memory.
[[nodiscard]] Result<> set_resume_handler(const ResumeHandler& handler);

}  // namespace tenon
