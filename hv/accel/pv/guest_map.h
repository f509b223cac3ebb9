// SPDX-License-Identifier: Apache-2.0
// The guest's address space on `pv`, as orders to the stub.
#pragma once

#include "hv/accel/pv/stub/protocol.h"
#include "hv/core/error.h"
#include "hv/guest/memory_layout.h"
#include "hv/image/image.h"

namespace hv::pv {

/// What the stub has to do for this image in this memory. Errors: bad_image (more segments or a smaller stack arena
/// than pv can serve).
Result<StubSetup> map_guest(const ImageLayout& image, const std::string& image_name, const MemoryLayout& memory,
                            std::uint32_t vcpu_count, std::uint32_t doorbell_count);

}  // namespace hv::pv
