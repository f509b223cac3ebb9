// SPDX-License-Identifier: Apache-2.0
// What takes the place of libext2fs's files under the GPL: the hashes of names against those of debugfs's dx_hash, the
// checksums against their published check values.
#include <catch2/catch.hpp>
#include <cstring>
#include <string_view>

#include "kernel/fs/ext4/ext2fs/crc16.h"
#include "kernel/fs/ext4/ext2fs/library.h"

namespace {

struct Hashes {
    std::uint32_t major, minor;
    bool operator==(const Hashes&) const = default;
};

Hashes hashes(int version, std::string_view name, const std::uint32_t* seed) {
    Hashes result{};
    REQUIRE(ext2fs_dirhash(version, name.data(), static_cast<int>(name.size()), seed, &result.major, &result.minor) ==
            0);
    return result;
}

constexpr unsigned char seed_bytes[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                          0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
constexpr std::string_view long_name = "a-long-name-of-more-than-32-characters-for-md4";
constexpr std::string_view not_ascii = "gr\xc3\xbcn";

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

TEST_CASE("ext4: names are hashed as e2fsprogs does") {
    std::uint32_t seed[4];
    std::memcpy(seed, seed_bytes, sizeof(seed));
    // debugfs -R "dx_hash -h HASH -s 01234567-89ab-cdef-0123-456789abcdef NAME"
    CHECK(hashes(EXT2_HASH_LEGACY, "a", seed) == Hashes{0xe74b53e2, 0});
    CHECK(hashes(EXT2_HASH_LEGACY, "hello", seed) == Hashes{0x32252546, 0});
    CHECK(hashes(EXT2_HASH_LEGACY, long_name, seed) == Hashes{0x25cfb950, 0});
    CHECK(hashes(EXT2_HASH_LEGACY, not_ascii, seed) == Hashes{0xc202f150, 0});
    CHECK(hashes(EXT2_HASH_HALF_MD4, "a", seed) == Hashes{0x35dc0cc4, 0x3f1dacef});
    CHECK(hashes(EXT2_HASH_HALF_MD4, "hello", seed) == Hashes{0xa26e4a80, 0x97e5b7f7});
    CHECK(hashes(EXT2_HASH_HALF_MD4, long_name, seed) == Hashes{0xa87eb260, 0x479e4bdb});
    CHECK(hashes(EXT2_HASH_HALF_MD4, not_ascii, seed) == Hashes{0x31cb1010, 0x236cad79});
    CHECK(hashes(EXT2_HASH_TEA, "a", seed) == Hashes{0x6d0ea4c0, 0xc18922df});
    CHECK(hashes(EXT2_HASH_TEA, "hello", seed) == Hashes{0x6f5bb1a8, 0x231917c2});
    CHECK(hashes(EXT2_HASH_TEA, long_name, seed) == Hashes{0xdb179d64, 0x38af7e91});
    CHECK(hashes(EXT2_HASH_TEA, not_ascii, seed) == Hashes{0xa7ae33b6, 0x3c9e4704});
}

TEST_CASE("ext4: unsigned hashes differ where a character is not ASCII, and only there") {
    for (int version : {EXT2_HASH_LEGACY, EXT2_HASH_HALF_MD4, EXT2_HASH_TEA}) {
        const int are_unsigned = version + EXT2_HASH_LEGACY_UNSIGNED;
        CHECK(hashes(version, long_name, nullptr) == hashes(are_unsigned, long_name, nullptr));
        CHECK_FALSE(hashes(version, not_ascii, nullptr) == hashes(are_unsigned, not_ascii, nullptr));
    }
}

TEST_CASE("ext4: a seed of zeros is the default one") {
    const std::uint32_t zeros[4] = {};
    CHECK(hashes(EXT2_HASH_HALF_MD4, "hello", zeros) == hashes(EXT2_HASH_HALF_MD4, "hello", nullptr));
}

TEST_CASE("ext4: an unknown hash is refused") {
    std::uint32_t hash = 1;
    CHECK(ext2fs_dirhash(EXT2_HASH_SIPHASH, "a", 1, nullptr, &hash, nullptr) == EXT2_ET_DIRHASH_UNSUPP);
}

TEST_CASE("ext4: checksums have their published check values") {
    constexpr std::string_view digits = "123456789";
    CHECK((ext2fs_crc32c_le(~0U, bytes(digits), digits.size()) ^ ~0U) == 0xE306'9283);
    CHECK(ext2fs_crc16(0, digits.data(), static_cast<unsigned>(digits.size())) == 0xBB3D);
}

TEST_CASE("ext4: a checksum goes on where another one ended") {
    const std::uint32_t whole = ext2fs_crc32c_le(7, bytes(long_name), long_name.size());
    for (std::size_t split = 0; split <= long_name.size(); ++split) {
        const std::uint32_t first = ext2fs_crc32c_le(7, bytes(long_name), split);
        CHECK(ext2fs_crc32c_le(first, bytes(long_name) + split, long_name.size() - split) == whole);
    }
}
