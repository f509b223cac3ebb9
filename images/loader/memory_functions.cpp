// SPDX-License-Identifier: Apache-2.0
// The functions that compilers call by themselves.
#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* target, const void* source, std::size_t size) {
    void* to = target;
    std::size_t words = size / 8, rest = size % 8;
    asm volatile("rep movsq" : "+D"(to), "+S"(source), "+c"(words) : : "memory");
    asm volatile("rep movsb" : "+D"(to), "+S"(source), "+c"(rest) : : "memory");
    return target;
}

void* memmove(void* target, const void* source, std::size_t size) {
    if (reinterpret_cast<std::uintptr_t>(target) - reinterpret_cast<std::uintptr_t>(source) >= size)
        return memcpy(target, source, size);
    void* to = static_cast<char*>(target) + size - 1;
    const void* from = static_cast<const char*>(source) + size - 1;
    asm volatile("std\n rep movsb\n cld" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return target;
}

void* memset(void* target, int value, std::size_t size) {
    void* to = target;
    const std::uint64_t pattern = 0x0101'0101'0101'0101ULL * static_cast<unsigned char>(value);
    std::size_t words = size / 8, rest = size % 8;
    asm volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
    asm volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(pattern) : "memory");
    return target;
}

int memcmp(const void* left, const void* right, std::size_t size) {
    const auto *a = static_cast<const unsigned char*>(left), *b = static_cast<const unsigned char*>(right);
    for (std::size_t i = 0; i < size; ++i)
        if (a[i] != b[i]) return a[i] - b[i];
    return 0;
}

std::size_t strlen(const char* text) {
    std::size_t size = 0;
    while (text[size] != '\0') ++size;
    return size;
}

}  // extern "C"
