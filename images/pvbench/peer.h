// SPDX-License-Identifier: Apache-2.0
// The two ends of the network measures.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "options.h"

namespace pvbench {

/// Serves as the peer on all addresses; returns an error if it cannot. Each echo comes `delay_us` late.
[[nodiscard]] std::string serve_peer(std::uint16_t port, unsigned delay_us);

/// Waits until the peer answers, before any measure runs. Does nothing without a peer.
void await_peer(const Options& options);
/// From the machine's start to the peer's first answer, in nanoseconds, or the reason why that is unknown.
[[nodiscard]] std::expected<std::uint64_t, std::string> first_answer();

}  // namespace pvbench
