// SPDX-License-Identifier: Apache-2.0
// The guest's address space on `pv`, as a list of mappings for the stub.
#pragma once

#include "hv/accel/pv/stub/protocol.h"
#include "hv/core/error.h"
#include "hv/guest/memory_layout.h"
#include "hv/image/image.h"

namespace hv::pv {

/// The mappings that the stub makes for this image in this memory. Errors: bad_image (too many segments, or a stack
/// arena that is too small for the vCPUs).
Result<StubSetup> map_guest(const ImageLayout& image, const std::string& image_name, const MemoryLayout& memory,
                            std::uint32_t vcpu_count, std::uint32_t doorbell_count);

}  // namespace hv::pv
