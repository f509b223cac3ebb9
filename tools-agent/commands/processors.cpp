// SPDX-License-Identifier: Apache-2.0
// Commands about processors and the threads that run on them.
#include "tools-agent/commands/all.h"

namespace tenon::tools {

namespace {
constexpr Nanoseconds millisecond = 1'000'000;
}

Reply get_vcpus(Context& context, const Json&) {
    Json list = Json::array();
    for (std::uint32_t vcpu = 0; vcpu < context.guest.processor_count(); ++vcpu)
        list.push_back({{"logical-id", vcpu}, {"online", true}, {"can-offline", false}});
    return list;
}

/// Returns how many vCPUs of the list have the wanted state; an error only if the first one cannot have it.
Reply set_vcpus(Context& context, const Json& arguments) {
    std::int64_t done = 0;
    for (const Json& vcpu : arguments.at("vcpus")) {
        if (!vcpu.is_object() || !vcpu.contains("logical-id") || !vcpu.contains("online") ||
            !vcpu["logical-id"].is_number_integer() || !vcpu["online"].is_boolean())
            return failure("Parameter 'vcpus' needs members 'logical-id', an integer, and 'online', a boolean");
        const auto number = vcpu["logical-id"].get<std::int64_t>();
        const bool exists = number >= 0 && number < static_cast<std::int64_t>(context.guest.processor_count());
        if (exists && vcpu["online"].get<bool>()) {
            ++done;
            continue;
        }
        if (done != 0) break;
        const std::string name = "vCPU " + std::to_string(number);
        return failure(exists ? name + " cannot be taken offline" : "There is no " + name);
    }
    return Json(done);
}

Reply get_processor_statistics(Context& context, const Json&) {
    const ProcessorTimes times = context.guest.processor_times();
    // The protocol has no type but "linux". There is no user mode: the program's threads count as "user", those of
    // network and agent as "system".
    return Json::array({Json{{"type", "linux"},
                             {"cpu", 0},
                             {"user", times.program / millisecond},
                             {"nice", 0},
                             {"system", times.system / millisecond},
                             {"idle", times.idle / millisecond}}});
}

Reply get_load(Context& context, const Json&) {
    context.load.sample(context.guest.monotonic_time(), context.guest.processor_times());
    const auto& [one, five, fifteen] = context.load.averages();
    return Json{{"load1m", one}, {"load5m", five}, {"load15m", fifteen}};
}

Reply get_threads(Context& context, const Json&) {
    Json list = Json::array();
    for (const ThreadInformation& thread : context.guest.threads())
        list.push_back({{"id", thread.id},
                        {"name", thread.name},
                        {"state", thread.state},
                        {"priority", thread.priority},
                        {"stack-bytes", thread.stack_size},
                        {"cpu-ms", thread.run_time / millisecond}});
    return list;
}

}  // namespace tenon::tools
