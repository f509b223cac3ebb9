// SPDX-License-Identifier: Apache-2.0
// Is a page all zeros? Uses vector instructions and stops early: most other pages have a set bit in their first bytes.
#include "balloon/zero_scan.h"

#include <immintrin.h>

#include "kernel/arch/x86_64/cpuid.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/base/address.h"

namespace tenon::balloon {

namespace {

constexpr std::size_t step = 128;
static_assert(page_size % step == 0);

}  // namespace

bool is_zero_page_sse2(const std::byte* page) {
    const auto* vector = reinterpret_cast<const __m128i*>(page);
    for (std::size_t i = 0; i != page_size / sizeof(*vector); i += step / sizeof(*vector)) {
        const __m128i low =
            _mm_or_si128(_mm_or_si128(vector[i], vector[i + 1]), _mm_or_si128(vector[i + 2], vector[i + 3]));
        const __m128i high =
            _mm_or_si128(_mm_or_si128(vector[i + 4], vector[i + 5]), _mm_or_si128(vector[i + 6], vector[i + 7]));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_or_si128(low, high), _mm_setzero_si128())) != 0xFFFF) return false;
    }
    return true;
}

[[gnu::target("avx2")]] bool is_zero_page_avx2(const std::byte* page) {
    const auto* vector = reinterpret_cast<const __m256i*>(page);
    bool zero = true;
    for (std::size_t i = 0; i != page_size / sizeof(*vector); i += step / sizeof(*vector)) {
        const __m256i all =
            _mm256_or_si256(_mm256_or_si256(vector[i], vector[i + 1]), _mm256_or_si256(vector[i + 2], vector[i + 3]));
        if (!_mm256_testz_si256(all, all)) {
            zero = false;
            break;
        }
    }
    // SSE instructions are slow while the upper halves of registers are in use.
    _mm256_zeroupper();
    return zero;
}

ZeroTest choose_zero_test(std::uint64_t xstate_mask) {
    const bool has_avx2 = (xstate_mask & xstate::avx) != 0 && has_cpuid_bit(cpuid_bit::avx2);
    return has_avx2 ? is_zero_page_avx2 : is_zero_page_sse2;
}

}  // namespace tenon::balloon
