// SPDX-License-Identifier: Apache-2.0
// How many of the host's sockets a guest can have hv-slirp open.
#pragma once

#include <array>
#include <cstdint>

namespace hv::slirp {

/// The guest's use of a descriptor. libslirp opens one for each connection, and one for each address and port that the
/// guest sends datagrams from, which it keeps for four minutes.
enum class SocketKind : std::uint8_t { none, outgoing, incoming, datagram, ping };

/// Counts sockets as they come and go, and refuses those beyond their kind's share.
class SocketQuota {
public:
    static constexpr unsigned most_descriptors = 2048;
    /// For the loop, the ports that are published, and the resolver's file.
    static constexpr unsigned spare_descriptors = 64;

    /// Shares of `descriptors`, the number that the process may have open.
    explicit SocketQuota(unsigned descriptors);

    [[nodiscard]] bool allows(SocketKind kind) const { return !closed_ && used_[index(kind)] < limit_[index(kind)]; }
    void opened(int fd, SocketKind kind);
    void closed(int fd);
    /// From now on, no more of any kind; or as before.
    void close_all(bool closed) { closed_ = closed; }

    /// Whether three quarters of its share are in use.
    [[nodiscard]] bool is_short(SocketKind kind) const { return 4 * used(kind) >= 3 * limit(kind); }
    [[nodiscard]] unsigned used(SocketKind kind) const { return used_[index(kind)]; }
    [[nodiscard]] unsigned limit(SocketKind kind) const { return limit_[index(kind)]; }

private:
    static constexpr std::size_t kinds = 5;
    static constexpr std::size_t index(SocketKind kind) { return static_cast<std::size_t>(kind); }

    std::array<SocketKind, most_descriptors> kind_of_{};
    std::array<unsigned, kinds> used_{};
    std::array<unsigned, kinds> limit_{};
    bool closed_ = false;
};

/// The process's own, which libslirp's calls of socket(), accept() and close() go through (socket_calls.cpp). Raises
/// the limit of descriptors as far as it is needed and may be, for good. While nothing was set up, no socket is refused
/// or counted.
SocketQuota& set_up_socket_quota();

}  // namespace hv::slirp
