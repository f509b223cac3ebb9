// SPDX-License-Identifier: Apache-2.0
// The common part of datagram sockets.
#include "userland/posix/net/datagram_socket.h"

#include <netinet/in.h>

#include <utility>

#include "kernel/time/clock.h"
#include "lwip/ip.h"
#include "userland/posix/net/control_messages.h"
#include "userland/posix/net/interface_control.h"
#include "userland/posix/net/interface_flags.h"
#include "userland/posix/net/ip_options.h"
#include "userland/posix/net/port_rules.h"

namespace tenon::posix {
namespace {

std::size_t copy_out(const pbuf& packet, Parts to) {
    std::size_t done = 0;
    for (const pbuf* part = &packet; part != nullptr && !to.at_end(); part = part->next)
        done += to.put(part->payload, part->len);
    return done;
}

void copy_in(pbuf& packet, Parts from) {
    for (pbuf* part = &packet; part != nullptr; part = part->next) (void)from.get(part->payload, part->len);
}

bool is_broadcast(const Endpoint& to, netif& interface) {
    return to.is_v4() && ip4_addr_isbroadcast(ip_2_ip4(&to.address), &interface) != 0;
}

}  // namespace

// ---- Addresses

Outcome<> DatagramSocket::bind(const Endpoint& local) {
    const net::CoreLock lock;
    if (is_bound() || (type() == SOCK_RAW && connected_)) return fail_with(EINVAL);
    CHECK(check_local_address(*this, local));
    Endpoint wanted = local;
    if (local.is_any()) wanted.address = wildcard(local.is_v4() ? AF_INET : family(), options_.v6_only).address;
    if (type() == SOCK_DGRAM) {
        if (wanted.port == 0)
            wanted.port = free_port(*this, wanted);
        else if (!may_bind(*this, wanted))
            return fail_with(EADDRINUSE);
        if (wanted.port == 0) return fail_with(EADDRINUSE);
    } else {
        wanted.port = 0;
    }
    local_ = wanted;
    port_chosen_ = local.port != 0;
    address_chosen_ = !local.is_any();
    return update_control_block();
}

Outcome<> DatagramSocket::ensure_port() {
    if (is_bound() || type() != SOCK_DGRAM) return {};
    local_.address = wildcard(family(), options_.v6_only).address;
    local_.port = free_port(*this, local_);
    if (local_.port == 0) return fail_with(EAGAIN);
    return update_control_block();
}

Outcome<> DatagramSocket::connect(const Endpoint& peer) {
    const net::CoreLock lock;
    const OutgoingMessage nothing{.parts = {}, .to = &peer};
    CHECK(ensure_port());
    TRY(const Route route, route_of(nothing));
    if (is_broadcast(route.to, *route.interface) && !options_.broadcast) return fail_with(EACCES);
    if (!address_chosen_) local_.address = route.from;
    peer_ = route.to;
    peer_.port = peer.port;
    connected_ = true;
    error_ = 0;
    CHECK(update_control_block());
    changed();
    return {};
}

Outcome<> DatagramSocket::disconnect() {
    const net::CoreLock lock;
    connected_ = false;
    if (!address_chosen_) local_.address = wildcard(family(), options_.v6_only).address;
    if (!port_chosen_) local_.port = 0;
    CHECK(update_control_block());
    changed();
    return {};
}

Outcome<Endpoint> DatagramSocket::peer_name() {
    if (!connected_ || (peer_.port == 0 && type() == SOCK_DGRAM)) return fail_with(ENOTCONN);
    return peer_;
}

Outcome<> DatagramSocket::shutdown(int how) {
    if (how < SHUT_RD || how > SHUT_RDWR) return fail_with(EINVAL);
    const net::CoreLock lock;
    receive_shut_ |= how != SHUT_WR;
    send_shut_ |= how != SHUT_RD;
    changed();
    input_.signal();
    if (!connected_) return fail_with(ENOTCONN);
    return {};
}

// ---- Sending

Outcome<DatagramSocket::Route> DatagramSocket::route_of(const OutgoingMessage& message) {
    Route route{};
    if (message.to == nullptr) {
        if (!connected_) return fail_with(EDESTADDRREQ);
        route.to = peer_;
    } else {
        route.to = *message.to;
        if (route.to.is_any()) ip_addr_set_loopback_val(!route.to.is_v4(), route.to.address);
    }
    TRY(const SendControl said, read_send_control(*this, message.control));
    const bool v4 = route.to.is_v4();
    if (v4 && family() == AF_INET6 && options_.v6_only) return fail_with(ENETUNREACH);
    // A socket that has an IPv4 address, by bind() or connect(), sends no IPv6 (Linux: ip6_dst_lookup_tail).
    if ((address_chosen_ || connected_) && !IP_IS_ANY_TYPE_VAL(local_.address) && IP_IS_V4_VAL(local_.address) != v4)
        return fail_with(v4 ? ENETUNREACH : EAFNOSUPPORT);
    route.ttl = said.ttl >= 0             ? said.ttl
                : route.to.is_multicast() ? (v4 ? options_.multicast_ttl : options_.multicast_hops)
                : v4                      ? options_.ttl
                                          : options_.hop_limit;
    route.tos = said.tos >= 0 ? said.tos : v4 ? options_.tos : options_.traffic_class;

    unsigned interface = said.interface != 0 ? said.interface : options_.interface;
    if (interface == 0 && route.to.is_multicast())
        interface = v4 ? options_.multicast_interface : options_.multicast_interface6;
    const ip_addr_t& bound = address_chosen_ || connected_ ? local_.address : said.source;
    route.interface =
        interface != 0 ? netif_get_by_index(interface_index(interface)) : route_to(bound, route.to.address);
    if (route.interface == nullptr) return fail_with(interface != 0 ? ENODEV : ENETUNREACH);
    if (!ip_addr_isany_val(said.source)) {
        if (!is_own_address(said.source)) return fail_with(ENETUNREACH);
        route.from = said.source;
    } else if (address_chosen_ && !ip_addr_ismulticast(&local_.address)) {
        route.from = local_.address;
    } else {
        const ip_addr_t* own = ip_netif_get_local_ip(route.interface, &route.to.address);
        if (own == nullptr) return fail_with(v4 ? ENETUNREACH : EADDRNOTAVAIL);
        route.from = *own;
    }
    if (IP_IS_V6_VAL(route.to.address) && ip6_addr_lacks_zone(ip_2_ip6(&route.to.address), IP6_UNKNOWN))
        ip6_addr_assign_zone(ip_2_ip6(&route.to.address), IP6_UNKNOWN, route.interface);
    return route;
}

Outcome<std::size_t> DatagramSocket::send(const OutgoingMessage& message) {
    const std::size_t size = size_of(message.parts);
    if ((message.flags & MSG_OOB) != 0) return fail_with(EOPNOTSUPP);
    const net::CoreLock lock;
    if (is_closed_) return fail_with(EBADF);
    if (size > largest_datagram()) return fail_with(EMSGSIZE);
    if (type() == SOCK_DGRAM && message.to != nullptr && message.to->port == 0) return fail_with(EINVAL);
    TRY(const Route route, route_of(message));
    if (is_broadcast(route.to, *route.interface) && !options_.broadcast) return fail_with(EACCES);
    CHECK(take_error());
    if (send_shut_) return fail_with(EPIPE);
    CHECK(ensure_port());
    if (corked_ != nullptr && corked_->tot_len + size > largest_datagram()) return fail_with(EMSGSIZE);
    pbuf* packet = allocate(size);
    if (packet == nullptr) return fail_with(ENOBUFS);
    copy_in(*packet, Parts(message.parts));
    if (corked_ != nullptr) {
        // The first part's destination is the datagram's.
        pbuf_cat(corked_, packet);
    } else {
        corked_ = packet;
        corked_route_ = route;
    }
    if ((message.flags & MSG_MORE) == 0 && !cork_) CHECK(send_corked());
    return size;
}

Outcome<> DatagramSocket::send_corked() {
    pbuf* packet = std::exchange(corked_, nullptr);
    if (packet == nullptr) return {};
    const auto sent = is_too_large(*packet) ? Outcome<>(fail_with(EMSGSIZE)) : transmit(packet, corked_route_);
    pbuf_free(packet);
    return sent;
}

/// IP_MTU_DISCOVER forbids fragments, and the datagram needs some.
bool DatagramSocket::is_too_large(const pbuf& packet) const {
    const bool v4 = corked_route_.to.is_v4();
    const int discovery = v4 ? options_.mtu_discovery : options_.mtu_discovery6;
    const bool fragments = discovery != IP_PMTUDISC_DO && discovery != IP_PMTUDISC_PROBE;
    const std::size_t headers = 0xFFFF - largest_datagram() + (v4 ? 0 : IP6_HLEN - IP_HLEN);
    return !fragments && packet.tot_len + headers > static_cast<std::size_t>(mtu_of(*corked_route_.interface));
}

// ---- Receiving

void DatagramSocket::received(pbuf* packet, const ip_addr_t& from, std::uint16_t port) {
    const bool v4 = IP_IS_V4_VAL(from);
    if (ip_addr_ismulticast(ip_current_dest_addr()) && !(v4 ? options_.multicast_all : options_.multicast_all6) &&
        !is_member(*this, *ip_current_dest_addr(), netif_get_index(ip_current_input_netif()))) {
        pbuf_free(packet);
        return;
    }
    const Datagram datagram{
        .packet = packet,
        .from = {from, port},
        .to = *ip_current_dest_addr(),
        .time = options_.timestamp || options_.timestamp_ns ? realtime_now() : 0,
        .interface = netif_get_index(ip_current_input_netif()),
        .ttl = v4 ? IPH_TTL(ip4_current_header()) : IP6H_HOPLIM(ip6_current_header()),
        .tos = v4 ? IPH_TOS(ip4_current_header()) : static_cast<std::uint8_t>(IP6H_TC(ip6_current_header())),
    };
    if (unread_.charged() + DatagramQueue::charge(*packet) > options_.receive_limit || !unread_.push(datagram)) {
        ++dropped_;
        pbuf_free(packet);
        return;
    }
    changed();
}

void DatagramSocket::network_error(const NetworkError& error, bool is_fatal) {
    const bool wanted = wants_errors();
    if (wanted) errors_.push(error);
    // Without IP_RECVERR only a connected socket gets errors, and only permanent ones (RFC 1122, section 4.1.3.3).
    if (wanted || (connected_ && is_fatal)) error_ = static_cast<int>(error.details.ee_errno);
    changed();
    input_.signal();
}

Outcome<std::size_t> DatagramSocket::receive_error(IncomingMessage& message) {
    const net::CoreLock lock;
    if (errors_.empty()) return fail_with(EAGAIN);
    const NetworkError& error = errors_.front();
    message.result_flags |= MSG_ERRQUEUE;
    const std::size_t size = Parts(message.parts).put(error.payload.data(), error.payload.size());
    if (size < error.payload.size()) message.result_flags |= MSG_TRUNC;
    message.has_from = true;
    message.from = error.destination;
    put_error_control(message, *this, error);
    errors_.pop();
    // If there are more errors, the next one becomes SO_ERROR's.
    error_ = errors_.empty() ? 0 : static_cast<int>(errors_.front().details.ee_errno);
    changed();
    return size;
}

Outcome<std::size_t> DatagramSocket::receive(IncomingMessage& message) {
    if ((message.flags & MSG_OOB) != 0) return fail_with(EOPNOTSUPP);
    if ((message.flags & MSG_ERRQUEUE) != 0) return receive_error(message);
    return block(input_, options_.receive_timeout, may_block(message.flags), [&]() -> Outcome<std::size_t> {
        CHECK(take_error());
        if (unread_.empty()) {
            if (receive_shut_) return 0;
            return fail_with(EAGAIN);
        }
        const Datagram& datagram = unread_.front();
        const std::size_t whole = datagram.packet->tot_len;
        const std::size_t size = copy_out(*datagram.packet, Parts(message.parts));
        if (size < whole) message.result_flags |= MSG_TRUNC;
        message.has_from = true;
        message.from = datagram.from;
        put_datagram_control(message, *this, datagram, dropped_);
        if ((message.flags & MSG_PEEK) == 0) {
            unread_.pop();
            changed();
        }
        return (message.flags & MSG_TRUNC) != 0 ? whole : size;
    });
}

void DatagramSocket::close_now() {
    unread_.clear();
    if (corked_ != nullptr) pbuf_free(std::exchange(corked_, nullptr));
}

short DatagramSocket::compute_readiness() const {
    int ready = 0;
    if (error_ != 0 || !errors_.empty()) ready |= POLLERR;
    if (receive_shut_) ready |= POLLIN | POLLRDHUP;
    if (receive_shut_ && send_shut_) ready |= POLLHUP;
    if (!unread_.empty()) ready |= POLLIN;
    return static_cast<short>(ready | POLLOUT | POLLWRBAND);
}

}  // namespace tenon::posix
