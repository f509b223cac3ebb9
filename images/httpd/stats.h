// SPDX-License-Identifier: Apache-2.0
// What the server says about the machine it runs on.
#pragma once

#include <cstdint>
#include <string>

namespace httpd {

/// A JSON object: uptime, memory, network counters where the platform has them, and `requests`.
std::string stats_json(std::uint64_t requests);

/// Tells whoever started the program that it answers now.
void announce_ready();

}  // namespace httpd
