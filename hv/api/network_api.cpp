// SPDX-License-Identifier: Apache-2.0
// Firecracker's path about a network interface.
#include "hv/api/network_api.h"

#include <fmt/format.h>

#include "hv/api/api_body.h"
#include "hv/machine/rate_limits_config.h"

namespace hv {

Result<NetLimits> changed_limits(const HttpRequest& request, const NetConfig& net) {
    const std::string_view id = std::string_view(request.path).substr(sizeof network_interfaces_path - 1);
    if (net.mode == NetConfig::Mode::none)
        return fail(ErrorKind::usage, "this machine has no network interface (it was started with --net none)");
    if (id != net.interface_id)
        return fail(ErrorKind::usage,
                    fmt::format("'{}' is not a network interface of this machine; it has '{}'", id, net.interface_id));
    TRY(const Json body, body_of(request));
    const JsonSection::Origin origin{request.method + " " + request.path, "this request"};
    TRY(JsonSection section, JsonSection::open(body, "", origin));
    TRY(const auto named, section.take_string("iface_id"));
    if (named && *named != id) return section.wrong(fmt::format("'iface_id' is '{}'", *named));
    NetLimits limits = net.limits;
    CHECK(read_net_limits(section, origin, limits));
    CHECK(section.finish());
    return limits;
}

HttpResponse patch_network_interface(const HttpRequest& request, MachineControl& machine) {
    const auto limits = changed_limits(request, machine.config().net);
    if (!limits) return http_fault(400, limits.error().message);
    machine.limit_network(*limits);
    return no_content();
}

}  // namespace hv
