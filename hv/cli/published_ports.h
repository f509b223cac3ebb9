// SPDX-License-Identifier: Apache-2.0
// Ports of the host that lead to a guest.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hv {

/// "127.0.0.1:8080->80/tcp, 0.0.0.0:5353->53/udp" from `ports` as /stats has them; empty: there are none.
[[nodiscard]] std::string ports_text(const nlohmann::ordered_json& ports);

}  // namespace hv
