// SPDX-License-Identifier: Apache-2.0
// Checksums that a guest left to its device.
#pragma once

#include <cstddef>
#include <span>

namespace hv::slirp {

/// `frame` starts with a virtio_net_hdr_v1. Where the header asks for it (NEEDS_CSUM), the checksum is computed over
/// the rest of the frame and stored (virtio 1.2, section 5.1.6.2). Every field of the header is the guest's: false
/// means that it asks for something outside of the frame, or for segmentation, which was not offered.
[[nodiscard]] bool complete_checksum(std::span<std::byte> frame);

}  // namespace hv::slirp
