// SPDX-License-Identifier: Apache-2.0
// Checking disk requests.
#include "hv/devices/blk/request.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "hv/devices/blk/disk_image.h"

namespace hv {

namespace {

using Kind = DiskRequest::Kind;
using Parsed = std::expected<DiskRequest, std::uint8_t>;

const std::unexpected<std::uint8_t> io_error{std::uint8_t{VIRTIO_BLK_S_IOERR}};
const std::unexpected<std::uint8_t> unsupported{std::uint8_t{VIRTIO_BLK_S_UNSUPP}};

/// Removes a `T` from the front of `segments`, which hold at least that many bytes, and returns it.
template <typename T>
T take(std::span<iovec>& segments) {
    T value;
    auto* to = reinterpret_cast<std::byte*>(&value);
    for (std::size_t left = sizeof value; left != 0;) {
        iovec& first = segments.front();
        const std::size_t size = std::min(left, first.iov_len);
        std::memcpy(to, first.iov_base, size);
        to += size;
        left -= size;
        first.iov_base = static_cast<std::byte*>(first.iov_base) + size;
        first.iov_len -= size;
        if (first.iov_len == 0) segments = segments.subspan(1);
    }
    return value;
}

/// Cuts the status byte off the writable segments.
std::span<iovec> without_status(std::span<iovec> segments) {
    if (--segments.back().iov_len == 0) return segments.first(segments.size() - 1);
    return segments;
}

bool inside(std::uint64_t sector, std::uint64_t count, const DiskShape& shape) {
    return sector <= shape.sectors && count <= shape.sectors - sector;
}

Parsed transfer(Kind kind, std::uint64_t sector, std::span<iovec> data, std::uint64_t bytes, const DiskShape& shape) {
    // 5.2.6.1: a transfer is one sector or more.
    if (bytes == 0 || bytes % disk_sector != 0 || !inside(sector, bytes / disk_sector, shape)) return io_error;
    return DiskRequest{.kind = kind, .offset = sector * disk_sector, .size = bytes, .unmap = false, .data = data};
}

Parsed range(Kind kind, std::span<iovec> data, std::uint64_t bytes, const DiskShape& shape) {
    if (!shape.discards) return unsupported;
    // The configuration allows one range per request.
    if (bytes != sizeof(virtio_blk_discard_write_zeroes)) return io_error;
    const auto segment = take<virtio_blk_discard_write_zeroes>(data);
    const bool unmap = (segment.flags & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) != 0;
    // 5.2.6.2: unknown flags, and `unmap` in a discard, get the status UNSUPP.
    if ((segment.flags & ~VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP) != 0 || (kind == Kind::discard && unmap))
        return unsupported;
    if (segment.num_sectors == 0 || segment.num_sectors > most_discard_sectors ||
        !inside(segment.sector, segment.num_sectors, shape))
        return io_error;
    return DiskRequest{.kind = kind,
                       .offset = segment.sector * disk_sector,
                       .size = segment.num_sectors * disk_sector,
                       .unmap = unmap,
                       .data = {}};
}

}  // namespace

std::byte* status_byte(const Chain& chain) {
    if (chain.writable.empty()) return nullptr;
    const iovec& last = chain.writable.back();
    return static_cast<std::byte*>(last.iov_base) + last.iov_len - 1;
}

Parsed parse_request(const Chain& chain, const DiskShape& shape) {
    if (chain.readable_bytes < sizeof(virtio_blk_outhdr)) return io_error;
    std::span<iovec> readable = chain.readable;
    const auto header = take<virtio_blk_outhdr>(readable);
    const std::span<iovec> writable = without_status(chain.writable);
    const std::uint64_t out_bytes = chain.readable_bytes - sizeof header;
    const std::uint64_t in_bytes = chain.writable_bytes - 1;

    const bool writes = header.type == VIRTIO_BLK_T_OUT || header.type == VIRTIO_BLK_T_DISCARD ||
                        header.type == VIRTIO_BLK_T_WRITE_ZEROES;
    // 5.2.6.2: a read-only disk fails every write.
    if (writes && shape.read_only) return io_error;
    // The request has data in the wrong direction.
    if (writes ? in_bytes != 0 : out_bytes != 0) return io_error;
    switch (header.type) {
        case VIRTIO_BLK_T_IN: return transfer(Kind::read, header.sector, writable, in_bytes, shape);
        case VIRTIO_BLK_T_OUT: return transfer(Kind::write, header.sector, readable, out_bytes, shape);
        case VIRTIO_BLK_T_DISCARD: return range(Kind::discard, readable, out_bytes, shape);
        case VIRTIO_BLK_T_WRITE_ZEROES: return range(Kind::write_zeroes, readable, out_bytes, shape);
        case VIRTIO_BLK_T_FLUSH:
            return DiskRequest{.kind = Kind::flush, .offset = 0, .size = 0, .unmap = false, .data = {}};
        case VIRTIO_BLK_T_GET_ID:
            return DiskRequest{.kind = Kind::identify, .offset = 0, .size = in_bytes, .unmap = false, .data = writable};
        default: return unsupported;
    }
}

}  // namespace hv
