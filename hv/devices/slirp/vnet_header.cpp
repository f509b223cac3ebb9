// SPDX-License-Identifier: Apache-2.0
// Completing checksums.
#include "hv/devices/slirp/vnet_header.h"

#include <cstdint>
#include <cstring>

#include "hv/devices/virtio_net_header.h"

namespace hv::slirp {

namespace {

/// The Internet checksum (RFC 1071) of bytes that hold the sum of the pseudo header already.
std::uint16_t internet_checksum(std::span<const std::byte> bytes) {
    std::uint64_t sum = 0;
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2) {
        std::uint16_t word = 0;
        std::memcpy(&word, bytes.data() + i, sizeof word);
        sum += word;
    }
    if (i < bytes.size()) sum += static_cast<std::uint16_t>(bytes[i]);
    while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

}  // namespace

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
    std::uint16_t checksum = internet_checksum(packet.subspan(start));
    // UDP says by 0 that there is none; its complement means the same sum.
    if (checksum == 0) checksum = 0xFFFF;
    std::memcpy(packet.data() + place, &checksum, sizeof checksum);
    return true;
}

}  // namespace hv::slirp
