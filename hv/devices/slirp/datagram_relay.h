// SPDX-License-Identifier: Apache-2.0
// UDP ports of the guest that are published on the host. (libslirp's own way of doing it sends no answer to a client on
// the host's loopback, unless the guest may reach all of that.)
#pragma once

#include <netinet/in.h>
#include <poll.h>

#include <cstdint>
#include <functional>
#include <list>
#include <vector>

#include "hv/core/file_descriptor.h"
#include "hv/devices/slirp/internet.h"

namespace hv::slirp {

/// A client of a published port is shown to the guest with its own address and port; one on the host's loopback with
/// the gateway's address, as libslirp shows those of TCP. What the guest sends there goes back to that client, as long
/// as one of the two says something every minute.
class DatagramRelay {
public:
    static constexpr std::size_t most_clients = 256;
    static constexpr std::uint64_t client_life_ms = 60'000;

    struct Network {
        Ipv4Address guest, gateway;
        Mac gateway_mac;
        std::size_t mtu;
        std::function<void(Bytes frame)> send;  ///< to the guest
    };
    explicit DatagramRelay(Network network) : network_(std::move(network)) {}

    /// Datagrams to `socket`, which is bound, go to `guest_port`.
    void publish(FileDescriptor socket, std::uint16_t guest_port);

    void add_polls(std::vector<pollfd>& polls);
    /// `polls` is what add_polls() added to.
    void serve(const std::vector<pollfd>& polls, std::uint64_t now_ms);

    /// A frame of the guest that was admitted, and is no fragment. True: it was for one of the clients.
    [[nodiscard]] bool take(Bytes frame, std::uint64_t now_ms);
    /// Of any frame of the guest: where it is to be found.
    void learn(Bytes frame);

private:
    struct Port {
        FileDescriptor socket;
        std::uint16_t guest;
    };
    struct Client {
        std::size_t port;  ///< index
        sockaddr_in address;
        Ipv4Address shown;
        std::uint64_t until_ms;
    };

    void receive(std::size_t port, std::uint64_t now_ms);
    void note(const Client& client);
    void send_to_guest(const Client& client, Bytes datagram);

    Network network_;
    std::vector<Port> ports_;
    std::size_t first_poll_ = 0;
    std::list<Client> clients_;  ///< who was heard of last comes last
    Mac guest_mac_{};
    bool guest_is_known_ = false;
    std::uint16_t next_id_ = 0;
};

}  // namespace hv::slirp
