// SPDX-License-Identifier: Apache-2.0
// Events as JSON lines.
#include "hv/supervise/event_log.h"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "hv/core/host_clock.h"
#include "hv/core/printable.h"
#include "hv/core/text.h"
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
            json[key] = printable(value);
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void log_event(const std::string& base, std::string_view machine, std::string_view event, const EventFields& fields) {
    append_to_shared_log(base + "/" + event_file, event_line(host_realtime_seconds(), machine, event, fields));
}

NoticeEvent event_of(const Notice& notice) {
    switch (notice.kind) {
        case Notice::Kind::ready: return {"ready", {}, true};
        case Notice::Kind::paused: return {"paused", {}, false};
        case Notice::Kind::resumed: return {"resumed", {}, false};
        case Notice::Kind::shutdown_asked: return {"shutdown-asked", {}, false};
        case Notice::Kind::reboot_asked: return {"reboot-asked", {}, false};
        case Notice::Kind::crashed: return {"crashed", {{"reason", notice.text}}, true};
        case Notice::Kind::started: return {"started", {{"accelerator", notice.text}}, true};
        case Notice::Kind::ended: break;
    }
    return {"ended",
            {{"exit_code", fmt::format("{}", notice.exit_code)},
             {"reason", outcome_of(notice, {.exit_code = notice.exit_code, .signal = 0}).reason}},
            true};
}

NoticeListener notice_log(const std::string& base) {
    const auto log = std::make_shared<const OpenSharedLog>(base + "/" + event_file);
    return [log](const std::string& machine, const Notice& notice) {
        const NoticeEvent event = event_of(notice);
        log->append(event_line(host_realtime_seconds(), machine, event.event, event.fields));
    };
}

void GuestEvents::log(std::uint64_t now_ns, std::string_view event, EventFields fields) {
    if (allowed_.take(now_ns))
        log_last(event, std::move(fields));
    else
        ++suppressed_;
}

void GuestEvents::log_last(std::string_view event, EventFields fields) {
    if (suppressed_ != 0) fields.emplace_back("suppressed", fmt::format("{}", std::exchange(suppressed_, 0)));
    log_event(base_, machine_, event, fields);
}

}  // namespace hv
