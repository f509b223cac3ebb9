// SPDX-License-Identifier: Apache-2.0
// jbd2's blocks: offsets and flags. Numbers are big-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::ext4::journal_format {

inline constexpr std::uint32_t magic = 0xC03B3998;
// Of each block but the logged ones: magic, type, sequence number of the transaction.
inline constexpr std::size_t type_offset = 4, transaction_offset = 8, header_size = 12;
inline constexpr std::uint32_t descriptor_block = 1, commit_block_type = 2, super_block_version_2 = 4, revoke_block = 5;

// The super block.
inline constexpr std::size_t block_size_offset = 12, length_offset = 16, first_offset = 20, sequence_offset = 24,
                             start_offset = 28, compatible_offset = 36, incompatible_offset = 40, uuid_offset = 48,
                             checksum_type_offset = 80, checksum_offset = 0xFC;
inline constexpr std::size_t uuid_size = 16;
inline constexpr std::uint32_t revoke_feature = 1, wide_feature = 2, checksum_2_feature = 8, checksum_3_feature = 16;
inline constexpr unsigned crc32c = 4;

// A descriptor's tags, whose flags are their second word's, with version 3 of the checksums all of it.
inline constexpr std::uint32_t escaped_flag = 1, same_uuid_flag = 2, last_tag_flag = 8;
inline constexpr std::size_t tail_size = 4;  // a checksum, at the end of descriptor and revoke blocks

// A revoke block: behind the header, how many of its bytes are used.
inline constexpr std::size_t revoke_header_size = 16;

// A commit block.
inline constexpr std::size_t commit_checksum_offset = 16, commit_seconds_offset = 48;

}  // namespace tenon::ext4::journal_format
