// SPDX-License-Identifier: Apache-2.0
// Values of command line options: sizes, networks, addresses. Every error is of kind `usage` and names the option.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/machine/config.h"

namespace hv {

/// Bytes from "64M", "64MB", "64MiB", "1.5g": a decimal number and K, M, G or T, which are powers of 1024 in every
/// spelling; none = bytes. A fraction is rounded down to bytes.
Result<std::uint64_t> parse_size(std::string_view text);

/// Memory of a machine: a size in the allowed range, and whole pages.
Result<std::uint64_t> parse_memory(std::string_view text);

/// The size that `option` is given: whole MiB, which is what balloons are measured in.
Result<std::uint64_t> parse_mebibytes(std::string_view option, std::string_view text);

/// Milliseconds from --watchdog's seconds, as in "2.5".
Result<std::uint64_t> parse_watchdog(std::string_view text);

/// "none", "user[,HOST:GUEST...][,host-loopback]", "tap=NAME"; then [,mac=ADDRESS][,mtu=BYTES] and limits.
Result<NetConfig> parse_net(std::string_view text);

/// "FILE[,ro][,discard=on|off]", and limits.
Result<DriveConfig> parse_disk(std::string_view text);

/// The first KEY that two of `words` have, of those that are "KEY=VALUE": of two values one would be lost. Empty: none.
[[nodiscard]] std::string_view repeated_key(std::span<const std::string_view> words);

}  // namespace hv
