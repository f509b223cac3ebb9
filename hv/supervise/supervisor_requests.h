// SPDX-License-Identifier: Apache-2.0
// The supervisor's control socket, from both sides: it gets each step of a stop or reboot before the step is taken.
//
//   PUT /stop     {"step": "event"|"agent"}                      the machine is asked to end: it is not started again
//   PUT /kill     {}                                             and is ended at once
//   PUT /reboot   {"step": "event"|"agent", "within_ms": N}      if it ends within this time, it is started anew
//   PUT /restart  {}                                             it is ended at once and started anew
//   PATCH /network-interfaces/ID                                 limits, as the machine takes them: for its next lives
//   PATCH /cpu                                                   the same for CPU time
//
// Reboot and restart are answered by {"restarts": N}: what the machine's record counts when it is started anew. A step
// names who is asked now; the record and the events say at which one the machine ended.
#pragma once

#include <cstdint>
#include <string>

#include "hv/api/http_request.h"
#include "hv/core/error.h"
#include "hv/core/json_section.h"

namespace hv {

/// The steps of ending a machine.
inline constexpr char step_event[] = "event";
inline constexpr char step_agent[] = "agent";
inline constexpr char step_kill[] = "kill";
inline constexpr char step_restart[] = "restart";

/// A request, checked.
struct SupervisorRequest {
    enum class What { stop, kill, reboot, restart } what;
    std::string step;
    std::uint64_t within_ms = 0;  ///< reboot

    static constexpr std::uint64_t longest_ms = 2 * 24 * 3600 * 1000ULL;
    /// Errors: not_found (no such path), usage (another method, or another body).
    static Result<SupervisorRequest> parse(const HttpRequest& request);
};

/// Each talks to the supervisor of the machine in `directory`, for a second at most. Errors: not_found (the machine has
/// none), internal (it does not answer).
Result<> tell_stop(const std::string& directory, const char* step);
Result<> tell_kill(const std::string& directory);
/// The count of restarts to wait for.
Result<std::uint64_t> tell_reboot(const std::string& directory, const char* step, std::uint64_t within_ms);
Result<std::uint64_t> tell_restart(const std::string& directory);
/// `path` and `limits`: those of the request to the machine.
Result<> tell_limits(const std::string& directory, const std::string& path, const Json& limits);

}  // namespace hv
