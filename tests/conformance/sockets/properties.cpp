// SPDX-License-Identifier: Apache-2.0
// Options, control messages, interfaces, and addresses as text.
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "report.h"

namespace conformance {
namespace {

struct Option {
    const char* name;
    int level, number;
};

/// An option's first value, its value after each one that is tried, and refusals.
void look_at(const char* kind, int fd, const Option& option, std::initializer_list<int> values) {
    std::string text;
    int value = -1;
    socklen_t size = sizeof(value);
    errno = 0;
    text = getsockopt(fd, option.level, option.number, &value, &size) != 0
               ? error_name(errno)
               : std::to_string(value) + " in " + std::to_string(size);
    for (const int wish : values) {
        errno = 0;
        text += ", " + std::to_string(wish) + ": ";
        if (setsockopt(fd, option.level, option.number, &wish, sizeof(wish)) != 0) {
            text += error_name(errno);
            continue;
        }
        value = -1;
        size = sizeof(value);
        text +=
            getsockopt(fd, option.level, option.number, &value, &size) != 0 ? error_name(errno) : std::to_string(value);
    }
    line((std::string(kind) + " " + option.name).c_str(), text);
}

}  // namespace

void options() {
    const Fd tcp = stream(), udp = datagram(), tcp6 = stream(0, AF_INET6), udp6 = datagram(0, AF_INET6);
    const Option flags[] = {
        {"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR}, {"SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT},
        {"SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE}, {"SO_BROADCAST", SOL_SOCKET, SO_BROADCAST},
        {"SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE}, {"SO_DONTROUTE", SOL_SOCKET, SO_DONTROUTE},
        {"SO_TIMESTAMP", SOL_SOCKET, SO_TIMESTAMP},
    };
    for (const Option& option : flags) look_at("tcp", tcp, option, {1, 0, 5});
    for (const Option& option : flags) look_at("udp", udp, option, {1, 0, 5});
    look_at("tcp", tcp, {"SO_TYPE", SOL_SOCKET, SO_TYPE}, {1});
    look_at("udp", udp, {"SO_TYPE", SOL_SOCKET, SO_TYPE}, {});
    look_at("tcp", tcp, {"SO_DOMAIN", SOL_SOCKET, SO_DOMAIN}, {2});
    look_at("tcp6", tcp6, {"SO_DOMAIN", SOL_SOCKET, SO_DOMAIN}, {});
    look_at("tcp", tcp, {"SO_PROTOCOL", SOL_SOCKET, SO_PROTOCOL}, {});
    look_at("udp", udp, {"SO_PROTOCOL", SOL_SOCKET, SO_PROTOCOL}, {});
    look_at("tcp", tcp, {"SO_ACCEPTCONN", SOL_SOCKET, SO_ACCEPTCONN}, {1});
    look_at("tcp", tcp, {"SO_ERROR", SOL_SOCKET, SO_ERROR}, {1});
    look_at("udp", udp, {"SO_RCVBUF", SOL_SOCKET, SO_RCVBUF}, {1, 10000});
    look_at("udp", udp, {"SO_SNDBUF", SOL_SOCKET, SO_SNDBUF}, {1, 10000});
    // The most is the system's choice (net.core.rmem_max); a negative size is a very large one.
    for (const int name : {SO_RCVBUF, SO_SNDBUF}) {
        TELL(set(udp, SOL_SOCKET, name, 1 << 30));
        const int most = option(udp, SOL_SOCKET, name);
        TELL(most >= 425984);
        TELL(set(udp, SOL_SOCKET, name, 1) == 0 && set(udp, SOL_SOCKET, name, -1) == 0);
        TELL(option(udp, SOL_SOCKET, name) == most);
    }
    look_at("udp", udp, {"SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT}, {0, 7, -1});
    look_at("udp", udp, {"SO_SNDLOWAT", SOL_SOCKET, SO_SNDLOWAT}, {2});
    look_at("udp", udp, {"SO_PRIORITY", SOL_SOCKET, SO_PRIORITY}, {3, 6});
    look_at("udp", udp, {"an unknown one", SOL_SOCKET, 9999}, {1});
    look_at("udp", udp, {"an unknown level", 9999, 1}, {1});
    look_at("udp", udp, {"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY}, {1});
    look_at("tcp", tcp, {"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY}, {1});
    look_at("udp", udp, {"SO_BUSY_POLL", SOL_SOCKET, SO_BUSY_POLL}, {0, -1});
    // TCP
    look_at("tcp", tcp, {"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY}, {1, 0, 7});
    look_at("tcp", tcp, {"TCP_CORK", IPPROTO_TCP, TCP_CORK}, {1, 0, 7});
    look_at("tcp", tcp, {"TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE}, {100, 0, -1, 32767, 32768});
    look_at("tcp", tcp, {"TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL}, {10, 0, 32768});
    look_at("tcp", tcp, {"TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT}, {3, 0, 127, 128});
    look_at("tcp", tcp, {"TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT}, {3, 0, 127, 128});
    look_at("tcp", tcp, {"TCP_MAXSEG", IPPROTO_TCP, TCP_MAXSEG}, {1000, 10, 40000});
    look_at("tcp", tcp, {"TCP_LINGER2", IPPROTO_TCP, TCP_LINGER2}, {10, -1, 0, 1000});
    look_at("tcp", tcp, {"TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT}, {0});
    look_at("tcp", tcp, {"TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT}, {1000, 0, -1});
    look_at("tcp", tcp, {"TCP_QUICKACK", IPPROTO_TCP, TCP_QUICKACK}, {});
    look_at("tcp", tcp, {"TCP_FASTOPEN", IPPROTO_TCP, TCP_FASTOPEN}, {-1});
    look_at("tcp", tcp, {"TCP_FASTOPEN_CONNECT", IPPROTO_TCP, TCP_FASTOPEN_CONNECT}, {1, 0, 2});
    look_at("tcp", tcp, {"TCP_INQ", IPPROTO_TCP, TCP_INQ}, {1, 0, 2});
    look_at("tcp", tcp, {"an unknown one", IPPROTO_TCP, 999}, {1});
    look_at("udp6", udp6, {"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY}, {1});
    // IP
    look_at("udp", udp, {"IP_TTL", IPPROTO_IP, IP_TTL}, {1, 255, 256, 0, -1, -2});
    look_at("udp", udp, {"IP_TOS", IPPROTO_IP, IP_TOS}, {16, 255, 0});
    look_at("udp", udp, {"IP_PKTINFO", IPPROTO_IP, IP_PKTINFO}, {1, 0, 5});
    look_at("udp", udp, {"IP_RECVTTL", IPPROTO_IP, IP_RECVTTL}, {1, 0});
    look_at("udp", udp, {"IP_RECVTOS", IPPROTO_IP, IP_RECVTOS}, {1, 0});
    look_at("udp", udp, {"IP_RECVERR", IPPROTO_IP, IP_RECVERR}, {1, 0});
    look_at("udp", udp, {"IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER}, {0, 2, 6});
    look_at("udp", udp, {"IP_MTU", IPPROTO_IP, IP_MTU}, {1});
    look_at("udp", udp, {"IP_FREEBIND", IPPROTO_IP, IP_FREEBIND}, {1, 0});
    look_at("udp", udp, {"IP_HDRINCL", IPPROTO_IP, IP_HDRINCL}, {1});
    look_at("udp", udp, {"IP_MULTICAST_TTL", IPPROTO_IP, IP_MULTICAST_TTL}, {5, 256, -1});
    look_at("udp", udp, {"IP_MULTICAST_LOOP", IPPROTO_IP, IP_MULTICAST_LOOP}, {0, 1, 7});
    look_at("udp", udp, {"IP_MULTICAST_ALL", IPPROTO_IP, IP_MULTICAST_ALL}, {0, 1, 7});
    look_at("udp", udp, {"IP_BIND_ADDRESS_NO_PORT", IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT}, {1, 0, 7});
    look_at("tcp", tcp, {"IP_TTL", IPPROTO_IP, IP_TTL}, {7});
    look_at("tcp", tcp, {"IP_MULTICAST_TTL", IPPROTO_IP, IP_MULTICAST_TTL}, {5});
    look_at("udp", udp, {"an unknown one", IPPROTO_IP, 999}, {1});
    look_at("udp6", udp6, {"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY}, {1, 0, 7});
    look_at("udp6", udp6, {"IPV6_UNICAST_HOPS", IPPROTO_IPV6, IPV6_UNICAST_HOPS}, {1, 255, 256, 0, -1, -2});
    look_at("udp6", udp6, {"IPV6_MULTICAST_HOPS", IPPROTO_IPV6, IPV6_MULTICAST_HOPS}, {5, 256, -1});
    look_at("udp6", udp6, {"IPV6_MULTICAST_LOOP", IPPROTO_IPV6, IPV6_MULTICAST_LOOP}, {0, 1, 7});
    look_at("udp6", udp6, {"IPV6_RECVPKTINFO", IPPROTO_IPV6, IPV6_RECVPKTINFO}, {1, 0});
    look_at("udp6", udp6, {"IPV6_RECVHOPLIMIT", IPPROTO_IPV6, IPV6_RECVHOPLIMIT}, {1, 0});
    look_at("udp6", udp6, {"IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS}, {3, 255, 256, -1});
    look_at("udp6", udp6, {"IPV6_RECVERR", IPPROTO_IPV6, IPV6_RECVERR}, {1, 0});
    look_at("udp6", udp6, {"IPV6_DONTFRAG", IPPROTO_IPV6, IPV6_DONTFRAG}, {1, 0});
    look_at("udp6", udp6, {"IPV6_AUTOFLOWLABEL", IPPROTO_IPV6, IPV6_AUTOFLOWLABEL}, {0, 1});
    if (const Fd raw6{socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)}; raw6 >= 0) {
        look_at("raw6", raw6, {"IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY}, {1});
        look_at("raw6", raw6, {"IP_TTL", IPPROTO_IP, IP_TTL}, {7});
    }
    // Sizes.
    int value = 1;
    TELL(setsockopt(udp, SOL_SOCKET, SO_BROADCAST, &value, 3));
    TELL(setsockopt(udp, SOL_SOCKET, SO_BROADCAST, &value, 0));
    const unsigned char byte = 9;
    TELL(setsockopt(udp, IPPROTO_IP, IP_TTL, &byte, 1));
    TELL(option(udp, IPPROTO_IP, IP_TTL));
    value = -1;
    socklen_t size = 2;
    TELL(getsockopt(udp, SOL_SOCKET, SO_TYPE, &value, &size));
    line("cut to", std::to_string(size));
    size = static_cast<socklen_t>(-1);
    TELL(getsockopt(udp, SOL_SOCKET, SO_TYPE, &value, &size));
    TELL(getsockopt(udp, SOL_SOCKET, SO_TYPE, nullptr, nullptr));
    struct linger state {};
    size = sizeof(state);
    TELL(getsockopt(tcp, SOL_SOCKET, SO_LINGER, &state, &size));
    line("linger", std::to_string(state.l_onoff) + " " + std::to_string(state.l_linger) + " " + std::to_string(size));
    state = {1, 30};
    TELL(setsockopt(tcp, SOL_SOCKET, SO_LINGER, &state, 4));
    TELL(setsockopt(tcp, SOL_SOCKET, SO_LINGER, &state, sizeof(state)));
    state = {};
    size = sizeof(state);
    getsockopt(tcp, SOL_SOCKET, SO_LINGER, &state, &size);
    line("linger", std::to_string(state.l_onoff) + " " + std::to_string(state.l_linger));
    timeval limit{1, 1000000};
    TELL(setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
    limit = {1, 500000};
    TELL(setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &limit, 8));
    TELL(setsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)));
    limit = {};
    size = sizeof(limit);
    getsockopt(tcp, SOL_SOCKET, SO_RCVTIMEO, &limit, &size);
    line("limit", std::to_string(limit.tv_sec) + " " + std::to_string(limit.tv_usec) + " " + std::to_string(size));
    TELL(setsockopt(tcp, SOL_SOCKET, SO_BINDTODEVICE, "nosuch0", 7));
    TELL(setsockopt(tcp, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
    TELL(setsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
    TELL(setsockopt(tcp, IPPROTO_TCP, TCP_CONGESTION, "nosuchname", 10));
    tcp_info info{};
    size = sizeof(info);
    TELL(getsockopt(tcp, IPPROTO_TCP, TCP_INFO, &info, &size));
    TELL(info.tcpi_state);
    Pair ends = pair();
    size = sizeof(info);
    getsockopt(ends.client, IPPROTO_TCP, TCP_INFO, &info, &size);
    TELL(info.tcpi_state);
    shutdown(ends.client, SHUT_WR);
    await(ends.server, POLLRDHUP);
    // The acknowledgement of the end may be delayed.
    constexpr int fin_wait_1 = 4;
    for (int attempt = 0; attempt == 0 || (info.tcpi_state == fin_wait_1 && attempt < 5000); ++attempt) {
        if (attempt != 0) usleep(1000);
        size = sizeof(info);
        getsockopt(ends.client, IPPROTO_TCP, TCP_INFO, &info, &size);
    }
    TELL(info.tcpi_state);
    getsockopt(ends.server, IPPROTO_TCP, TCP_INFO, &info, &size);
    TELL(info.tcpi_state);
    // Bound ones.
    const Fd bound = stream(0, AF_INET6);
    bind_to(bound, v6("::1", 0));
    TELL(set(bound, IPPROTO_IPV6, IPV6_V6ONLY, 1));
}

void messages() {
    const Fd fd = datagram(), sender = datagram();
    bind_to(fd, v4("127.0.0.1", 0));
    const sockaddr_in to = v4("127.0.0.1", port_of(fd));
    for (const int name : {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS}) set(fd, IPPROTO_IP, name, 1);
    set(fd, SOL_SOCKET, SO_TIMESTAMP, 1);
    set(sender, IPPROTO_IP, IP_TTL, 33);
    set(sender, IPPROTO_IP, IP_TOS, 8);
    const auto* target = reinterpret_cast<const sockaddr*>(&to);
    char buffer[16], control[256];
    iovec part{buffer, sizeof(buffer)};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof(control);
    sendto(sender, "x", 1, 0, target, sizeof(to));
    await(fd, POLLIN);
    TELL(recvmsg(fd, &header, 0));
    for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
        std::string text = std::to_string(message->cmsg_level) + " " + std::to_string(message->cmsg_type) + " size " +
                           std::to_string(message->cmsg_len);
        int value = 0;
        if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_TTL) {
            std::memcpy(&value, CMSG_DATA(message), sizeof(value));
            text += " ttl " + std::to_string(value);
        } else if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_TOS) {
            text += " tos " + std::to_string(*CMSG_DATA(message));
        } else if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
            in_pktinfo info;
            std::memcpy(&info, CMSG_DATA(message), sizeof(info));
            char address[INET_ADDRSTRLEN];
            text += std::string(" to ") + inet_ntop(AF_INET, &info.ipi_addr, address, sizeof(address)) +
                    (info.ipi_ifindex != 0 ? " by some interface" : " by none");
        }
        line("control message", text);
    }
    // Too little room.
    header.msg_controllen = 20;
    sendto(sender, "x", 1, 0, target, sizeof(to));
    await(fd, POLLIN);
    TELL(recvmsg(fd, &header, 0));
    TELL((header.msg_flags & MSG_CTRUNC) != 0);
    // Options of a single datagram.
    alignas(cmsghdr) char said[CMSG_SPACE(sizeof(int))] = {};
    msghdr out{};
    iovec out_part{const_cast<char*>("y"), 1};
    out.msg_iov = &out_part;
    out.msg_iovlen = 1;
    out.msg_name = const_cast<sockaddr_in*>(&to);
    out.msg_namelen = sizeof(to);
    out.msg_control = said;
    out.msg_controllen = sizeof(said);
    auto* ttl = reinterpret_cast<cmsghdr*>(said);
    *ttl = {CMSG_LEN(sizeof(int)), IPPROTO_IP, IP_TTL};
    for (const int value : {5, 0, 256}) {
        std::memcpy(CMSG_DATA(ttl), &value, sizeof(value));
        TELL(sendmsg(sender, &out, 0));
    }
    ttl->cmsg_type = 999;
    TELL(sendmsg(sender, &out, 0));
    ttl->cmsg_len = 3;
    TELL(sendmsg(sender, &out, 0));
    // Several at once.
    mmsghdr several[3] = {};
    iovec parts[3] = {{const_cast<char*>("1"), 1}, {const_cast<char*>("22"), 2}, {const_cast<char*>("333"), 3}};
    for (int i = 0; i < 3; ++i) {
        several[i].msg_hdr.msg_iov = &parts[i];
        several[i].msg_hdr.msg_iovlen = 1;
        several[i].msg_hdr.msg_name = const_cast<sockaddr_in*>(&to);
        several[i].msg_hdr.msg_namelen = sizeof(to);
    }
    while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0) {
    }
    TELL(sendmmsg(sender, several, 3, 0));
    settle();
    char space[4][4];
    mmsghdr in[4] = {};
    iovec in_parts[4];
    for (int i = 0; i < 4; ++i) {
        in_parts[i] = {space[i], sizeof(space[i])};
        in[i].msg_hdr.msg_iov = &in_parts[i];
        in[i].msg_hdr.msg_iovlen = 1;
    }
    TELL(recvmmsg(fd, in, 4, MSG_WAITFORONE, nullptr));
    line("sizes",
         std::to_string(in[0].msg_len) + " " + std::to_string(in[1].msg_len) + " " + std::to_string(in[2].msg_len));
    TELL(recvmmsg(fd, in, 4, MSG_DONTWAIT, nullptr));
}

namespace {

/// An index that no interface has, also where its lowest byte is one's.
void wrong_indices() {
    const Fd udp = datagram(), udp6 = datagram(0, AF_INET6);
    for (const int index : {250, 256, 257, -255, -1}) {
        line("index", std::to_string(index));
        ifreq request{};
        request.ifr_ifindex = index;
        TELL(ioctl(udp, SIOCGIFNAME, &request));
        ip_mreqn group{};
        group.imr_multiaddr.s_addr = inet_addr("224.1.2.3");
        group.imr_ifindex = index;
        TELL(setsockopt(udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)));
        TELL(setsockopt(udp, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof(group)));
        ipv6_mreq group6{};
        inet_pton(AF_INET6, "ff02::1234", &group6.ipv6mr_multiaddr);
        group6.ipv6mr_interface = static_cast<unsigned>(index);
        TELL(setsockopt(udp6, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof(group6)));
        TELL(set(udp6, IPPROTO_IPV6, IPV6_MULTICAST_IF, index));
        char name[IF_NAMESIZE];
        TELL(if_indextoname(static_cast<unsigned>(index), name) == nullptr);
    }
}

}  // namespace

void interfaces() {
    wrong_indices();
    TELL(if_nametoindex("nosuch0"));
    char name[IF_NAMESIZE];
    TELL(if_indextoname(999, name) == nullptr);
    line("why", error_name(errno));
    const Fd fd = datagram();
    ifreq request{};
    std::strcpy(request.ifr_name, "nosuch0");
    TELL(ioctl(fd, SIOCGIFFLAGS, &request));
    ifaddrs* list = nullptr;
    TELL(getifaddrs(&list));
    std::string loopback;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if ((entry->ifa_flags & IFF_LOOPBACK) == 0 || entry->ifa_addr == nullptr) continue;
        loopback = entry->ifa_name;
        char text[INET6_ADDRSTRLEN] = "";
        if (entry->ifa_addr->sa_family == AF_INET) {
            inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr, text, sizeof(text));
            line("loopback", text);
            inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(entry->ifa_netmask)->sin_addr, text, sizeof(text));
            line("mask", text);
        } else if (entry->ifa_addr->sa_family == AF_INET6) {
            inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr, text, sizeof(text));
            line("loopback 6", text);
        }
    }
    freeifaddrs(list);
    std::strncpy(request.ifr_name, loopback.c_str(), sizeof(request.ifr_name) - 1);
    TELL(ioctl(fd, SIOCGIFFLAGS, &request));
    TELL((request.ifr_flags & (IFF_UP | IFF_LOOPBACK)) == (IFF_UP | IFF_LOOPBACK));
    TELL(ioctl(fd, SIOCGIFADDR, &request));
    char text[INET_ADDRSTRLEN];
    line("address", inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in&>(request.ifr_addr).sin_addr, text, sizeof(text)));
    TELL(ioctl(fd, SIOCGIFMTU, &request));
    line("MTU", std::to_string(request.ifr_mtu));
    TELL(ioctl(fd, SIOCGIFINDEX, &request));
    TELL(static_cast<unsigned>(request.ifr_ifindex) == if_nametoindex(loopback.c_str()));
    TELL(ioctl(fd, SIOCGIFNAME, &request));
    TELL(loopback == request.ifr_name);
    ifconf all{};
    char buffer[1024];
    all.ifc_len = sizeof(buffer);
    all.ifc_buf = buffer;
    TELL(ioctl(fd, SIOCGIFCONF, &all));
    TELL(all.ifc_len >= static_cast<int>(sizeof(ifreq)));
    int on = 1;
    TELL(ioctl(fd, FIONBIO, &on));
    TELL(ioctl(fd, 0x5413 /* TIOCGWINSZ */, buffer));
    TELL(ioctl(fd, 0xABCD, buffer));
}

void texts() {
    const char* sixes[] = {"::",
                           "::1",
                           "1::",
                           "1:2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7::",
                           "::2:3:4:5:6:7:8",
                           "1:0:0:2:0:0:0:3",
                           "1:0:2:3:4:5:6:7",
                           "2001:DB8::A",
                           "::ffff:1.2.3.4",
                           "::1.2.3.4",
                           "64:ff9b::1.2.3.4",
                           "0:0:1::",
                           "1:2:3:4:5:6:7:",
                           ":1:2:3:4:5:6:7",
                           "1::2::3",
                           "1:2:3:4:5:6:7:8:9",
                           ":::",
                           "",
                           "1",
                           "12345::",
                           "g::",
                           "::1.2.3",
                           "::1.2.3.256",
                           "1:2:3:4:5:6:1.2.3.4",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::1 ",
                           " ::1",
                           "::01.2.3.4",
                           "fe80::1%1"};
    for (const char* text : sixes) {
        in6_addr address{};
        char back[INET6_ADDRSTRLEN];
        const int taken = inet_pton(AF_INET6, text, &address);
        line((std::string("inet_pton 6 '") + text + "'").c_str(),
             taken == 1 ? inet_ntop(AF_INET6, &address, back, sizeof(back)) : std::to_string(taken));
    }
    const char* fours[] = {"1.2.3.4",  "0.0.0.0", "255.255.255.255", "1.2.3",    "1.2.3.4.5", "1.2.3.256", "01.2.3.4",
                           "1.2.3.04", "1.2.3.",  " 1.2.3.4",        "1.2.3.4 ", "",          "0x1.2.3.4", "1..2.3"};
    for (const char* text : fours) {
        in_addr address{};
        line((std::string("inet_pton 4 '") + text + "'").c_str(), std::to_string(inet_pton(AF_INET, text, &address)));
        in_addr classic{};
        const int taken = inet_aton(text, &classic);
        line((std::string("inet_aton '") + text + "'").c_str(), taken != 0 ? inet_ntoa(classic) : "0");
    }
    for (const char* text : {"1", "1.2", "1.2.3", "0x7f.1", "010.1.2.3", "4294967295", "1.65536", "256.1"}) {
        in_addr classic{};
        const int taken = inet_aton(text, &classic);
        line((std::string("inet_aton '") + text + "'").c_str(), taken != 0 ? inet_ntoa(classic) : "0");
    }
    char small[8];
    in6_addr address{};
    TELL(inet_ntop(AF_INET6, &address, small, 2) == nullptr);
    line("why", error_name(errno));
    TELL(inet_ntop(AF_INET6, &address, small, 3) != nullptr);
    TELL(inet_ntop(77, &address, small, sizeof(small)) == nullptr);
    line("why", error_name(errno));
    TELL(inet_pton(77, "1", &address));
}

}  // namespace conformance
