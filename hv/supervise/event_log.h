// SPDX-License-Identifier: Apache-2.0
// Events of a user's machines: a JSON line for each, in one bounded file.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hv/core/token_bucket.h"
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

/// The event that a notice tells of, as far as a machine's hv alone knows it.
struct NoticeEvent {
    const char* event;
    EventFields fields;
    bool by_guest;  ///< a guest causes it, as often as it likes
};
[[nodiscard]] NoticeEvent event_of(const Notice& notice);
/// Logs the notices of a machine, in a process that may later open no file in `base`.
[[nodiscard]] NoticeListener notice_log(const std::string& base);

/// The events that one machine's guest causes, life after life: the log is all machines', and not its to fill. A
/// hundred at once, and one every quarter of a minute from then on; the next one that is logged says in its field
/// `suppressed` how many were left out.
class GuestEvents {
public:
    GuestEvents(std::string base, std::string machine) : base_(std::move(base)), machine_(std::move(machine)) {}
    /// `now_ns` never goes back.
    void log(std::uint64_t now_ns, std::string_view event, EventFields fields);
    /// The last one of all is not left out.
    void log_last(std::string_view event, EventFields fields);

private:
    std::string base_;
    std::string machine_;
    TokenBucket allowed_{{.size = 100, .refill_ns = 100 * 15'000'000'000}};
    std::uint64_t suppressed_ = 0;
};

}  // namespace hv
