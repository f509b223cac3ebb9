// SPDX-License-Identifier: Apache-2.0
// CRC-32 as GPT uses it (UEFI 2.10, section 5.3.2; ISO 3309).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon {

class Crc32 {
public:
    void add(std::span<const std::byte> bytes) {
        for (const std::byte byte : bytes)
            state_ = table[(state_ ^ static_cast<std::uint32_t>(byte)) & 0xFF] ^ (state_ >> 8);
    }
    [[nodiscard]] std::uint32_t value() const { return ~state_; }

private:
    static constexpr std::uint32_t polynomial = 0xEDB8'8320;  // reflected
    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < made.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? (value >> 1) ^ polynomial : value >> 1;
            made[i] = value;
        }
        return made;
    }();
    std::uint32_t state_ = 0xFFFF'FFFF;
};

}  // namespace tenon
