// SPDX-License-Identifier: Apache-2.0
// Restarts with exponential back-off.
#include "hv/supervise/restart_policy.h"

#include <algorithm>

namespace hv {

bool RestartPolicy::wanted(const MachineEnding& ending) const {
    if (forbidden_) return false;
    switch (ending.kind) {
        case MachineEnding::Kind::reboot: return true;
        case MachineEnding::Kind::crashed: return on_crash_ == OnCrash::restart || restart_ != Restart::no;
        case MachineEnding::Kind::failed: return restart_ != Restart::no;
        case MachineEnding::Kind::shut_down:
            return restart_ == Restart::always || (restart_ == Restart::on_failure && ending.exit_code != 0);
    }
    return false;
}

std::optional<std::uint64_t> RestartPolicy::after(const MachineEnding& ending, std::uint64_t ran_for_ns) {
    if (!wanted(ending)) return std::nullopt;
    if (ending.kind == MachineEnding::Kind::reboot && ending.asked) return 0;
    if (ran_for_ns >= healthy_after_ns) next_delay_ns_ = 0;
    const std::uint64_t delay = next_delay_ns_;
    next_delay_ns_ = std::clamp(delay * 2, first_delay_ns, longest_delay_ns);
    return delay;
}

}  // namespace hv
