// SPDX-License-Identifier: Apache-2.0
// Events of machines for a person.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hv {

/// One line without its end, from an event as event_log.h writes it: "2026-11-30T05:52:12.123Z web: ended with exit
/// code 0 (the guest shut down)". What a terminal would obey is replaced.
[[nodiscard]] std::string event_text(const nlohmann::ordered_json& event);

}  // namespace hv
