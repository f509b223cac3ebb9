// SPDX-License-Identifier: Apache-2.0
// /cpu: what a machine may use of the host's CPUs, and what it used.
#include "hv/api/cpu_api.h"

#include "hv/api/api_body.h"
#include "hv/machine/cpu_config.h"

namespace hv {

HttpResponse get_cpu(const HttpRequest&, MachineControl& machine) {
    Json cpu = cpu_json(machine.config().cpu_policy);
    if (cpu.is_null()) cpu = Json::object();
    cpu["vcpus"] = machine.config().vcpu_count;
    cpu["used_ns"] = machine.guest_cpu_ns();
    if (const auto steal = machine.guest_steal_ns()) cpu["steal_ns"] = *steal;
    if (const auto throttling = machine.cpu_throttling()) {
        cpu["throttled_ns"] = throttling->throttled_ns;
        cpu["throttled_periods"] = throttling->throttled_periods;
    }
    return json_answer(cpu);
}

Result<CpuPolicy> changed_cpu(const HttpRequest& request, const CpuPolicy& present) {
    TRY(const Json body, body_of(request));
    TRY(JsonSection section, JsonSection::open(body, "", {request.method + " " + request.path, "this request"}));
    CpuPolicy changed = present;
    CHECK(read_cpu(section, changed));
    return changed;
}

HttpResponse patch_cpu(const HttpRequest& request, MachineControl& machine) {
    const auto wanted = changed_cpu(request, machine.config().cpu_policy);
    if (!wanted) return http_fault(400, wanted.error().message);
    const auto set = machine.set_cpu(*wanted);
    return set ? no_content() : http_fault(400, set.error().message);
}

}  // namespace hv
