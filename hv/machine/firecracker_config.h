// SPDX-License-Identifier: Apache-2.0
// Firecracker's configuration file, as far as this hv has what it names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hv/core/error.h"
#include "hv/machine/config.h"

namespace hv {

/// Largest file that is read.
inline constexpr std::size_t config_file_limit = 1 << 20;

/// Puts what `text` says into `config`. What the format has no key for is in an object "tenon" of it. As in
/// Firecracker, a key that is not known is an error. A key that is one of the format, but asks for what this hv lacks,
/// is an error too if the machine would not be the one that was asked for (a vsock, a rate limit), and else a line in
/// `warnings` (a log file). All errors are of kind `usage` and name the key.
Result<> parse_firecracker_config(std::string_view text, MachineConfig& config, std::vector<std::string>& warnings);

/// The same for the file at `path`, which is named in errors. Errors also: not_found, no_permission.
Result<> read_firecracker_config(const std::string& path, MachineConfig& config, std::vector<std::string>& warnings);

/// A machine's configuration in that format.
[[nodiscard]] std::string firecracker_config_text(const MachineConfig& config);

}  // namespace hv
