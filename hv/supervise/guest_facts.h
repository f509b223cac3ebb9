// SPDX-License-Identifier: Apache-2.0
// The guest agent's information about its machine, for `hv info`.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

namespace hv {

/// Asks the agent on the socket at `path` for what it knows: host_name, system, image, versions, memory, load, vcpus,
/// interfaces (name, mac, addresses, counters) and disks (name, counters), each absent where the agent does not say it.
/// Null: no agent answers.
///
/// All of it is the guest's: only values of the right type are taken, of bounded number and length. It takes about
/// `limit`, and never more than three times as long.
[[nodiscard]] nlohmann::ordered_json guest_facts(const std::string& path, std::chrono::milliseconds limit);

}  // namespace hv
