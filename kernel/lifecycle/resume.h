// SPDX-License-Identifier: Apache-2.0
// After a pause: tells the program that time has jumped.
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

/// Can be called once. The handler is called whenever Platform::clock_generation() has changed; the hypervisor tells
/// the guest to look (abi::control_request::resumed). Several pauses during one call lead to one more call. Errors:
/// busy (there is a handler), no_memory.
[[nodiscard]] Result<> set_resume_handler(const ResumeHandler& handler);

}  // namespace tenon
