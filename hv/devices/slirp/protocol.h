// SPDX-License-Identifier: Apache-2.0
// Messages between hv and hv-slirp, besides frames.
#pragma once

namespace hv::slirp {

/// The helper's end of the SOCK_SEQPACKET pair.
inline constexpr int socket_fd = 3;

/// The first message of the helper: this word and the host ports that it listens on, or the other word, an error kind's
/// number and a text. Everything after it, both ways, is a frame with a virtio_net_hdr_v1 in front.
inline constexpr char ready_word[] = "ready";
inline constexpr char error_word[] = "error";
inline constexpr unsigned message_limit = 1024;

/// A frame with its header: a frame holds what the largest IP packet needs.
inline constexpr unsigned frame_limit = 12 + 14 + 4 + 65535;

/// Of the guest's network.
inline constexpr unsigned mtu = 1500;

/// Bytes that the helper takes for a guest, besides what it has when it starts: of a machine without a memory cgroup,
/// and of one with, whose cgroup it is in.
inline constexpr unsigned long long default_memory = 64ULL << 20;
inline constexpr unsigned long long cgroup_memory = 16ULL << 20;
/// Bytes that it has when it starts, its libraries included.
inline constexpr unsigned long long own_memory_limit = 8ULL << 20;

}  // namespace hv::slirp
