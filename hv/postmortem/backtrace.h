// SPDX-License-Identifier: Apache-2.0
// The backtrace of a guest that could not report it itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "hv/image/image.h"
#include "hypercall/calls.h"

namespace hv {

/// Reads guest RAM, as Accelerator::read_ram does.
using ReadRam = std::function<std::size_t(std::uint64_t address, std::span<std::byte> bytes)>;

/// Fills in `report.frames` by following the frame pointers from `report`'s registers through the guest's memory, as
/// long as their addresses ascend and the return addresses lie in the image's code. All of this is the guest's data and
/// may be false; the number of frames is bounded by the report.
void add_backtrace(tenon::abi::CrashReport& report, const ImageLayout& image, const ReadRam& read);

}  // namespace hv
