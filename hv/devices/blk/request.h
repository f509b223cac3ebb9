// SPDX-License-Identifier: Apache-2.0
// A disk request as the driver wrote it, checked (virtio 1.2, section 5.2.6).
#pragma once

#include <linux/virtio_blk.h>

#include <cstdint>
#include <expected>

#include "hv/devices/virtqueue.h"

namespace hv {

/// What requests are checked against.
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
    std::uint64_t size;     ///< bytes: offset + size is at most the disk's
    bool unmap;             ///< write_zeroes: the sectors may be given back
    std::span<iovec> data;  ///< `size` bytes of read and write; where identify puts its text
};

/// Where the device tells how it went: the last byte that it may write. Null: the chain has none.
[[nodiscard]] std::byte* status_byte(const Chain& chain);

/// The request in `chain`, which has a status byte. Its header, however many descriptors it is spread over, is copied
/// once, and only the copy is looked at. The segments are cut in place to those of the data. Error: the status to
/// report.
[[nodiscard]] std::expected<DiskRequest, std::uint8_t> parse_request(const Chain& chain, const DiskShape& shape);

}  // namespace hv
