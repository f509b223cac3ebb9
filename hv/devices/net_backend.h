// SPDX-License-Identifier: Apache-2.0
// The host's end of a virtio-net device: a descriptor that takes and gives one frame a call.
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
        tap,     ///< the kernel's TAP with vnet header: checksums and segments are the kernel's work
        helper,  ///< a SOCK_SEQPACKET to the user-mode network helper
    };
    Kind kind;
    FileDescriptor fd;
    std::uint64_t offloads;  ///< virtio-net feature bits that this end can do
    std::uint16_t mtu;       ///< largest payload of a frame, in bytes
};

/// Opens the TAP interface `name`, which exists. Errors: not_found (no such interface), no_permission, in_use,
/// host_lacks (no /dev/net/tun), usage (not a TAP interface).
Result<NetBackend> open_tap(const std::string& name, std::optional<std::uint16_t> mtu);

/// Tells a TAP which offloads the guest understands, as virtio-net feature bits. False: it refused.
[[nodiscard]] bool set_tap_offloads(int tap, std::uint64_t features);

}  // namespace hv
