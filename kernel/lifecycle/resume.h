// SPDX-License-Identifier: Apache-2.0
// Going on after a pause: the program hears that time has jumped.
#pragma once

#include "kernel/base/result.h"
#include "kernel/time/clock.h"

namespace tenon {

/// What a program does about it (userland/include/tenon/lifecycle.h), on a thread of its own.
struct ResumeHandler {
    void (*resumed)(void* context);
    void* context;
    Nanoseconds limit;  ///< a call that takes longer is told on the console
};

/// Once; a second call is refused. The handler is called when Platform::clock_generation() has changed since: the
/// hypervisor asks to look (abi::control_request::clock_jumped). Several pauses during one call are followed by one
/// more call. Errors: busy, no_memory.
[[nodiscard]] Result<> set_resume_handler(const ResumeHandler& handler);

}  // namespace tenon
