// SPDX-License-Identifier: Apache-2.0
// From a guest's end to the exit code of hv.
#include "hv/machine/exit_code.h"

#include <fmt/format.h>

#include "hv/core/error.h"
#include "hv/core/log.h"

namespace hv {

int exit_code_of(const GuestEnd& end, const std::string& machine, bool restarts) {
    switch (end.kind) {
        case GuestEnd::Kind::shut_down:
            if (end.exit_code >= 0 && end.exit_code <= last_guest_exit_code) return end.exit_code;
            log_line(
                fmt::format("machine '{}': for the guest's exit code {}, hv exits with {} (higher codes are hv's own)",
                            machine, end.exit_code, last_guest_exit_code));
            return last_guest_exit_code;
        case GuestEnd::Kind::reboot:
            log_line(fmt::format("machine '{}': the guest asked for a reboot{}", machine,
                                 restarts ? "" : "; hv does not start it again (use hv run --restart or -d)"));
            return 0;
        case GuestEnd::Kind::crashed: return static_cast<int>(ErrorKind::guest_crash);
        case GuestEnd::Kind::killed:
            log_line(fmt::format("machine '{}' was killed{}{}", machine, end.reason.empty() ? "" : ": ", end.reason));
            return static_cast<int>(ErrorKind::killed);
    }
    return static_cast<int>(ErrorKind::internal);
}

}  // namespace hv
