// SPDX-License-Identifier: Apache-2.0
// memcpy, memmove and memset. Newlib's write around the cache from 256 bytes on, which costs several times as much
// where the data is used next, as with packets; below that they start the string unit, at some 30 cycles, for a few
// bytes.
#include <emmintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

// Otherwise the compiler would recognise a memcpy in memcpy, and call it.
#pragma GCC optimize("no-tree-loop-distribute-patterns")

namespace {

/// From here on the string unit moves whole cache lines at a time (Intel SDM, "Fast-String Operation"; AMD since Zen).
constexpr std::size_t string_unit_pays = 8192;

template <typename T>
T load(const std::byte* from) {
    T value;
    __builtin_memcpy(&value, from, sizeof(T));
    return value;
}

template <typename T>
void store(std::byte* to, T value) {
    __builtin_memcpy(to, &value, sizeof(T));
}

template <>
__m128i load(const std::byte* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

template <>
void store(std::byte* to, __m128i value) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), value);
}

/// `size` is between one and two T: copies two that overlap. Both are loaded before either is stored, so the ranges may
/// overlap.
template <typename T>
void move_two(std::byte* to, const std::byte* from, std::size_t size) {
    const T first = load<T>(from);
    const T last = load<T>(from + size - sizeof(T));
    store(to, first);
    store(to + size - sizeof(T), last);
}

void move_small(std::byte* to, const std::byte* from, std::size_t size) {
    if (size >= 16) return move_two<__m128i>(to, from, size);
    if (size >= 8) return move_two<std::uint64_t>(to, from, size);
    if (size >= 4) return move_two<std::uint32_t>(to, from, size);
    if (size >= 2) return move_two<std::uint16_t>(to, from, size);
    if (size == 1) *to = *from;
}

struct Line {
    __m128i part[4];
};

Line load_line(const std::byte* from) {
    return {{load<__m128i>(from), load<__m128i>(from + 16), load<__m128i>(from + 32), load<__m128i>(from + 48)}};
}

void store_line(std::byte* to, const Line& line) {
    store(to, line.part[0]);
    store(to + 16, line.part[1]);
    store(to + 32, line.part[2]);
    store(to + 48, line.part[3]);
}

/// More than 64 bytes, where `to` is not inside the source.
void move_forwards(std::byte* to, const std::byte* from, std::size_t size) {
    if (size >= string_unit_pays) {
        asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
        return;
    }
    const Line last = load_line(from + size - 64);
    std::byte* const end = to + size - 64;
    for (; to < end; to += 64, from += 64) store_line(to, load_line(from));
    store_line(end, last);
}

/// More than 64 bytes, where `to` is inside the source.
void move_backwards(std::byte* to, const std::byte* from, std::size_t size) {
    const Line first = load_line(from);
    for (std::size_t left = size; left > 64; left -= 64) store_line(to + left - 64, load_line(from + left - 64));
    store_line(to, first);
}

void move(std::byte* to, const std::byte* from, std::size_t size) {
    if (size <= 32) return move_small(to, from, size);
    if (size <= 64) {
        const __m128i first = load<__m128i>(from);
        const __m128i second = load<__m128i>(from + 16);
        const __m128i third = load<__m128i>(from + size - 32);
        const __m128i fourth = load<__m128i>(from + size - 16);
        store(to, first);
        store(to + 16, second);
        store(to + size - 32, third);
        store(to + size - 16, fourth);
        return;
    }
    const bool inside = reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) < size;
    inside ? move_backwards(to, from, size) : move_forwards(to, from, size);
}

template <typename T>
void fill_two(std::byte* to, std::uint64_t pattern, std::size_t size) {
    const auto value = static_cast<T>(pattern);
    store(to, value);
    store(to + size - sizeof(T), value);
}

void fill(std::byte* to, unsigned char value, std::size_t size) {
    const std::uint64_t pattern = value * 0x0101'0101'0101'0101U;
    if (size < 16) {
        if (size >= 8) return fill_two<std::uint64_t>(to, pattern, size);
        if (size >= 4) return fill_two<std::uint32_t>(to, pattern, size);
        if (size >= 2) return fill_two<std::uint16_t>(to, pattern, size);
        if (size == 1) *to = std::byte{value};
        return;
    }
    if (size >= string_unit_pays) {
        asm volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
        return;
    }
    const __m128i wide = _mm_set1_epi64x(static_cast<long long>(pattern));
    std::byte* const end = to + size - 16;
    for (; to < end; to += 16) store(to, wide);
    store(end, wide);
}

}  // namespace

extern "C" {

void* memmove(void* to, const void* from, std::size_t size) {
    move(static_cast<std::byte*>(to), static_cast<const std::byte*>(from), size);
    return to;
}

void* memcpy(void* to, const void* from, std::size_t size) {
    move(static_cast<std::byte*>(to), static_cast<const std::byte*>(from), size);
    return to;
}

void* memset(void* to, int value, std::size_t size) {
    fill(static_cast<std::byte*>(to), static_cast<unsigned char>(value), size);
    return to;
}

}  // extern "C"
