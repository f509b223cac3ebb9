// SPDX-License-Identifier: Apache-2.0
// The backtrace of a guest that could not tell it itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "hv/image/image.h"
#include "hypercall/calls.h"

namespace hv {

/// As Accelerator::read_ram.
using ReadRam = std::function<std::size_t(std::uint64_t address, std::span<std::byte> bytes)>;

/// Fills in `report.frames` from `report`'s registers, by following frame pointers in the guest's memory as long as
/// they go up and lead to code of the image. All of it is the guest's: bounded by the report's room, and checked by
/// nothing else.
void add_backtrace(tenon::abi::CrashReport& report, const ImageLayout& image, const ReadRam& read);

}  // namespace hv
