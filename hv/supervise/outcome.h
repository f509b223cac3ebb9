// SPDX-License-Identifier: Apache-2.0
// How a life of a machine ended, from what its hv said last and how that process ended.
#pragma once

#include <optional>
#include <string>

#include "hv/machine/notice.h"
#include "hv/supervise/restart_policy.h"
#include "hv/supervise/worker_process.h"

namespace hv {

struct Outcome {
    MachineEnding ending;
    std::string reason;  ///< for a person
    /// The guest was killed through its hv: it is not started again.
    bool killed = false;
};

/// `last_words`: the notice `ended`, if the worker could send it.
[[nodiscard]] Outcome outcome_of(const std::optional<Notice>& last_words, WorkerProcess::End death);

}  // namespace hv
