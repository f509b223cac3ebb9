// SPDX-License-Identifier: Apache-2.0
// tenon/lifecycle.h: pauses.
#include <tenon/lifecycle.h>

#include <cerrno>

#include "kernel/lifecycle/resume.h"

extern "C" int tenon_set_resume_handler(const tenon_resume_handler* handler) {
    constexpr unsigned longest_limit_ms = 30'000;
    if (handler->resumed == nullptr || handler->limit_ms == 0 || handler->limit_ms > longest_limit_ms) return EINVAL;
    const auto set = tenon::set_resume_handler({.resumed = handler->resumed,
                                                .context = handler->context,
                                                .limit = tenon::Nanoseconds{handler->limit_ms} * 1'000'000});
    if (set) return 0;
    return set.error() == tenon::Error::busy ? EBUSY : ENOMEM;
}
