// SPDX-License-Identifier: Apache-2.0
// The ChaCha20 block function (RFC 8439, section 2.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::chacha20 {

inline constexpr std::size_t key_size = 32;
inline constexpr std::size_t nonce_size = 12;
inline constexpr std::size_t block_size = 64;

/// Block number `counter` of the key stream.
void block(std::span<const std::byte, key_size> key, std::uint32_t counter,
           std::span<const std::byte, nonce_size> nonce, std::span<std::byte, block_size> output);

}  // namespace tenon::chacha20
