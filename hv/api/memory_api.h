// SPDX-License-Identifier: Apache-2.0
// The control socket's paths about memory: Firecracker's /balloon, and our /memory.
#pragma once

#include "hv/api/machine_api.h"
#include "hv/core/json_section.h"

namespace hv {

HttpResponse get_balloon(const HttpRequest& request, MachineControl& machine);
HttpResponse put_balloon(const HttpRequest& request, MachineControl& machine);
HttpResponse patch_balloon(const HttpRequest& request, MachineControl& machine);
HttpResponse get_balloon_statistics(const HttpRequest& request, MachineControl& machine);
HttpResponse patch_balloon_statistics(const HttpRequest& request, MachineControl& machine);
HttpResponse start_balloon_hinting(const HttpRequest& request, MachineControl& machine);
HttpResponse get_balloon_hinting(const HttpRequest& request, MachineControl& machine);
HttpResponse stop_balloon_hinting(const HttpRequest& request, MachineControl& machine);

HttpResponse get_memory(const HttpRequest& request, MachineControl& machine);
HttpResponse put_memory_reclaim(const HttpRequest& request, MachineControl& machine);
HttpResponse put_memory_page_out(const HttpRequest& request, MachineControl& machine);

/// The guest's counters by their names.
[[nodiscard]] Json memory_counters_of(const MachineControl& machine);

/// Of all processes of the machine; null where the host does not say.
[[nodiscard]] Json resident_of(const MachineControl& machine);

/// Asks for fresh statistics where the last are older than a second; the answer comes later.
void refresh_statistics(BalloonDevice& balloon);
/// Of the last statistics, in ms; nothing while none have come.
[[nodiscard]] std::optional<std::uint64_t> statistics_age_ms(const BalloonDevice& balloon);

}  // namespace hv
