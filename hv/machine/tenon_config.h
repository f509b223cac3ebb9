// SPDX-License-Identifier: Apache-2.0
// The object "tenon" of a configuration: what this hv has and Firecracker's format has no key for.
#pragma once

#include "hv/core/error.h"
#include "hv/core/json_section.h"
#include "hv/machine/config.h"

namespace hv {

/// Puts what `value` says into `config`, in which the sections of Firecracker's format have been read. A key that is
/// not known is an error. Errors: usage, naming the key.
Result<> read_tenon_config(const Json& value, MachineConfig& config);

/// The values that differ from the defaults: null for a plain machine, whose file Firecracker takes too.
[[nodiscard]] Json tenon_config_json(const MachineConfig& config);

}  // namespace hv
