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
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/devices/slirp/protocol.h"

namespace hv::slirp {

struct Forward {
    std::uint16_t host;  ///< on 127.0.0.1; 0 = any that is free
    std::uint16_t guest;
};

struct Options {
    bool host_loopback = false;
    in_addr guest{};  ///< all zeros: the address that DHCP gives
    std::vector<Forward> forwards;
};

/// A network of one guest: 10.0.2.0/24 with gateway 10.0.2.2, name server 10.0.2.3, DHCP from 10.0.2.15; fec0::/64.
class UserNetwork {
public:
    /// Opens the ports; those that were 0 are filled in. Errors: in_use, no_permission, internal.
    static Result<std::unique_ptr<UserNetwork>> create(Options& options);
    ~UserNetwork();
    UserNetwork(const UserNetwork&) = delete;
    UserNetwork& operator=(const UserNetwork&) = delete;

    /// Moves frames until the other end of the socket is closed.
    void run();

private:
    struct Callbacks;
    UserNetwork() = default;
    Result<> open_port(Forward& forward, in_addr guest);
    void prepare_poll(std::uint32_t& timeout_ms);
    [[nodiscard]] bool take_frames();
    void send_frame(const void* frame, std::size_t size);
    void flush_backlog();
    void fire_timer();

    Slirp* slirp_ = nullptr;
    std::vector<pollfd> polls_;
    /// Frames for a guest that does not take them at the moment. What exceeds the limit is dropped, as on any full
    /// link.
    std::deque<std::vector<std::byte>> backlog_;
    std::array<std::byte, frame_limit> frame_;

    /// libslirp has one timer (router advertisements).
    std::int64_t timer_due_ms_ = -1;
    SlirpTimerCb timer_callback_ = nullptr;
    void* timer_argument_ = nullptr;
};

}  // namespace hv::slirp
