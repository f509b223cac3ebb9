// SPDX-License-Identifier: Apache-2.0
// Commands about the machine as a whole: time, shutdown, names.
#include "tools-agent/commands/all.h"

namespace tenon::tools {

Reply get_time(Context& context, const Json&) { return Json(context.guest.real_time()); }

Reply set_time(Context& context, const Json& arguments) {
    const auto time = arguments.find("time");
    if (time == arguments.end()) {
        context.guest.take_host_time();
        return Json::object();
    }
    const auto nanoseconds = time->get<std::int64_t>();
    if (nanoseconds < 0) return failure("Parameter 'time' is negative: it counts nanoseconds since 1970");
    context.guest.set_real_time(static_cast<Nanoseconds>(nanoseconds));
    return Json::object();
}

Reply get_clock(Context& context, const Json&) {
    const ClockInformation clock = context.guest.clock();
    Json reply{{"source", clock.source}, {"generation", clock.generation}, {"wall-clock", clock.wall_clock}};
    if (const auto& known = clock.synchronisation) {
        Json sntp{{"answers", known->answers}, {"refused", known->refused}, {"silent", known->silent}};
        if (known->last_refusal != nullptr) sntp["last-refusal"] = known->last_refusal;
        if (known->answers != 0) {
            sntp["server"] = known->server.data();
            sntp["offset-ns"] = known->offset;
            sntp["round-trip-ns"] = known->round_trip;
            sntp["age-ns"] = context.guest.monotonic_time() - known->at;
        }
        reply["sntp"] = std::move(sntp);
    }
    return reply;
}

Reply shut_down(Context& context, const Json& arguments) {
    const std::string mode = arguments.value("mode", std::string("powerdown"));
    // "halt" powers off: a halted machine would only keep its memory.
    if (mode == "powerdown" || mode == "halt")
        context.guest.shut_down(ShutdownMode::power_off);
    else if (mode == "reboot")
        context.guest.shut_down(ShutdownMode::reboot);
    else
        return failure("Invalid parameter 'mode': '" + mode + "' is not one of powerdown, halt, reboot");
    return Json();
}

Reply get_host_name(Context& context, const Json&) { return Json{{"host-name", context.guest.system().host_name}}; }

Reply get_os_information(Context& context, const Json&) {
    const SystemInformation system = context.guest.system();
    return Json{{"id", "tenon"},
                {"name", "Tenon"},
                {"pretty-name", "Tenon " + system.version},
                {"version", system.version},
                {"version-id", system.version},
                {"kernel-release", system.version},
                {"kernel-version", system.platform},
                {"machine", "x86_64"},
                {"variant", system.image},
                {"variant-id", system.image}};
}

Reply get_time_zone(Context&, const Json&) { return Json{{"zone", "UTC"}, {"offset", 0}}; }

/// There are no users, so no one is logged in.
Reply get_users(Context&, const Json&) { return Json::array(); }

Reply get_versions(Context& context, const Json&) {
    const SystemInformation system = context.guest.system();
    return Json{{"tenon", system.version},
                {"image", system.image},
                {"platform", system.platform},
                {"hypercall-abi", system.abi_version},
                {"protocol", protocol_version}};
}

}  // namespace tenon::tools
