// SPDX-License-Identifier: Apache-2.0
// Events as JSON lines.
#include "hv/supervise/event_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "hv/core/text.h"
#include "hv/supervise/machine_record.h"
#include "hv/supervise/outcome.h"
#include "hv/supervise/shared_log.h"

namespace hv {

std::string event_line(double time, std::string_view machine, std::string_view event, const EventFields& fields) {
    using Json = nlohmann::ordered_json;
    Json json = {{"time", time}, {"machine", machine}, {"event", event}};
    for (const auto& [key, value] : fields) {
        if (const auto number = parse_number(value))
            json[key] = *number;
        else
            json[key] = value;
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void log_event(const std::string& base, std::string_view machine, std::string_view event, const EventFields& fields) {
    append_to_shared_log(base + "/" + event_file, event_line(wall_clock_seconds(), machine, event, fields));
}

void log_notice(const std::string& base, std::string_view machine, const Notice& notice) {
    switch (notice.kind) {
        case Notice::Kind::ready: return log_event(base, machine, "ready");
        case Notice::Kind::paused: return log_event(base, machine, "paused");
        case Notice::Kind::resumed: return log_event(base, machine, "resumed");
        case Notice::Kind::shutdown_asked: return log_event(base, machine, "shutdown-asked");
        case Notice::Kind::reboot_asked: return log_event(base, machine, "reboot-asked");
        case Notice::Kind::crashed: return log_event(base, machine, "crashed", {{"reason", notice.text}});
        case Notice::Kind::started: return log_event(base, machine, "started", {{"accelerator", notice.text}});
        case Notice::Kind::ended: break;
    }
    log_event(base, machine, "ended",
              {{"exit_code", fmt::format("{}", notice.exit_code)},
               {"reason", outcome_of(notice, {.exit_code = notice.exit_code, .signal = 0}).reason}});
}

}  // namespace hv
