// SPDX-License-Identifier: Apache-2.0
// In place of hv/core/confine.cpp: an hv that is not confined, because the sanitizers are not able to work in one.
#include "hv/core/confine.h"

namespace hv {

Result<> confine_files(const std::string&, const std::string&) { return {}; }

Result<> confine_calls(const CallConfinement&) { return {}; }

}  // namespace hv
