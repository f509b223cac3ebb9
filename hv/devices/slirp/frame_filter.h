// SPDX-License-Identifier: Apache-2.0
// Which of a guest's frames libslirp sees: what it can do something with, and nothing that is meant for the host
// itself.
#pragma once

#include <optional>

#include "hv/devices/slirp/internet.h"

namespace hv::slirp {

enum class FrameKind { arp, ipv4, ipv4_fragment, ipv6 };

/// ARP, TCP, UDP and ICMP directly in Ethernet, with headers that fit the frame, to an address that does not mean the
/// host. Everything else is nothing: VLAN tags and IPv6 extension headers too, behind which libslirp does not look. So
/// a destination stands where this looks for it, and where libslirp takes it from.
[[nodiscard]] std::optional<FrameKind> admit(Bytes frame);

}  // namespace hv::slirp
