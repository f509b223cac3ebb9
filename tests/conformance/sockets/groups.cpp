// SPDX-License-Identifier: Apache-2.0
// Multicast over loopback, and IP_PKTINFO.
#include <net/if.h>

#include "report.h"

namespace conformance {
namespace {

unsigned loopback_index() { return if_nametoindex("lo"); }

template <typename T>
int set_object(int fd, int level, int name, const T& value) {
    return setsockopt(fd, level, name, &value, sizeof(value));
}

ip_mreqn request(const char* group, unsigned interface = loopback_index()) {
    ip_mreqn result{};
    inet_pton(AF_INET, group, &result.imr_multiaddr);
    result.imr_ifindex = static_cast<int>(interface);
    return result;
}

int send_to(int fd, const sockaddr_in& to) {
    return static_cast<int>(sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)));
}

std::string heard(int fd) {
    settle();
    char byte;
    errno = 0;
    return outcome(recv(fd, &byte, 1, MSG_DONTWAIT));
}

void membership() {
    const Fd fd = datagram(), sender = datagram(), tcp = stream();
    TELL(set_object(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("224.1.2.3")));
    TELL(set_object(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("224.1.2.3")));
    TELL(set_object(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("10.1.2.3")));
    TELL(set_object(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("224.1.2.3", 99)));
    TELL(set_object(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, request("224.1.2.4")));
    TELL(set_object(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, request("10.1.2.4")));
    TELL(set_object(tcp, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("224.1.2.3")));
    ip_mreq old{};
    inet_pton(AF_INET, "224.1.2.9", &old.imr_multiaddr);
    inet_pton(AF_INET, "127.0.0.1", &old.imr_interface);
    TELL(set_object(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, old));
    TELL(set_object(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, old));
    inet_pton(AF_INET, "192.0.2.1", &old.imr_interface);
    TELL(set_object(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, old));
    TELL(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &old, 4));
    // Where datagrams to a group go.
    bind_to(fd, v4("0.0.0.0", 0));
    const sockaddr_in group = v4("224.1.2.3", port_of(fd)), another = v4("224.1.2.5", port_of(fd));
    TELL(send_to(sender, group));
    in_addr by{};
    inet_pton(AF_INET, "127.0.0.1", &by);
    TELL(set_object(sender, IPPROTO_IP, IP_MULTICAST_IF, by));
    in_addr value{};
    socklen_t size = sizeof(value);
    TELL(getsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &value, &size));
    char text[INET_ADDRSTRLEN];
    line("multicast interface",
         inet_ntop(AF_INET, &value, text, sizeof(text)) + std::string(" in ") + std::to_string(size));
    ip_mreqn index{};
    index.imr_ifindex = 99;
    TELL(set_object(sender, IPPROTO_IP, IP_MULTICAST_IF, index));
    inet_pton(AF_INET, "192.0.2.1", &by);
    TELL(set_object(sender, IPPROTO_IP, IP_MULTICAST_IF, by));
    TELL(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &by, 2));
    TELL(send_to(sender, group));
    line("a member hears", heard(fd));
    TELL(send_to(sender, another));
    line("of another group", heard(fd));
    // Two members that share a port both hear.
    const Fd second = datagram(), third = datagram();
    set(second, SOL_SOCKET, SO_REUSEADDR, 1);
    set(third, SOL_SOCKET, SO_REUSEADDR, 1);
    bind_to(second, v4("0.0.0.0", 0));
    TELL(bind_to(third, v4("0.0.0.0", port_of(second))));
    const sockaddr_in shared = v4("224.1.2.3", port_of(second));
    TELL(set_object(second, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("224.1.2.3")));
    TELL(set_object(third, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("224.1.2.3")));
    TELL(send_to(sender, shared));
    line("one", heard(second));
    line("the other", heard(third));
    // IP_MULTICAST_ALL: groups of other sockets.
    TELL(set_object(third, IPPROTO_IP, IP_DROP_MEMBERSHIP, request("224.1.2.3")));
    TELL(send_to(sender, shared));
    line("a member", heard(second));
    line("no member", heard(third));
    TELL(set(third, IPPROTO_IP, 49 /* IP_MULTICAST_ALL */, 0));
    TELL(send_to(sender, shared));
    line("a member", heard(second));
    line("no member, of its own groups alone", heard(third));
    // Not looped back.
    TELL(set(sender, IPPROTO_IP, IP_MULTICAST_LOOP, 0));
    TELL(send_to(sender, shared));
    line("without loop", heard(second));
    TELL(set(sender, IPPROTO_IP, IP_MULTICAST_LOOP, 1));
    TELL(set_object(second, IPPROTO_IP, IP_DROP_MEMBERSHIP, request("224.1.2.3")));
    TELL(set_object(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, request("224.1.2.3")));
    TELL(send_to(sender, shared));
    line("nobody is a member", heard(second));
    // RFC 3678: the family in the request.
    struct {
        uint32_t interface;
        sockaddr_storage group;
    } wish{loopback_index(), {}};
    const sockaddr_in wanted = v4("224.1.2.3", 0);
    std::memcpy(&wish.group, &wanted, sizeof(wanted));
    TELL(set_object(second, IPPROTO_IP, 42 /* MCAST_JOIN_GROUP */, wish));
    TELL(set_object(second, IPPROTO_IP, 42, wish));
    TELL(send_to(sender, shared));
    line("by MCAST_JOIN_GROUP", heard(second));
    TELL(set_object(second, IPPROTO_IP, 45 /* MCAST_LEAVE_GROUP */, wish));
    TELL(set_object(second, IPPROTO_IP, 45, wish));
}

void membership6() {
    const Fd fd = datagram(0, AF_INET6), sender = datagram(0, AF_INET6);
    ipv6_mreq request6{};
    inet_pton(AF_INET6, "ff02::1234", &request6.ipv6mr_multiaddr);
    request6.ipv6mr_interface = loopback_index();
    TELL(set_object(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, request6));
    TELL(set_object(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, request6));
    request6.ipv6mr_interface = 99;
    TELL(set_object(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, request6));
    inet_pton(AF_INET6, "2001:db8::1", &request6.ipv6mr_multiaddr);
    request6.ipv6mr_interface = loopback_index();
    TELL(set_object(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, request6));
    TELL(set_object(fd, IPPROTO_IPV6, IPV6_LEAVE_GROUP, request6));
    inet_pton(AF_INET6, "ff02::1234", &request6.ipv6mr_multiaddr);
    TELL(set_object(fd, IPPROTO_IPV6, IPV6_LEAVE_GROUP, request6));
    TELL(set_object(fd, IPPROTO_IPV6, IPV6_LEAVE_GROUP, request6));
    TELL(set(sender, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(loopback_index())));
    TELL(option(sender, IPPROTO_IPV6, IPV6_MULTICAST_IF));
    TELL(set(sender, IPPROTO_IPV6, IPV6_MULTICAST_IF, 99));
}

/// The addresses of a datagram that has arrived, as IP_PKTINFO or IPV6_PKTINFO has them.
std::string packet_information(int fd) {
    char byte;
    alignas(cmsghdr) char control[256];
    iovec part{&byte, 1};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof(control);
    settle();
    errno = 0;
    if (recvmsg(fd, &header, MSG_DONTWAIT) < 0) return error_name(errno);
    std::string text;
    for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
        char address[INET6_ADDRSTRLEN];
        if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
            in_pktinfo info;
            std::memcpy(&info, CMSG_DATA(message), sizeof(info));
            text += "4 to " + std::string(inet_ntop(AF_INET, &info.ipi_addr, address, sizeof(address)));
            text += " here " + std::string(inet_ntop(AF_INET, &info.ipi_spec_dst, address, sizeof(address)));
            text += info.ipi_ifindex == static_cast<int>(loopback_index()) ? " by lo " : " by another ";
        } else if (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info;
            std::memcpy(&info, CMSG_DATA(message), sizeof(info));
            text += "6 to " + std::string(inet_ntop(AF_INET6, &info.ipi6_addr, address, sizeof(address)));
            text += info.ipi6_ifindex == loopback_index() ? " by lo " : " by another ";
        } else {
            text += std::to_string(message->cmsg_level) + ":" + std::to_string(message->cmsg_type) + " ";
        }
    }
    return text;
}

void information_of_packets() {
    const Fd fd = datagram(), sender = datagram();
    set(fd, IPPROTO_IP, IP_PKTINFO, 1);
    bind_to(fd, v4("0.0.0.0", 0));
    for (const char* address : {"127.0.0.1", "127.0.0.7"}) {
        TELL(send_to(sender, v4(address, port_of(fd))));
        line("packet information", packet_information(fd));
    }
    const in_addr by{htonl(INADDR_LOOPBACK)};
    set_object(sender, IPPROTO_IP, IP_MULTICAST_IF, by);
    set_object(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, request("224.1.2.3"));
    TELL(send_to(sender, v4("224.1.2.3", port_of(fd))));
    line("packet information of a group", packet_information(fd));
    // Both families.
    const Fd dual = datagram(0, AF_INET6), sender6 = datagram(0, AF_INET6);
    set(dual, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    bind_to(dual, v6("::", 0));
    const sockaddr_in6 to = v6("::1", port_of(dual));
    TELL(sendto(sender6, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)));
    line("of IPv6", packet_information(dual));
    TELL(send_to(sender, v4("127.0.0.1", port_of(dual))));
    line("of IPv4 in IPv6", packet_information(dual));
    set(dual, IPPROTO_IP, IP_PKTINFO, 1);
    TELL(send_to(sender, v4("127.0.0.1", port_of(dual))));
    line("of both", packet_information(dual));
    set(dual, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    set(dual, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    TELL(send_to(sender, v4("127.0.0.1", port_of(dual))));
    line("of more, IPv4", packet_information(dual));
    TELL(sendto(sender6, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof(to)));
    line("of more, IPv6", packet_information(dual));
    // The sender's address for one datagram.
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
    auto* said = reinterpret_cast<cmsghdr*>(control);
    said->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    said->cmsg_level = IPPROTO_IP;
    said->cmsg_type = IP_PKTINFO;
    in_pktinfo info{};
    char byte = 'x';
    iovec part{&byte, 1};
    const sockaddr_in target = v4("127.0.0.1", port_of(fd));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_name = const_cast<sockaddr_in*>(&target);
    message.msg_namelen = sizeof(target);
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0) {
    }
    for (const auto& [source, interface] :
         {std::pair{"127.0.0.9", 0u}, {"192.0.2.1", 0u}, {"0.0.0.0", loopback_index()}, {"0.0.0.0", 99u}}) {
        inet_pton(AF_INET, source, &info.ipi_spec_dst);
        info.ipi_ifindex = static_cast<int>(interface);
        std::memcpy(CMSG_DATA(said), &info, sizeof(info));
        TELL(sendmsg(sender, &message, 0));
        settle();
        sockaddr_storage from{};
        socklen_t size = sizeof(from);
        if (recvfrom(fd, &byte, 1, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size) > 0)
            line("from", address_text(from, size));
    }
}

void mapped_addresses() {
    // An IPv6 socket and IPv4, in each way.
    const Fd only = datagram(0, AF_INET6), dual = datagram(0, AF_INET6);
    set(only, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    const sockaddr_in6 mapped = v6("::ffff:127.0.0.1", 9), six = v6("::1", 9);
    TELL(sendto(only, "x", 1, 0, reinterpret_cast<const sockaddr*>(&mapped), sizeof(mapped)));
    TELL(connect_to(only, mapped));
    TELL(connect_to(dual, mapped));
    line("mapped peer", peer_of(dual));
    line("mapped name", local_of(dual));
    TELL(connect_to(dual, six));
    line("peer", peer_of(dual));
    line("name", local_of(dual));
    const Fd bound = datagram(0, AF_INET6);
    TELL(bind_to(bound, v6("::ffff:127.0.0.1", 0)));
    TELL(sendto(bound, "x", 1, 0, reinterpret_cast<const sockaddr*>(&six), sizeof(six)));
    TELL(connect_to(bound, six));
    TELL(connect_to(bound, mapped));
    const Fd any_mapped = stream(0, AF_INET6);
    TELL(bind_to(any_mapped, v6("::ffff:0.0.0.0", 0)));
    line("name of the mapped wildcard", local_of(any_mapped));
    TELL(listen(any_mapped, 1));
    TELL(connect_to(stream(0, AF_INET6), v6("::1", port_of(any_mapped))));
    const Fd four = stream();
    TELL(connect_to(four, v4("127.0.0.1", port_of(any_mapped))));
    const Fd accepted(accept(any_mapped, nullptr, nullptr));
    line("accepted, peer", peer_of(accepted));
    line("accepted, name", local_of(accepted));
    TELL(option(accepted, IPPROTO_IPV6, IPV6_V6ONLY));
    TELL(option(accepted, SOL_SOCKET, SO_DOMAIN));
    TELL(set(accepted, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    // IPv6 sockets and IPv4 ones beside each other.
    const Fd first = stream(), second = stream(0, AF_INET6), third = stream(0, AF_INET6);
    bind_to(first, v4("127.0.0.1", 0));
    listen(first, 1);
    set(second, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    TELL(bind_to(second, v6("::", port_of(first))));
    TELL(listen(second, 1));
    TELL(bind_to(third, v6("::", port_of(first))));
    const Fd to_first = stream(), to_second = stream(0, AF_INET6);
    TELL(connect_to(to_first, v4("127.0.0.1", port_of(first))));
    TELL(connect_to(to_second, v6("::1", port_of(first))));
    line("the IPv4 one", ready(first));
    line("the IPv6 one", ready(second));
}

}  // namespace

void groups() {
    membership();
    membership6();
    information_of_packets();
    mapped_addresses();
}

}  // namespace conformance
