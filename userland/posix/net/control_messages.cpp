// SPDX-License-Identifier: Apache-2.0
// Control messages of sendmsg() and recvmsg().
#include "userland/posix/net/control_messages.h"

#include <netinet/in.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>
#include <cstring>

#include "lwip/netif.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {
namespace {

template <typename T>
void put(IncomingMessage& message, int level, int type, const T& value) {
    put_control(message, level, type, std::as_bytes(std::span(&value, 1)));
}

void put_address(IncomingMessage& message, const Socket& socket, const Datagram& datagram) {
    const SocketOptions& options = socket.options();
    if (socket.family() == AF_INET6 && options.packet_info6) {
        const in6_pktinfo info{to_in6(datagram.to), datagram.interface};
        put(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
    if (IP_IS_V4_VAL(datagram.to) && options.packet_info) {
        in_pktinfo info{};
        info.ipi_ifindex = datagram.interface;
        info.ipi_addr.s_addr = ip_2_ip4(&datagram.to)->addr;
        info.ipi_spec_dst = info.ipi_addr;
        // A group has no address of this machine: the interface's stands for it.
        const netif* interface = netif_get_by_index(datagram.interface);
        if (ip_addr_ismulticast(&datagram.to) && interface != nullptr)
            info.ipi_spec_dst.s_addr = netif_ip4_addr(interface)->addr;
        put(message, IPPROTO_IP, IP_PKTINFO, info);
    }
}

}  // namespace

void put_control(IncomingMessage& message, int level, int type, std::span<const std::byte> data) {
    const std::size_t room = message.control.size() - message.control_size;
    if (room < sizeof(cmsghdr)) {
        message.result_flags |= MSG_CTRUNC;
        return;
    }
    std::size_t length = CMSG_LEN(data.size());
    if (length > room) {
        message.result_flags |= MSG_CTRUNC;
        length = room;
    }
    std::byte* place = message.control.data() + message.control_size;
    const cmsghdr header{length, level, type};
    std::memcpy(place, &header, sizeof(header));
    std::memcpy(place + CMSG_LEN(0), data.data(), length - CMSG_LEN(0));
    message.control_size += std::min(CMSG_SPACE(data.size()), room);
}

void put_datagram_control(IncomingMessage& message, const Socket& socket, const Datagram& datagram,
                          std::uint32_t dropped) {
    const SocketOptions& options = socket.options();
    if (options.timestamp_ns) {
        put(message, SOL_SOCKET, SCM_TIMESTAMPNS, to_timespec(datagram.time));
    } else if (options.timestamp) {
        put(message, SOL_SOCKET, SCM_TIMESTAMP, to_timeval(datagram.time));
    }
    if (options.count_drops && dropped != 0) put(message, SOL_SOCKET, SO_RXQ_OVFL, dropped);
    put_address(message, socket, datagram);
    if (IP_IS_V4_VAL(datagram.to)) {
        if (options.receive_ttl) put(message, IPPROTO_IP, IP_TTL, int{datagram.ttl});
        if (options.receive_tos) put(message, IPPROTO_IP, IP_TOS, datagram.tos);
    }
    if (IP_IS_V6_VAL(datagram.to)) {
        if (options.receive_hop_limit) put(message, IPPROTO_IPV6, IPV6_HOPLIMIT, int{datagram.ttl});
        if (options.receive_traffic_class) put(message, IPPROTO_IPV6, IPV6_TCLASS, int{datagram.tos});
    }
}

void put_error_control(IncomingMessage& message, const Socket& socket, const NetworkError& error) {
    struct {
        sock_extended_err details;
        sockaddr_storage offender;
    } data;
    data.details = error.details;
    const int family = error.offender.is_v4() ? AF_INET : AF_INET6;
    const socklen_t size = store_endpoint(error.offender, family, data.offender);
    const auto bytes = std::as_bytes(std::span(&data, 1)).first(sizeof(data.details) + size);
    if (socket.family() == AF_INET)
        put_control(message, IPPROTO_IP, IP_RECVERR, bytes);
    else
        put_control(message, IPPROTO_IPV6, IPV6_RECVERR, bytes);
}

Outcome<SendControl> read_send_control(const Socket& socket, std::span<const std::byte> control) {
    SendControl result{};
    result.source = wildcard(AF_INET, false).address;
    while (control.size() >= sizeof(cmsghdr)) {
        cmsghdr header;
        std::memcpy(&header, control.data(), sizeof(header));
        if (header.cmsg_len < sizeof(header) || header.cmsg_len > control.size()) return fail_with(EINVAL);
        const auto data = control.subspan(CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0));
        const auto value = [&]() -> Outcome<int> {
            int number;
            if (data.size() != sizeof(number)) return fail_with(EINVAL);
            std::memcpy(&number, data.data(), sizeof(number));
            return number;
        };
        if (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_PKTINFO) {
            in_pktinfo info;
            if (data.size() != sizeof(info)) return fail_with(EINVAL);
            std::memcpy(&info, data.data(), sizeof(info));
            ip_addr_set_ip4_u32_val(result.source, info.ipi_spec_dst.s_addr);
            result.interface = static_cast<unsigned>(info.ipi_ifindex);
        } else if (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info;
            if (data.size() < sizeof(info)) return fail_with(EINVAL);
            std::memcpy(&info, data.data(), sizeof(info));
            result.source = from_in6(info.ipi6_addr);
            result.interface = info.ipi6_ifindex;
        } else if ((header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_TTL) ||
                   (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_HOPLIMIT)) {
            TRY(result.ttl, value());
            const int smallest = header.cmsg_level == IPPROTO_IP ? 1 : -1;
            if (result.ttl < smallest || result.ttl > 255) return fail_with(EINVAL);
        } else if ((header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_TOS) ||
                   (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_TCLASS)) {
            if (data.size() == 1) {
                result.tos = static_cast<int>(data[0]);
            } else {
                TRY(result.tos, value());
            }
            if (result.tos < 0 || result.tos > 255) return fail_with(EINVAL);
        } else if (header.cmsg_level == IPPROTO_IP ||
                   (header.cmsg_level == IPPROTO_IPV6 && socket.family() == AF_INET6)) {
            return fail_with(EINVAL);
        }
        control = control.subspan(std::min(CMSG_ALIGN(header.cmsg_len), control.size()));
    }
    return result;
}

}  // namespace tenon::posix
