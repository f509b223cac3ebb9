// SPDX-License-Identifier: Apache-2.0
// Sentences about events.
#include "hv/cli/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "hv/cli/machine_client.h"
#include "hv/core/printable.h"
#include "hv/core/utc_time.h"

namespace hv {

namespace {

std::string time_text(const Json& event) {
    const auto time = event.find("time");
    const double seconds = time != event.end() && time->is_number() ? time->get<double>() : 0;
    // A number that no time has is the last one there is.
    return utc_text(static_cast<std::int64_t>(std::clamp(std::round(seconds * 1000), 0.0, 1e15)));
}

/// `before`, the field's value and `after`; nothing where it is missing.
std::string with(const Json& event, const char* field, std::string_view before, std::string_view after = "") {
    const auto found = event.find(field);
    if (found == event.end()) return {};
    return fmt::format("{}{}{}", before, found->is_string() ? found->get<std::string>() : found->dump(), after);
}

std::string ended_text(const Json& event) {
    return with(event, "exit_code", "ended with exit code ") + with(event, "reason", " (", ")") +
           with(event, "stop", ", stopped at the step ");
}

/// What happened, from its name and fields.
std::string sentence(const Json& event) {
    std::string name = text_of(event, "event");
    if (name == "created") return "created" + with(event, "image", " from ");
    if (name == "started") return "started" + with(event, "accelerator", " on ");
    if (name == "restarted")
        return "started again" + with(event, "accelerator", " on ") + with(event, "restarts", ", restart ") +
               with(event, "reboot", ", for a reboot at the step ");
    if (name == "ready") return "the program is ready";
    if (name == "shutdown-asked") return "the guest was asked to shut down";
    if (name == "reboot-asked") return "the guest was asked to reboot";
    if (name == "stop-asked") return "asked to stop" + with(event, "step", ", at the step ");
    if (name == "crashed") return "crashed" + with(event, "reason", ": ");
    if (name == "ended") return ended_text(event);
    return name;
}

}  // namespace

std::string event_text(const Json& event) {
    return printable(fmt::format("{} {}: {}{}", time_text(event), text_of(event, "machine"), sentence(event),
                                 with(event, "suppressed", "; ", " events before it were not logged")));
}

}  // namespace hv
