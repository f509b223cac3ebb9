// SPDX-License-Identifier: Apache-2.0
// All that can be found out about one machine.
#pragma once

#include <nlohmann/json.hpp>

#include "hv/supervise/machine_list.h"

namespace hv {

/// Of one that has ended, what is kept; of one that does not answer, what its directory says; of one that runs, what
/// its hv and its guest's agent say too: they have a second and a half together, and what they do not say is absent.
[[nodiscard]] nlohmann::ordered_json machine_info(const MachineView& view);

}  // namespace hv
