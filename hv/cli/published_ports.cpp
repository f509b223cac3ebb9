// SPDX-License-Identifier: Apache-2.0
// Published ports as text.
#include "hv/cli/published_ports.h"

#include <fmt/format.h>

#include "hv/cli/machine_client.h"

namespace hv {

std::string ports_text(const Json& ports) {
    std::string text;
    if (!ports.is_array()) return text;
    for (const Json& port : ports) {
        if (!port.is_object()) continue;
        text += fmt::format("{}{}:{}->{}/{}", text.empty() ? "" : ", ", text_of(port, "host_address"),
                            number_of(port, "host_port"), number_of(port, "guest_port"), text_of(port, "protocol"));
    }
    return text;
}

}  // namespace hv
