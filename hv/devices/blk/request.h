// SPDX-License-Identifier: Apache-2.0
// A disk request as the driver wrote it, checked (virtio 1.2, section 5.2.6).
#pragma once

#include <linux/virtio_blk.h>

#include <cstdint>
#include <expected>

#include "hv/devices/virtqueue.h"

namespace hv {

/// The properties of a disk that requests are checked against.
struct DiskShape {
    std::uint64_t sectors;
    bool read_only;
    bool discards;
};

/// Largest range of one DISCARD or WRITE_ZEROES.
inline constexpr std::uint32_t most_discard_sectors = (1U << 30) / 512;

struct DiskRequest {
    enum class Kind : std::uint8_t { read, write, flush, identify, discard, write_zeroes } kind;
    std::uint64_t offset;   ///< bytes
    std::uint64_t size;     ///< bytes; offset + size is at most the disk's size
    bool unmap;             ///< write_zeroes: the sectors may be deallocated
    std::span<iovec> data;  ///< read and write: `size` bytes; identify: room for the text
};

/// The place of the request's status: the last writable byte. Null: the chain has none.
[[nodiscard]] std::byte* status_byte(const Chain& chain);

/// Parses and checks the request in `chain`, which has a status byte. The header, which may be spread over descriptors,
/// is copied once, and only the copy is used. Cuts the chain's segments in place to those of the data. Error: the
/// status to report.
[[nodiscard]] std::expected<DiskRequest, std::uint8_t> parse_request(const Chain& chain, const DiskShape& shape);

}  // namespace hv
