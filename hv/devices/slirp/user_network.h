// SPDX-License-Identifier: Apache-2.0
// libslirp, with frames on a socket.
#pragma once

#include <poll.h>
#include <slirp/libslirp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/devices/slirp/datagram_relay.h"
#include "hv/devices/slirp/frame_filter.h"
#include "hv/devices/slirp/memory_watch.h"
#include "hv/devices/slirp/protocol.h"
#include "hv/devices/slirp/reassembly.h"
#include "hv/devices/slirp/socket_quota.h"
#include "hv/devices/slirp/tcp_segment.h"

namespace hv::slirp {

struct Forward {
    bool udp;
    in_addr address;     ///< of the host
    std::uint16_t host;  ///< 0 = any that is free
    std::uint16_t guest;
};

struct Options {
    bool host_loopback = false;
    in_addr guest{};  ///< all zeros: the address that DHCP gives
    std::uint64_t memory = default_memory;
    std::vector<Forward> forwards;
};

/// A network of one guest: 10.0.2.0/24 with gateway 10.0.2.2, name server 10.0.2.3, DHCP from 10.0.2.15; fec0::/64. The
/// guest's use of the host by it (sockets, memory, fragments) is bounded.
class UserNetwork {
public:
    /// Opens the ports; those that were 0 are filled in. Errors: in_use, no_permission, internal.
    static Result<std::unique_ptr<UserNetwork>> create(Options& options);
    ~UserNetwork();
    UserNetwork(const UserNetwork&) = delete;
    UserNetwork& operator=(const UserNetwork&) = delete;

    /// From now on the guest's share of sockets and memory counts. To be called before this process confines itself.
    void limit(std::uint64_t memory);
    /// Moves frames until the other end of the socket is closed.
    void run();

private:
    struct Callbacks;
    UserNetwork() = default;
    Result<> open_port(Forward& forward, in_addr guest);
    void prepare_poll(std::uint32_t& timeout_ms);
    void look_at_limits();
    [[nodiscard]] bool take_frames();
    void take_frame(Bytes frame);
    void take_packet(Bytes frame, FrameKind kind);
    void hand_to_libslirp(Bytes frame);
    void send_frame(const void* frame, std::size_t size);
    void flush_backlog();
    void fire_timer();

    Slirp* slirp_ = nullptr;
    std::vector<pollfd> polls_;
    /// Frames for a guest that does not take them at the moment. What exceeds the limit is dropped, as on any full
    /// link.
    std::deque<std::vector<std::byte>> backlog_;
    std::array<std::byte, frame_limit> frame_;

    Reassembly reassembly_;
    ClosingConnections closing_;
    std::optional<DatagramRelay> relay_;
    SocketQuota* quota_ = nullptr;
    std::optional<MemoryWatch> memory_;
    MemoryWatch::State memory_state_ = MemoryWatch::State::free;

    /// libslirp has one timer (router advertisements).
    std::int64_t timer_due_ms_ = -1;
    SlirpTimerCb timer_callback_ = nullptr;
    void* timer_argument_ = nullptr;
};

}  // namespace hv::slirp
