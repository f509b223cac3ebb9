// SPDX-License-Identifier: Apache-2.0
// Between clients of a published UDP port and the guest.
#include "hv/devices/slirp/datagram_relay.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace hv::slirp {

namespace {

constexpr int datagrams_per_turn = 64;
constexpr std::size_t largest_datagram = 65507;

}  // namespace

void DatagramRelay::publish(FileDescriptor socket, std::uint16_t guest_port) {
    ports_.push_back({std::move(socket), guest_port});
}

void DatagramRelay::add_polls(std::vector<pollfd>& polls) {
    first_poll_ = polls.size();
    for (const Port& port : ports_) polls.push_back({.fd = port.socket.get(), .events = POLLIN, .revents = 0});
}

void DatagramRelay::serve(const std::vector<pollfd>& polls, std::uint64_t now_ms) {
    for (std::size_t port = 0; port < ports_.size(); ++port)
        if ((polls[first_poll_ + port].revents & POLLIN) != 0) receive(port, now_ms);
}

void DatagramRelay::receive(std::size_t port, std::uint64_t now_ms) {
    std::array<std::byte, largest_datagram> buffer;
    for (int budget = datagrams_per_turn; budget > 0; --budget) {
        Client client{.port = port, .address = {}, .shown = 0, .until_ms = now_ms + client_life_ms};
        socklen_t size = sizeof client.address;
        const ssize_t got = recvfrom(ports_[port].socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                                     reinterpret_cast<sockaddr*>(&client.address), &size);
        if (got < 0) return;
        // The guest's address is unknown before it has sent a frame.
        if (!guest_is_known_) continue;
        const Ipv4Address from = ntohl(client.address.sin_addr.s_addr);
        client.shown = from >> 24 == 127 ? network_.gateway : from;
        note(client);
        send_to_guest(client, Bytes(buffer).first(static_cast<std::size_t>(got)));
    }
}

void DatagramRelay::note(const Client& client) {
    // Two clients that the guest cannot tell apart: the later one is meant.
    const auto known = std::ranges::find_if(clients_, [&client](const Client& other) {
        return other.port == client.port && other.shown == client.shown &&
               other.address.sin_port == client.address.sin_port;
    });
    if (known != clients_.end()) clients_.erase(known);
    if (clients_.size() == most_clients) clients_.pop_front();
    clients_.push_back(client);
}

/// In as many fragments as the guest's link needs.
void DatagramRelay::send_to_guest(const Client& client, Bytes datagram) {
    std::vector<std::byte> payload(udp_size + datagram.size());
    put_16(payload, 0, ntohs(client.address.sin_port));
    put_16(payload, 2, ports_[client.port].guest);
    put_16(payload, 4, static_cast<std::uint16_t>(payload.size()));
    std::ranges::copy(datagram, payload.begin() + udp_size);
    const std::uint16_t checksum =
        internet_checksum(payload, pseudo_header_sum(client.shown, network_.guest, protocol_udp, payload.size()));
    put_16(payload, 6, checksum == 0 ? 0xFFFF : checksum);

    const std::size_t room = (network_.mtu - ipv4_size) / 8 * 8;
    const std::uint16_t id = ++next_id_;
    for (std::size_t offset = 0; offset < payload.size(); offset += room) {
        const Bytes part = Bytes(payload).subspan(offset, std::min(room, payload.size() - offset));
        std::vector<std::byte> frame(ethernet_size + ipv4_size + part.size());
        write_ipv4(frame,
                   {.to = guest_mac_,
                    .from = network_.gateway_mac,
                    .source = client.shown,
                    .destination = network_.guest,
                    .protocol = protocol_udp,
                    .id = id,
                    .offset = offset,
                    .more_fragments = offset + part.size() < payload.size()},
                   part.size());
        std::ranges::copy(part, frame.begin() + ethernet_size + ipv4_size);
        network_.send(frame);
    }
}

void DatagramRelay::learn(Bytes frame) {
    if (ports_.empty() || frame.size() < ethernet_size) return;
    std::ranges::copy(frame.subspan(6, guest_mac_.size()), guest_mac_.begin());
    guest_is_known_ = true;
}

bool DatagramRelay::take(Bytes frame, std::uint64_t now_ms) {
    if (clients_.empty()) return false;
    const auto packet = read_ipv4(frame);
    if (!packet || packet->protocol != protocol_udp || packet->source != network_.guest) return false;
    const Bytes datagram = packet->payload(frame);
    if (datagram.size() < udp_size) return false;
    while (!clients_.empty() && clients_.front().until_ms <= now_ms) clients_.pop_front();
    const auto client = std::ranges::find_if(clients_, [&](const Client& known) {
        return known.shown == packet->destination && ntohs(known.address.sin_port) == get_16(datagram, 2) &&
               ports_[known.port].guest == get_16(datagram, 0);
    });
    if (client == clients_.end()) return false;
    const std::size_t size = get_16(datagram, 4);
    if (size >= udp_size && size <= datagram.size())
        static_cast<void>(sendto(ports_[client->port].socket.get(), datagram.data() + udp_size, size - udp_size,
                                 MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&client->address),
                                 sizeof client->address));
    client->until_ms = now_ms + client_life_ms;
    clients_.splice(clients_.end(), clients_, client);
    return true;
}

}  // namespace hv::slirp
