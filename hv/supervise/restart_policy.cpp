// SPDX-License-Identifier: Apache-2.0
// Restarts with exponential back-off.
#include "hv/supervise/restart_policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace hv {

Result<Restart> parse_restart(std::string_view text) {
    if (text == "no") return Restart::no;
    if (text == "on-failure") return Restart::on_failure;
    if (text == "always") return Restart::always;
    return fail(ErrorKind::usage, fmt::format("--restart '{}': not no, on-failure or always", text));
}

Result<OnCrash> parse_on_crash(std::string_view text) {
    if (text == "exit") return OnCrash::exit;
    if (text == "restart") return OnCrash::restart;
    if (text == "preserve") return OnCrash::preserve;
    return fail(ErrorKind::usage, fmt::format("--on-crash '{}': not exit, restart or preserve", text));
}

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
