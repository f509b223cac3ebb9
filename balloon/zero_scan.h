// SPDX-License-Identifier: Apache-2.0
// Is a page all zeros?
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::balloon {

/// Reads 4096 bytes at `page`, aligned to a page; stops at the first that is not zero.
using ZeroTest = bool (*)(const std::byte* page);

[[nodiscard]] bool is_zero_page_sse2(const std::byte* page);
/// Only on a processor and in a system that has AVX2.
[[nodiscard]] bool is_zero_page_avx2(const std::byte* page);

/// The fastest test that this processor and `xstate_mask` (the extended state that survives an interrupt) allow.
[[nodiscard]] ZeroTest choose_zero_test(std::uint64_t xstate_mask);

}  // namespace tenon::balloon
