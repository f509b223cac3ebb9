// SPDX-License-Identifier: Apache-2.0
// Completing checksums.
#include "hv/devices/slirp/vnet_header.h"

#include <cstdint>
#include <cstring>

#include "hv/devices/slirp/internet.h"
#include "hv/devices/virtio_net_header.h"

namespace hv::slirp {

bool complete_checksum(std::span<std::byte> frame) {
    virtio_net_hdr_v1 header;
    if (frame.size() <= sizeof header) return false;
    std::memcpy(&header, frame.data(), sizeof header);
    if (header.gso_type != VIRTIO_NET_HDR_GSO_NONE) return false;
    if ((header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0) return true;

    const std::span<std::byte> packet = frame.subspan(sizeof header);
    const std::size_t start = header.csum_start;
    const std::size_t place = start + header.csum_offset;
    if (place + sizeof(std::uint16_t) > packet.size()) return false;
    // The sum of the pseudo header stands there already. UDP says by 0 that there is none; its complement means the
    // same sum.
    const std::uint16_t checksum = internet_checksum(packet.subspan(start));
    put_16(packet, place, checksum == 0 ? 0xFFFF : checksum);
    return true;
}

}  // namespace hv::slirp
