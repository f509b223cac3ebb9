// SPDX-License-Identifier: Apache-2.0
// Whether a machine that ended is started again, and when.
#pragma once

#include <cstdint>
#include <optional>

#include "hv/machine/lifecycle_config.h"

namespace hv {

/// How a machine ended, as far as that matters here.
struct MachineEnding {
    enum class Kind { shut_down, reboot, crashed, failed };
    Kind kind;
    int exit_code;
    bool asked = false;  ///< reboot: by somebody who waits for it
};

/// Starts come at once as long as machines live for a while, and ever later when they do not: 0, 0.1, 0.2, 0.4 s, up to
/// a minute.
class RestartPolicy {
public:
    static constexpr std::uint64_t first_delay_ns = 100'000'000;
    static constexpr std::uint64_t longest_delay_ns = 60'000'000'000;
    /// A machine that ran this long is well: its next failure counts as the first one.
    static constexpr std::uint64_t healthy_after_ns = 10'000'000'000;

    RestartPolicy(Restart restart, OnCrash on_crash) : restart_(restart), on_crash_(on_crash) {}

    /// From now on nothing is started again: somebody asked the machine to end.
    void forbid() { forbidden_ = true; }
    void allow() { forbidden_ = false; }
    /// The delay before the next start, in ns; nothing: the machine is over. A reboot that was asked for comes at once.
    [[nodiscard]] std::optional<std::uint64_t> after(const MachineEnding& ending, std::uint64_t ran_for_ns);

private:
    [[nodiscard]] bool wanted(const MachineEnding& ending) const;

    Restart restart_;
    OnCrash on_crash_;
    bool forbidden_ = false;
    std::uint64_t next_delay_ns_ = 0;
};

}  // namespace hv
