// SPDX-License-Identifier: Apache-2.0
// The image that a loader carries, in a section of its own PE file (Microsoft PE/COFF specification, sections 2 to 4).
#pragma once

#include <cstddef>
#include <span>

#include "images/loader/result.h"

namespace tenon::loader {

/// The content of the section `.tenon`; `loaded` is the PE file as the firmware has loaded it.
[[nodiscard]] Result<std::span<const std::byte>> carried_image(std::span<const std::byte> loaded);

}  // namespace tenon::loader
