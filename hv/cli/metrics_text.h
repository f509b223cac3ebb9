// SPDX-License-Identifier: Apache-2.0
// Machines as Prometheus reads them.
#pragma once

#include <span>
#include <string>

#include "hv/supervise/machine_list.h"

namespace hv {

/// The text exposition format 0.0.4, with HELP and TYPE from api/statistics.h: tenon_up and, of machines that answer,
/// every number of /stats, labelled with the machine's name, and the disk's where it is of one. Names are bounded by
/// what hv counts: a guest adds none.
[[nodiscard]] std::string metrics_text(std::span<const MachineView> machines);

}  // namespace hv
