// SPDX-License-Identifier: Apache-2.0
// What outlives the firmware: the kernel's start info, and code that copies the image to its place and enters it.
#include "images/loader/handover.h"

#include <cstring>

extern "C" {
[[gnu::visibility("hidden")]] extern const std::byte tenon_handover_begin[];
[[gnu::visibility("hidden")]] extern const std::byte tenon_handover_end[];
}

namespace tenon::loader {

static_assert(offsetof(Handover, image_source) == 0 && offsetof(Handover, entry) == 16);

void write_code(Handover& handover) {
    // handover.S is far smaller than the array, whose bound is checked when it is assembled.
    std::memcpy(handover.code.data(), tenon_handover_begin,
                static_cast<std::size_t>(tenon_handover_end - tenon_handover_begin));
}

void enter_kernel(const Handover& handover) {
    reinterpret_cast<void (*)(const Handover*)>(reinterpret_cast<std::uintptr_t>(handover.code.data()))(&handover);
    __builtin_unreachable();
}

}  // namespace tenon::loader
