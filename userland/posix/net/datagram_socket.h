// SPDX-License-Identifier: Apache-2.0
// The common part of datagram sockets: UDP's and raw ones.
#pragma once

#include "userland/posix/net/datagram_queue.h"
#include "userland/posix/net/error_queue.h"
#include "userland/posix/net/socket.h"

namespace tenon::posix {

/// Errors: ENOMEM.
Outcome<FileReference> make_udp_socket(int family);
Outcome<FileReference> make_raw_socket(int family, int protocol);

class DatagramSocket : public Socket {
public:
    Outcome<> bind(const Endpoint& local) override;
    Outcome<> connect(const Endpoint& peer) override;
    Outcome<> disconnect() override;
    Outcome<> shutdown(int how) override;
    Outcome<std::size_t> send(const OutgoingMessage& message) override;
    Outcome<std::size_t> receive(IncomingMessage& message) override;
    Endpoint local_name() override { return local_; }
    Outcome<Endpoint> peer_name() override;

    void leave_device_buffers() override { unread_.leave_device_buffers(); }
    /// Takes an ICMP error about a packet that this socket sent. With the core lock held.
    void network_error(const NetworkError& error, bool is_fatal);

protected:
    using Socket::Socket;
    ~DatagramSocket() = default;

    /// A datagram's destination, and how it is sent.
    struct Route {
        Endpoint to;
        ip_addr_t from;  ///< any: the interface's
        netif* interface;
        int ttl, tos;

        /// Sets the fields of lwIP's raw_pcb or udp_pcb. `usual`: the TTL if none is set.
        template <typename ControlBlock>
        void apply_to(ControlBlock& block, u8_t usual) const {
            constexpr u8_t usual_for_groups = 1;
            block.ttl = ttl >= 0 ? static_cast<u8_t>(ttl) : usual;
            block.mcast_ttl = ttl >= 0 ? static_cast<u8_t>(ttl) : usual_for_groups;
            block.tos = static_cast<u8_t>(tos);
        }
    };
    /// The control block follows local_, peer_ and connected_. Error: ENOBUFS.
    virtual Outcome<> update_control_block() = 0;
    virtual Outcome<> transmit(pbuf* packet, const Route& route) = 0;
    [[nodiscard]] virtual std::size_t largest_datagram() const = 0;
    [[nodiscard]] virtual pbuf* allocate(std::size_t size) const = 0;

    /// From lwIP's callback; takes the packet over.
    void received(pbuf* packet, const ip_addr_t& from, std::uint16_t port);

    void close_now() override;
    [[nodiscard]] short compute_readiness() const override;
    /// Linux: of the next datagram.
    [[nodiscard]] std::size_t unread_size() const override {
        return unread_.empty() ? 0 : unread_.front().packet->tot_len;
    }

    /// IP_RECVERR, or IPV6_RECVERR.
    [[nodiscard]] bool wants_errors() const {
        return family() == AF_INET ? options_.receive_errors : options_.receive_errors6;
    }
    /// The program has switched IP_RECVERR off: errors that wait are dropped.
    void drop_unwanted_errors() {
        if (!wants_errors()) errors_.clear();
    }
    /// Sends what MSG_MORE or UDP_CORK held back.
    [[nodiscard]] Outcome<> send_corked();

    bool connected_ = false;
    bool cork_ = false;         // UDP_CORK
    bool port_chosen_ = false;  // by bind(): the port stays when the association is dissolved
    bool address_chosen_ = false;
    bool receive_shut_ = false, send_shut_ = false;
    Endpoint peer_{};

private:
    [[nodiscard]] Outcome<Route> route_of(const OutgoingMessage& message);
    [[nodiscard]] Outcome<std::size_t> receive_error(IncomingMessage& message);
    [[nodiscard]] Outcome<> ensure_port();
    [[nodiscard]] bool is_too_large(const pbuf& packet) const;

    DatagramQueue unread_;
    ErrorQueue errors_;
    /// The parts of a datagram so far (MSG_MORE), and where it goes; null: there are none.
    pbuf* corked_ = nullptr;
    Route corked_route_{};
    std::uint32_t dropped_ = 0;
};

}  // namespace tenon::posix
