// SPDX-License-Identifier: Apache-2.0
// The hashes by which ext4 orders the names of an indexed directory (Linux,
// Documentation/filesystems/ext4/directory.rst, "Hash Tree Directories"), under the names that libext2fs calls. Its own
// are partly GPL's.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "kernel/fs/ext4/ext2fs/library.h"

namespace {

using State = std::array<std::uint32_t, 4>;

/// Characters are signed or not as they were on the machine that made the file system.
struct Characters {
    std::string_view text;
    bool are_unsigned;

    [[nodiscard]] std::uint32_t operator[](std::size_t index) const {
        const char character = text[index];
        return are_unsigned ? static_cast<unsigned char>(character)
                            : static_cast<std::uint32_t>(static_cast<signed char>(character));
    }
};

/// Packs four characters in a word, the first one highest; the rest of `words` is filled with the length of what is
/// left.
void pack(Characters characters, std::span<std::uint32_t> words) {
    const auto length = static_cast<std::uint32_t>(characters.text.size());
    const std::uint32_t low = length | length << 8;
    const std::uint32_t padding = low | low << 16;
    for (std::size_t word = 0; word < words.size(); ++word) {
        words[word] = padding;
        for (std::size_t index = 4 * word; index < std::min<std::size_t>(4 * word + 4, length); ++index)
            words[word] = characters[index] + (words[word] << 8);
    }
}

std::uint32_t legacy(Characters characters) {
    std::uint32_t before = 0x37AB'E8F9;
    std::uint32_t hash = 0x12A3'FE2D;
    for (std::size_t index = 0; index < characters.text.size(); ++index) {
        std::uint32_t next = before + (hash ^ characters[index] * 7'152'373);
        if ((next & 0x8000'0000) != 0) next -= 0x7FFF'FFFF;
        before = hash;
        hash = next;
    }
    return hash << 1;
}

/// The first half of each of MD4's rounds (RFC 1320, section 3.4): 24 steps over 8 words.
void half_md4(State& state, std::span<const std::uint32_t, 8> words) {
    struct Round {
        std::uint32_t (*mix)(std::uint32_t, std::uint32_t, std::uint32_t);
        std::uint32_t constant;
        std::array<std::uint8_t, 8> order;
        std::array<std::uint8_t, 4> rotations;
    };
    static constexpr std::array<Round, 3> rounds{{
        {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return (x & y) | (~x & z); },
         0,
         {0, 1, 2, 3, 4, 5, 6, 7},
         {3, 7, 11, 19}},
        {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return (x & y) | (x & z) | (y & z); },
         0x5A82'7999,
         {1, 3, 5, 7, 0, 2, 4, 6},
         {3, 5, 9, 13}},
        {[](std::uint32_t x, std::uint32_t y, std::uint32_t z) { return x ^ y ^ z; },
         0x6ED9'EBA1,
         {3, 7, 2, 6, 1, 5, 0, 4},
         {3, 9, 11, 15}},
    }};
    auto [a, b, c, d] = state;
    for (const Round& round : rounds) {
        for (std::size_t step = 0; step < 8; ++step) {
            a += round.mix(b, c, d) + words[round.order[step]] + round.constant;
            const std::uint32_t turned = std::rotl(a, round.rotations[step % 4]);
            a = d, d = c, c = b, b = turned;
        }
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

/// 16 cycles of the Tiny Encryption Algorithm (Wheeler and Needham, 1994), keyed by the words.
void tea(State& state, std::span<const std::uint32_t, 4> key) {
    std::uint32_t left = state[0];
    std::uint32_t right = state[1];
    std::uint32_t sum = 0;
    for (int cycle = 0; cycle < 16; ++cycle) {
        sum += 0x9E37'79B9;
        left += ((right << 4) + key[0]) ^ (right + sum) ^ ((right >> 5) + key[1]);
        right += ((left << 4) + key[2]) ^ (left + sum) ^ ((left >> 5) + key[3]);
    }
    state[0] += left;
    state[1] += right;
}

/// Mixes the name into the state, as many words at a time as `mix` takes.
template <std::size_t Words>
void mix_all(State& state, Characters characters, void (*mix)(State&, std::span<const std::uint32_t, Words>)) {
    std::array<std::uint32_t, Words> words{};
    while (!characters.text.empty()) {
        pack(characters, words);
        mix(state, words);
        characters.text.remove_prefix(std::min(characters.text.size(), 4 * Words));
    }
}

State seeded(const std::uint32_t* seed) {
    State state{0x6745'2301, 0xEFCD'AB89, 0x98BA'DCFE, 0x1032'5476};
    if (seed != nullptr && std::any_of(seed, seed + state.size(), [](std::uint32_t word) { return word != 0; }))
        std::copy_n(seed, state.size(), state.begin());
    return state;
}

}  // namespace

extern "C" errcode_t ext2fs_dirhash(int version, const char* name, int length, const __u32* seed, ext2_dirhash_t* hash,
                                    ext2_dirhash_t* minor_hash) {
    const bool are_unsigned = version >= EXT2_HASH_LEGACY_UNSIGNED && version <= EXT2_HASH_TEA_UNSIGNED;
    const Characters characters{{name, static_cast<std::size_t>(length)}, are_unsigned};
    State state = seeded(seed);
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    switch (version) {
        case EXT2_HASH_LEGACY:
        case EXT2_HASH_LEGACY_UNSIGNED: major = legacy(characters); break;
        case EXT2_HASH_HALF_MD4:
        case EXT2_HASH_HALF_MD4_UNSIGNED:
            mix_all<8>(state, characters, half_md4);
            major = state[1];
            minor = state[2];
            break;
        case EXT2_HASH_TEA:
        case EXT2_HASH_TEA_UNSIGNED:
            mix_all<4>(state, characters, tea);
            major = state[0];
            minor = state[1];
            break;
        default: *hash = 0; return EXT2_ET_DIRHASH_UNSUPP;
    }
    // The lowest bit of a hash in an index says that its leaf goes on with names of the same hash.
    *hash = major & ~std::uint32_t{1};
    if (minor_hash != nullptr) *minor_hash = minor;
    return 0;
}

// Names are never folded: file systems with the feature casefold are refused.
extern "C" errcode_t ext2fs_dirhash2(int version, const char* name, int length, const ext2fs_nls_table* /*charset*/,
                                     int /*hash_flags*/, const __u32* seed, ext2_dirhash_t* hash,
                                     ext2_dirhash_t* minor_hash) {
    return ext2fs_dirhash(version, name, length, seed, hash, minor_hash);
}
