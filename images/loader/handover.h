// SPDX-License-Identifier: Apache-2.0
// What outlives the firmware: the kernel's start info, and code that copies the image to its place and enters it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "hypercall/pvh.h"
#include "images/loader/command_line.h"

namespace tenon::loader {

struct Handover {
    /// Addresses are physical, below 4 GiB. handover.S reads these five.
    std::uint32_t image_source, image_target, image_words, start_info, entry;

    abi::pvh::HvmStartInfo start;
    std::array<abi::pvh::MemoryMapEntry, 128> memory_map;
    std::array<char, longest_command_line + 1> command_line;
    alignas(16) std::array<std::byte, 512> code;
};

/// Copies the code of handover.S.
void write_code(Handover& handover);

/// Leaves the firmware's processor mode and enters the kernel. After the end of boot services only.
[[noreturn]] void enter_kernel(const Handover& handover);

}  // namespace tenon::loader
