// SPDX-License-Identifier: Apache-2.0
// From notices and exit statuses to outcomes.
#include "hv/supervise/outcome.h"

#include <fmt/format.h>

#include "hv/core/printable.h"

namespace hv {

Outcome outcome_of(const std::optional<Notice>& last_words, WorkerProcess::End death) {
    using Kind = MachineEnding::Kind;
    const auto ended = [&](Kind kind, std::string reason) {
        return Outcome{.ending = {.kind = kind, .exit_code = death.exit_code}, .reason = std::move(reason)};
    };
    if (death.signal != 0) return ended(Kind::failed, fmt::format("its hv was ended by signal {}", death.signal));
    if (!last_words) return ended(Kind::failed, "it could not be started");
    switch (last_words->end) {
        case GuestEnd::Kind::shut_down: return ended(Kind::shut_down, "the guest shut down");
        case GuestEnd::Kind::reboot: return ended(Kind::reboot, "the guest rebooted");
        case GuestEnd::Kind::crashed: return ended(Kind::crashed, printable(last_words->text));
        case GuestEnd::Kind::killed: break;
    }
    Outcome killed = ended(Kind::failed, last_words->text[0] != '\0' ? printable(last_words->text) : "killed");
    killed.killed = true;
    return killed;
}

}  // namespace hv
