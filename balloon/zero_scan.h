// SPDX-License-Identifier: Apache-2.0
// Is a page all zeros?
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::balloon {

/// Reads the page at `page`; stops early if it is not zero.
using ZeroTest = bool (*)(const std::byte* page);

[[nodiscard]] bool is_zero_page_sse2(const std::byte* page);
/// Only if the processor has AVX2, and its registers survive interrupts.
[[nodiscard]] bool is_zero_page_avx2(const std::byte* page);

/// The fastest test for this processor. `xstate_mask`: the extended state that survives an interrupt.
[[nodiscard]] ZeroTest choose_zero_test(std::uint64_t xstate_mask);

}  // namespace tenon::balloon
