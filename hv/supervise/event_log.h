// SPDX-License-Identifier: Apache-2.0
// What happened to the machines of a user: a JSON line for each event, in one bounded file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hv/machine/notice.h"

namespace hv {

/// Beside the machines, where no machine's name can be.
inline constexpr char event_file[] = ".events";

/// Further fields of an event; numbers are given as JSON numbers.
using EventFields = std::vector<std::pair<std::string, std::string>>;

/// One line: time (seconds since 1970), machine, event, then the fields.
[[nodiscard]] std::string event_line(double time, std::string_view machine, std::string_view event,
                                     const EventFields& fields);

/// Appends an event to the file in `base` (shared_log.h). One that cannot be written is lost.
void log_event(const std::string& base, std::string_view machine, std::string_view event,
               const EventFields& fields = {});

/// The event that `notice` tells of, as far as a machine's hv alone knows it.
void log_notice(const std::string& base, std::string_view machine, const Notice& notice);

}  // namespace hv
