// SPDX-License-Identifier: Apache-2.0
// The version of this hv.
#pragma once

namespace hv {

inline constexpr char version[] = "0.1.0";

}  // namespace hv
