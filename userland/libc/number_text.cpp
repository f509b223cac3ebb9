// SPDX-License-Identifier: Apache-2.0
// Newlib's conversion of numbers for printf. Its own is exact to 39 digits only, and ten times as large.
#include <math.h>
#include <reent.h>
#include <stdlib.h>

#include "kernel/trap/panic.h"
#include "userland/libc/decimal.h"

extern "C" {

// Newlib's pool of memory blocks, which ends with the thread (libc/stdlib/mprec.h).
_Bigint* _Balloc(_reent* state, int kind);
void _Bfree(_reent* state, _Bigint* block);

}  // extern "C"

namespace {

constexpr int largest_kind = 15;  // _Kmax
constexpr std::size_t size_of_kind(int kind) { return sizeof(_Bigint) + sizeof(__ULong) * ((1U << kind) - 1); }

/// Memory that lasts until the thread's next conversion.
char* result_memory(_reent* state, std::size_t size) {
    if (_Bigint* last = _REENT_MP_RESULT(state); last != nullptr) {
        last->_k = _REENT_MP_RESULT_K(state);
        last->_maxwds = 1 << last->_k;
        _Bfree(state, last);
    }
    int kind = 0;
    while (kind != largest_kind && size_of_kind(kind) < size) ++kind;
    _Bigint* block = _Balloc(state, kind);
    // A larger block can serve its kind, too.
    if (block != nullptr && size_of_kind(kind) < size) block = static_cast<_Bigint*>(realloc(block, size));
    if (block == nullptr) tenon::panic("no memory to print a number of %zu digits", size);
    _REENT_MP_RESULT(state) = block;
    _REENT_MP_RESULT_K(state) = kind;
    return reinterpret_cast<char*>(block);
}

}  // namespace

extern "C" {

/// The digits of `value`, which is finite, without its sign. `mode` 2: at most `count` digits; 3: `count` digits behind
/// the decimal point. `*point`: digits before the point. The caller pads the result with zeros to the size asked for.
char* __wrap__ldtoa_r(_reent* state, long double value, int mode, int count, int* point, int* sign, char** end) {
    constexpr int behind_the_point = 3;
    *sign = signbit(value) ? 1 : 0;
    std::size_t size = 1;
    char* text = nullptr;
    if (value == 0) {
        text = result_memory(state, static_cast<std::size_t>(count > 0 ? count : 0) + 2);
        text[0] = '0';
        *point = 1;
    } else {
        tenon::libc::Decimal number(fabsl(value));
        if (mode == behind_the_point)
            count += number.point();
        else if (count < 1)
            count = 1;
        text = result_memory(state, static_cast<std::size_t>(count > 0 ? count : 0) + 3);
        size = number.round(count, text);
        *point = size != 0 ? number.point() : number.point() - count;
    }
    text[size] = '\0';
    if (end != nullptr) *end = text + size;
    return text;
}

/// 0: a number; 1: not a number; 2: infinite.
int __wrap__ldcheck(const long double* value) { return isnan(*value) ? 1 : isinf(*value) ? 2 : 0; }

}  // extern "C"
