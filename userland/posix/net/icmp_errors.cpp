// SPDX-License-Identifier: Apache-2.0
// Passes ICMP errors to the sockets whose packets caused them.
#include "kernel/net/icmp_errors.h"

#include <netinet/in.h>

#include "kernel/base/init_step.h"
#include "lwip/priv/tcp_priv.h"
#include "userland/posix/net/datagram_socket.h"
#include "userland/posix/net/tcp_socket.h"

namespace tenon::posix {
namespace {

struct Meaning {
    int error;
    bool fatal;
};

/// Linux: icmp_err_convert, by code of "destination unreachable" (RFC 792, RFC 1122).
Meaning meaning_v4(std::uint8_t type, std::uint8_t code) {
    constexpr std::uint8_t unreachable = 3, time_exceeded = 11, parameter_problem = 12;
    constexpr Meaning of_unreachable[] = {
        {ENETUNREACH, false},  {EHOSTUNREACH, false}, {ENOPROTOOPT, true},  {ECONNREFUSED, true},
        {EMSGSIZE, false},     {EOPNOTSUPP, false},   {ENETUNREACH, true},  {EHOSTDOWN, true},
        {ENETUNREACH, true},   {ENETUNREACH, true},   {EHOSTUNREACH, true}, {ENETUNREACH, false},
        {EHOSTUNREACH, false}, {EHOSTUNREACH, true},  {EHOSTUNREACH, true}, {EHOSTUNREACH, true},
    };
    switch (type) {
        case unreachable: return code < std::size(of_unreachable) ? of_unreachable[code] : Meaning{EHOSTUNREACH, false};
        case parameter_problem: return {EPROTO, true};
        case time_exceeded: return {EHOSTUNREACH, false};
        default: return {};
    }
}

/// RFC 4443, sections 3.1 to 3.4.
Meaning meaning_v6(std::uint8_t type, std::uint8_t code) {
    constexpr std::uint8_t unreachable = 1, too_big = 2, time_exceeded = 3, parameter_problem = 4;
    constexpr Meaning of_unreachable[] = {
        {ENETUNREACH, false}, {EACCES, true}, {EHOSTUNREACH, false}, {EHOSTUNREACH, false},
        {ECONNREFUSED, true}, {EACCES, true}, {EACCES, true},
    };
    switch (type) {
        case unreachable: return code < std::size(of_unreachable) ? of_unreachable[code] : Meaning{EPROTO, false};
        case too_big: return {EMSGSIZE, false};
        case parameter_problem: return {EPROTO, true};
        case time_exceeded: return {EHOSTUNREACH, false};
        default: return {};
    }
}

bool concerns(const Socket& socket, const net::IcmpError& error) {
    if (socket.type() != SOCK_DGRAM || error.protocol != IPPROTO_UDP) return false;
    if (socket.binding().port != error.source_port) return false;
    const ip_addr_t& bound = socket.binding().address;
    if (!ip_addr_isany_val(bound) && !ip_addr_cmp_zoneless(&bound, &error.source)) return false;
    const auto peer = const_cast<Socket&>(socket).peer_name();
    return !peer || (peer->port == error.destination_port && ip_addr_cmp_zoneless(&peer->address, &error.destination));
}

void tell_datagram_sockets(const net::IcmpError& error, Meaning meaning) {
    NetworkError told{};
    told.details.ee_errno = static_cast<std::uint32_t>(meaning.error);
    told.details.ee_origin = error.v6 ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP;
    told.details.ee_type = error.type;
    told.details.ee_code = error.code;
    told.details.ee_info = error.information;
    told.offender = {error.offender, 0};
    told.destination = {error.destination, error.destination_port};
    told.payload = error.payload;
    open_sockets().for_each([&](Socket& socket) {
        if (concerns(socket, error)) static_cast<DatagramSocket&>(socket).network_error(told, meaning.fatal);
    });
}

/// An ICMP error ends an attempt to connect at once (Linux: tcp_v4_err); an established connection continues (RFC 1122,
/// section 4.2.3.9: the fault may be temporary).
void tell_connecting(const net::IcmpError& error, Meaning meaning) {
    for (tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr; pcb = pcb->next) {
        if (pcb->local_port != error.source_port || pcb->remote_port != error.destination_port ||
            !ip_addr_cmp_zoneless(&pcb->remote_ip, &error.destination) || pcb->state != SYN_SENT ||
            pcb->callback_arg == nullptr || pcb->lastack + 1 != error.sequence)
            continue;
        static_cast<TcpSocket*>(pcb->callback_arg)->connection_refused(meaning.error);
        return;
    }
}

void heard(const net::IcmpError& error) {
    const Meaning meaning = error.v6 ? meaning_v6(error.type, error.code) : meaning_v4(error.type, error.code);
    if (meaning.error == 0) return;
    if (error.protocol == IPPROTO_TCP)
        tell_connecting(error, meaning);
    else
        tell_datagram_sockets(error, meaning);
}

}  // namespace

void listen_to_icmp() { net::set_icmp_listener(heard); }

}  // namespace tenon::posix
