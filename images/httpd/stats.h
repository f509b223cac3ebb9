// SPDX-License-Identifier: Apache-2.0
// The server's figures of its machine.
#pragma once

#include <cstdint>
#include <string>

namespace httpd {

/// A JSON object: uptime, memory, network counters where the platform has them, and `requests`.
std::string stats_json(std::uint64_t requests);

/// Reports that the server answers now.
void announce_ready();

}  // namespace httpd
