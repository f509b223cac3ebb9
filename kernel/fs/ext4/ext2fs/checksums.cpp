// SPDX-License-Identifier: Apache-2.0
// The two checksums of ext4's metadata (Linux, Documentation/filesystems/ext4/checksums.rst), under the names that
// libext2fs calls: CRC-32C, by the processor's instruction where it has it, and CRC-16 for older file systems.
#include <cpuid.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernel/fs/ext4/ext2fs/crc16.h"
#include "kernel/fs/ext4/ext2fs/library.h"

namespace {

template <typename Word>
constexpr std::array<Word, 256> table_of(Word reflected_polynomial) {
    std::array<Word, 256> table{};
    for (unsigned index = 0; index < table.size(); ++index) {
        unsigned value = index;
        for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? (value >> 1) ^ reflected_polynomial : value >> 1;
        table[index] = static_cast<Word>(value);
    }
    return table;
}

constexpr std::array<std::uint16_t, 256> crc16_table = table_of<std::uint16_t>(0xA001);
constexpr std::array<std::uint32_t, 256> crc32c_table = table_of<std::uint32_t>(0x82F6'3B78);

/// SSE4.2's instruction takes 8 bytes at a time.
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::uint32_t crc, const unsigned char* bytes,
                                                                      std::size_t size) {
    std::uint64_t wide = crc;
    for (; size >= sizeof(wide); bytes += sizeof(wide), size -= sizeof(wide)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, sizeof(word));
        wide = __builtin_ia32_crc32di(wide, word);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (; size != 0; ++bytes, --size) narrow = __builtin_ia32_crc32qi(narrow, *bytes);
    return narrow;
}

std::uint32_t crc32c_by_table(std::uint32_t crc, const unsigned char* bytes, std::size_t size) {
    for (; size != 0; ++bytes, --size) crc = crc32c_table[(crc ^ *bytes) & 0xFF] ^ (crc >> 8);
    return crc;
}

const bool has_instruction = [] {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_SSE4_2) != 0;
}();

}  // namespace

extern "C" __u32 ext2fs_crc32c_le(__u32 crc, const unsigned char* bytes, size_t size) {
    return has_instruction ? crc32c_by_instruction(crc, bytes, size) : crc32c_by_table(crc, bytes, size);
}

extern "C" crc16_t ext2fs_crc16(crc16_t crc, const void* buffer, unsigned int length) {
    const auto* bytes = static_cast<const unsigned char*>(buffer);
    for (; length != 0; ++bytes, --length) crc = crc16_table[(crc ^ *bytes) & 0xFF] ^ (crc >> 8);
    return crc;
}
