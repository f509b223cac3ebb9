// SPDX-License-Identifier: Apache-2.0
// Actions at a machine's end.
#pragma once

#include <string_view>

#include "hv/core/error.h"

namespace hv {

enum class Restart { no, on_failure, always };
/// The action after a crash: the machine ends (and may be started again by Restart), it is started again in any case,
/// or the guest stays as it is for a debugger.
enum class OnCrash { exit, restart, preserve };

struct LifecycleConfig {
    Restart restart = Restart::no;
    OnCrash on_crash = OnCrash::exit;
    bool remove = false;  ///< nothing is kept of a detached machine that has ended
    bool operator==(const LifecycleConfig&) const = default;
};

/// "no", "on-failure", "always". Errors: usage.
Result<Restart> parse_restart(std::string_view text);
[[nodiscard]] const char* restart_name(Restart restart);
/// "exit", "restart", "preserve". Errors: usage.
Result<OnCrash> parse_on_crash(std::string_view text);
[[nodiscard]] const char* on_crash_name(OnCrash on_crash);

}  // namespace hv
