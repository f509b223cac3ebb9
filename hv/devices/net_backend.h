// SPDX-License-Identifier: Apache-2.0
// The host's end of a virtio-net device: a descriptor that transfers one frame per call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Each readv or writev moves one frame with a virtio_net_hdr_v1 in front. Non-blocking.
struct NetBackend {
    enum class Kind {
        tap,     ///< the kernel's TAP with vnet header: the kernel does checksums and segmentation
        helper,  ///< a SOCK_SEQPACKET to the user-mode network helper
    };
    Kind kind;
    FileDescriptor fd;
    std::uint64_t offloads;  ///< the virtio-net feature bits that it supports
    std::uint16_t mtu;       ///< largest payload of a frame, in bytes
};

/// Opens the TAP interface `name`, which exists. Errors: not_found (no such interface), no_permission, in_use,
/// host_lacks (no /dev/net/tun), usage (not a TAP interface).
Result<NetBackend> open_tap(const std::string& name, std::optional<std::uint16_t> mtu);

/// Sets the offloads of a TAP to those that the guest accepted (virtio-net feature bits). False: the TAP refused.
[[nodiscard]] bool set_tap_offloads(int tap, std::uint64_t features);

}  // namespace hv
