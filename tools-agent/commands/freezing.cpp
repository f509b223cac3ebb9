// SPDX-License-Identifier: Apache-2.0
// Commands that freeze the program for a consistent copy, and thaw it.
#include "tools-agent/commands/all.h"

namespace tenon::tools {

namespace {

std::unexpected<CommandError> failure_of(FreezeFailure why, const char* what) {
    const std::string handler = std::string("the program's ") + what + " handler ";
    switch (why) {
        case FreezeFailure::refused: return failure(handler + "refused");
        case FreezeFailure::too_slow: return failure(handler + "took longer than its time limit");
        case FreezeFailure::busy: return failure("the program's handler has not returned from the last freeze or thaw");
    }
    return failure(handler + "failed");
}

}  // namespace

Reply freeze_status(Context& context, const Json&) { return Json(context.freeze.frozen() ? "frozen" : "thawed"); }

/// Returns the number of handlers that have frozen, not of file systems, which are read-only.
Reply freeze(Context& context, const Json&) {
    const auto frozen = context.freeze.freeze(context.guest);
    if (!frozen) return failure_of(frozen.error(), "freeze");
    return Json(*frozen);
}

Reply thaw(Context& context, const Json&) {
    const auto thawed = context.freeze.thaw(context.guest);
    if (!thawed) return failure_of(thawed.error(), "thaw");
    return Json(*thawed);
}

Reply get_freeze(Context& context, const Json&) {
    return Json{{"status", context.freeze.frozen() ? "frozen" : "thawed"},
                {"limit-ms", Freeze::longest / 1'000'000},
                {"thawed-by-itself", context.freeze.thawed_by_itself()}};
}

}  // namespace tenon::tools
