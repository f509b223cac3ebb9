// SPDX-License-Identifier: Apache-2.0
// tenon/lifecycle.h.
#include <tenon/lifecycle.h>

#include <atomic>
#include <cerrno>

#include "kernel/lifecycle/freeze.h"

namespace {

constexpr unsigned longest_limit_ms = 30'000;
constinit tenon_freeze_handlers program_handlers{};

}  // namespace

extern "C" int tenon_set_freeze_handlers(const tenon_freeze_handlers* handlers) {
    if (handlers->freeze == nullptr || handlers->thaw == nullptr || handlers->limit_ms == 0 ||
        handlers->limit_ms > longest_limit_ms)
        return EINVAL;
    static constinit std::atomic<bool> taken = false;
    if (taken.exchange(true)) return EBUSY;
    program_handlers = *handlers;
    const auto set = tenon::set_freeze_handlers(
        {.freeze = [](void*) { return program_handlers.freeze(program_handlers.context) == 0; },
         .thaw = [](void*) { program_handlers.thaw(program_handlers.context); },
         .context = nullptr,
         .limit = tenon::Nanoseconds{program_handlers.limit_ms} * 1'000'000});
    if (set) return 0;
    taken.store(false);
    return set.error() == tenon::Error::busy ? EBUSY : ENOMEM;
}
