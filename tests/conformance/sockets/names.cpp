// SPDX-License-Identifier: Apache-2.0
// getaddrinfo(3), getnameinfo(3), and names of interfaces, without a name server.
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/ioctl.h>

#include "report.h"

namespace conformance {
namespace {

std::string eai_name(int error) {
    const std::pair<int, const char*> names[] = {
        {0, "0"},
        {EAI_AGAIN, "EAI_AGAIN"},
        {EAI_BADFLAGS, "EAI_BADFLAGS"},
        {EAI_FAIL, "EAI_FAIL"},
        {EAI_FAMILY, "EAI_FAMILY"},
        {EAI_MEMORY, "EAI_MEMORY"},
        {EAI_NONAME, "EAI_NONAME"},
        {EAI_SERVICE, "EAI_SERVICE"},
        {EAI_SOCKTYPE, "EAI_SOCKTYPE"},
        {EAI_SYSTEM, "EAI_SYSTEM"},
        {EAI_OVERFLOW, "EAI_OVERFLOW"},
        {-5, "EAI_NODATA"},
        {-9, "EAI_ADDRFAMILY"},
    };
    for (const auto& [number, name] : names)
        if (number == error) return name;
    return "EAI " + std::to_string(error);
}

struct Wish {
    int flags = 0, family = AF_UNSPEC, type = 0, protocol = 0;
};

std::string show(const addrinfo& entry) {
    sockaddr_storage address{};
    std::memcpy(&address, entry.ai_addr, entry.ai_addrlen);
    const int port = ntohs(entry.ai_family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                                      : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    std::string text = address_text(address, entry.ai_addrlen) + " port " + std::to_string(port) + " type " +
                       std::to_string(entry.ai_socktype) + " protocol " + std::to_string(entry.ai_protocol) +
                       " flags " + std::to_string(entry.ai_flags);
    if (entry.ai_family == AF_INET6)
        text += " scope " + std::to_string(reinterpret_cast<sockaddr_in6&>(address).sin6_scope_id);
    if (entry.ai_canonname != nullptr) text += std::string(" name ") + entry.ai_canonname;
    return text;
}

void look_up(const char* host, const char* service, const Wish& wish = {}, bool with_hints = true) {
    addrinfo hints{};
    hints.ai_flags = wish.flags;
    hints.ai_family = wish.family;
    hints.ai_socktype = wish.type;
    hints.ai_protocol = wish.protocol;
    addrinfo* list = nullptr;
    const int error = getaddrinfo(host, service, with_hints ? &hints : nullptr, &list);
    const auto quoted = [](const char* text) { return text == nullptr ? "null" : "'" + std::string(text) + "'"; };
    const std::string what = "getaddrinfo " + quoted(host) + " " + quoted(service) + " " + std::to_string(wish.flags) +
                             " " + std::to_string(wish.family) + " " + std::to_string(wish.type) + " " +
                             std::to_string(wish.protocol);
    line(what.c_str(), eai_name(error));
    for (const addrinfo* each = list; error == 0 && each != nullptr; each = each->ai_next) line("  found", show(*each));
    if (error == 0) freeaddrinfo(list);
}

void addresses_of_names() {
    const Wish streams{.type = SOCK_STREAM};
    look_up("127.0.0.1", nullptr);
    look_up("127.0.0.1", nullptr, {}, false);
    look_up("127.0.0.1", "80", streams);
    look_up("::1", "80", streams);
    look_up("127.1", "80", streams);
    look_up("0x7f.0.0.1", "80", streams);
    look_up("2130706433", "80", streams);
    look_up("256.0.0.1", "80", {.flags = AI_NUMERICHOST});
    look_up("1.2.3.4.5", "80", {.flags = AI_NUMERICHOST});
    look_up("::ffff:1.2.3.4", "80", streams);
    look_up("::ffff:1.2.3.4", "80", {.family = AF_INET, .type = SOCK_STREAM});
    look_up("::1", "80", {.family = AF_INET, .type = SOCK_STREAM});
    look_up("127.0.0.1", "80", {.family = AF_INET6, .type = SOCK_STREAM});
    look_up("127.0.0.1", "80", {.flags = AI_V4MAPPED, .family = AF_INET6, .type = SOCK_STREAM});
    look_up("127.0.0.1", "80", {.flags = AI_CANONNAME, .type = SOCK_STREAM});
    look_up("127.1", "80", {.flags = AI_CANONNAME, .type = SOCK_STREAM});
    look_up("::1", "80", {.flags = AI_CANONNAME, .type = SOCK_STREAM});
    look_up("0::1", "80", {.flags = AI_CANONNAME | AI_NUMERICHOST, .type = SOCK_STREAM});
    look_up("fe80::1%1", "80", streams);
    look_up("fe80::1%lo", "80", streams);
    look_up("fe80::1%nosuch0", "80", {.flags = AI_NUMERICHOST, .type = SOCK_STREAM});
    look_up("::1%7", "80", {.flags = AI_NUMERICHOST, .type = SOCK_STREAM});
    look_up("127.0.0.1%lo", "80", {.flags = AI_NUMERICHOST, .type = SOCK_STREAM});
    look_up("", "80", {.flags = AI_NUMERICHOST});
    look_up(" 127.0.0.1", "80", {.flags = AI_NUMERICHOST});
    look_up("localhost", nullptr, {.flags = AI_NUMERICHOST});
    // No host: this machine, or all of it.
    look_up(nullptr, "80", streams);
    look_up(nullptr, "80", {.flags = AI_PASSIVE, .type = SOCK_STREAM});
    look_up(nullptr, "80", {.flags = AI_PASSIVE, .family = AF_INET6, .type = SOCK_DGRAM});
    look_up(nullptr, "80", {.flags = AI_PASSIVE, .family = AF_INET});
    look_up(nullptr, "80", {.flags = AI_CANONNAME, .type = SOCK_STREAM});
    look_up("127.0.0.1", "80", {.flags = AI_PASSIVE, .type = SOCK_STREAM});
    look_up(nullptr, nullptr);
    look_up(nullptr, nullptr, {.flags = AI_PASSIVE});
    // Services.
    for (const char* service :
         {"0", "1", "65535", "65536", "-1", "+80", " 80", "80 ", "080", "0x50", "", "99999999999"}) {
        look_up("127.0.0.1", service, streams);
        look_up("127.0.0.1", service, {.flags = AI_NUMERICSERV, .type = SOCK_STREAM});
    }
    look_up("127.0.0.1", "http", streams);
    look_up("127.0.0.1", "http", {.flags = AI_NUMERICSERV, .type = SOCK_STREAM});
    look_up("127.0.0.1", "domain");
    look_up("127.0.0.1", "domain", {.type = SOCK_DGRAM});
    look_up("127.0.0.1", "domain", {.protocol = IPPROTO_UDP});
    look_up("127.0.0.1", "ssh", {.type = SOCK_DGRAM});
    look_up("127.0.0.1", "nosuchservice", streams);
    look_up("127.0.0.1", "nosuchservice");
    // Kinds.
    look_up("127.0.0.1", "80", {.type = SOCK_DGRAM});
    look_up("127.0.0.1", "80", {.type = SOCK_RAW});
    look_up("127.0.0.1", nullptr, {.type = SOCK_RAW});
    look_up("127.0.0.1", "http", {.type = SOCK_RAW});
    look_up("127.0.0.1", nullptr, {.type = SOCK_RAW, .protocol = IPPROTO_ICMP});
    look_up("127.0.0.1", "80", {.type = 99});
    look_up("127.0.0.1", "80", {.protocol = IPPROTO_TCP});
    look_up("127.0.0.1", "80", {.protocol = IPPROTO_UDP});
    look_up("127.0.0.1", "80", {.protocol = 99});
    look_up("127.0.0.1", "80", {.type = SOCK_STREAM, .protocol = IPPROTO_UDP});
    look_up("127.0.0.1", "80", {.type = SOCK_DGRAM, .protocol = IPPROTO_TCP});
    look_up("127.0.0.1", "80", {.family = 99});
    look_up("127.0.0.1", "80", {.family = AF_UNIX});
    look_up("127.0.0.1", "80", {.flags = 0x40000000});
    // RFC 6761.
    look_up("localhost", "80", {.family = AF_INET, .type = SOCK_STREAM});
    look_up("LOCALHOST", "80", {.family = AF_INET, .type = SOCK_STREAM});
}

void names_of_addresses() {
    const auto show_name = [](const char* what, const void* address, socklen_t size, size_t host_size,
                              size_t service_size, int name_flags) {
        char host[100] = "-", service[100] = "-";
        const int error = getnameinfo(static_cast<const sockaddr*>(address), size, host_size == 0 ? nullptr : host,
                                      static_cast<socklen_t>(host_size), service_size == 0 ? nullptr : service,
                                      static_cast<socklen_t>(service_size), name_flags);
        line((std::string("getnameinfo ") + what + " " + std::to_string(size) + " " + std::to_string(host_size) + " " +
              std::to_string(service_size) + " " + std::to_string(name_flags))
                 .c_str(),
             error != 0 ? eai_name(error) : std::string(host) + " " + service);
    };
    constexpr int numeric = NI_NUMERICHOST | NI_NUMERICSERV;
    const sockaddr_in four = v4("127.0.0.1", 80), odd = v4("198.51.100.77", 4711), ssh = v4("127.0.0.1", 22);
    sockaddr_in6 six = v6("2001:db8::1", 443), mapped = v6("::ffff:1.2.3.4", 80), local = v6("fe80::1", 80);
    show_name("four", &four, sizeof(four), 100, 100, numeric);
    show_name("four", &four, sizeof(four), 100, 0, numeric);
    show_name("four", &four, sizeof(four), 0, 100, numeric);
    show_name("four", &four, sizeof(four), 0, 0, numeric);
    show_name("four", &four, sizeof(four), 10, 3, numeric);
    show_name("four", &four, sizeof(four), 9, 3, numeric);
    show_name("four", &four, sizeof(four), 10, 2, numeric);
    show_name("four", &four, sizeof(four), 1, 0, numeric);
    show_name("four", &four, sizeof(four) - 1, 100, 100, numeric);
    show_name("four", &four, sizeof(six), 100, 100, numeric);
    show_name("four", &four, 1, 100, 100, numeric);
    show_name("four", &four, 0, 100, 100, numeric);
    show_name("four", &four, sizeof(four), 100, 100, NI_NUMERICHOST);
    show_name("four", &four, sizeof(four), 100, 100, NI_NUMERICHOST | NI_DGRAM);
    show_name("ssh", &ssh, sizeof(ssh), 100, 100, NI_NUMERICHOST);
    show_name("four", &four, sizeof(four), 100, 100, NI_NUMERICHOST | NI_NAMEREQD);
    show_name("four", &four, sizeof(four), 0, 0, NI_NAMEREQD);
    show_name("odd", &odd, sizeof(odd), 100, 100, numeric);
    show_name("odd", &odd, sizeof(odd), 0, 100, 0);
    show_name("four", &four, sizeof(four), 100, 100, 0x4000);
    show_name("six", &six, sizeof(six), 100, 100, numeric);
    show_name("six", &six, sizeof(six), 12, 100, numeric);
    show_name("six", &six, sizeof(six), 11, 100, numeric);
    show_name("six", &six, sizeof(six) - 1, 100, 100, numeric);
    show_name("six", &six, 24, 100, 100, numeric);
    show_name("mapped", &mapped, sizeof(mapped), 100, 100, numeric);
    show_name("local", &local, sizeof(local), 100, 100, numeric);
    local.sin6_scope_id = 1;
    show_name("local", &local, sizeof(local), 100, 100, numeric);
    show_name("local", &local, sizeof(local), 10, 100, numeric);
    local.sin6_scope_id = 999;
    show_name("local", &local, sizeof(local), 100, 100, numeric);
    six.sin6_scope_id = 1;
    show_name("six", &six, sizeof(six), 100, 100, numeric);
    sockaddr_in wrong = four;
    wrong.sin_family = 77;
    show_name("wrong", &wrong, sizeof(wrong), 100, 100, numeric);
    wrong.sin_family = AF_UNSPEC;
    show_name("wrong", &wrong, sizeof(wrong), 100, 100, numeric);
    // Services by name and by number.
    for (const char* name : {"http", "HTTP", "domain", "nosuchservice"}) {
        for (const char* protocol : {"tcp", "udp", static_cast<const char*>(nullptr)}) {
            const servent* entry = getservbyname(name, protocol);
            line((std::string("getservbyname ") + name + " " + (protocol == nullptr ? "any" : protocol)).c_str(),
                 entry == nullptr ? "null"
                                  : std::to_string(ntohs(static_cast<uint16_t>(entry->s_port))) + " " + entry->s_proto);
        }
    }
    const servent* entry = getservbyport(htons(53), "udp");
    line("getservbyport", entry == nullptr ? "null" : std::string(entry->s_name) + " " + entry->s_proto);
    TELL(getservbyport(htons(4711), "udp") == nullptr);
    const hostent* host = gethostbyname("127.0.0.1");
    line("gethostbyname", host == nullptr ? "null"
                                          : std::string(host->h_name) + " " + std::to_string(host->h_addrtype) + " " +
                                                std::to_string(host->h_length));
    TELL(gethostbyname("::1") == nullptr);
}

void names_of_interfaces() {
    char name[IF_NAMESIZE] = "";
    TELL(if_nametoindex("lo"));
    line("interface 1", if_indextoname(1, name) != nullptr ? name : error_name(errno));
    TELL(if_indextoname(0, name) == nullptr);
    line("why", error_name(errno));
    TELL(if_indextoname(0x101, name) == nullptr);
    TELL(if_nametoindex(""));
    TELL(if_nametoindex("l"));
    TELL(if_nametoindex("lo0"));
    TELL(if_nametoindex("a name that is longer than interfaces have"));
    struct if_nameindex* list = if_nameindex();
    TELL(list != nullptr);
    for (const struct if_nameindex* each = list; each != nullptr && each->if_index != 0; ++each)
        line("interface", std::to_string(each->if_index) + " " + each->if_name);
    if_freenameindex(list);
    ifaddrs* addresses = nullptr;
    TELL(getifaddrs(&addresses));
    for (const ifaddrs* each = addresses; each != nullptr; each = each->ifa_next) {
        std::string text = std::string(each->ifa_name) + " flags " + std::to_string(each->ifa_flags & 0xFFFF);
        const auto show_address = [&](const char* what, const sockaddr* address) {
            if (address == nullptr) return;
            sockaddr_storage copy{};
            const size_t size = address->sa_family == AF_INET    ? sizeof(sockaddr_in)
                                : address->sa_family == AF_INET6 ? sizeof(sockaddr_in6)
                                                                 : 2;
            std::memcpy(&copy, address, size);
            text += std::string(" ") + what + " " +
                    (size == 2 ? "family " + std::to_string(address->sa_family) : address_text(copy, 0));
        };
        show_address("address", each->ifa_addr);
        show_address("mask", each->ifa_netmask);
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_PACKET)
            show_address("other", each->ifa_broadaddr);
        line("address of an interface", text);
    }
    freeifaddrs(addresses);
    // netdevice(7)
    const Fd fd = datagram();
    const auto ask = [&](const char* what, unsigned long request, auto&& show_result) {
        ifreq asked{};
        std::strcpy(asked.ifr_name, "lo");
        asked.ifr_ifindex = 0;
        errno = 0;
        line(what, ioctl(fd, request, &asked) != 0 ? error_name(errno) : show_result(asked));
    };
    ask("flags", SIOCGIFFLAGS, [](const ifreq& it) { return std::to_string(it.ifr_flags); });
    ask("MTU", SIOCGIFMTU, [](const ifreq& it) { return std::to_string(it.ifr_mtu); });
    ask("index", SIOCGIFINDEX, [](const ifreq& it) { return std::to_string(it.ifr_ifindex); });
    ask("metric", SIOCGIFMETRIC, [](const ifreq& it) { return std::to_string(it.ifr_metric); });
    ask("hardware address", SIOCGIFHWADDR, [](const ifreq& it) {
        return std::to_string(it.ifr_hwaddr.sa_family) + " " + std::to_string(it.ifr_hwaddr.sa_data[0]);
    });
    const auto four = [](const sockaddr& address) {
        char text[INET_ADDRSTRLEN];
        return std::string(
            inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof(text)));
    };
    ask("address", SIOCGIFADDR, [&](const ifreq& it) { return four(it.ifr_addr); });
    ask("mask", SIOCGIFNETMASK, [&](const ifreq& it) { return four(it.ifr_netmask); });
    ask("broadcast", SIOCGIFBRDADDR, [&](const ifreq& it) { return four(it.ifr_broadaddr); });
    ask("other end", SIOCGIFDSTADDR, [&](const ifreq& it) { return four(it.ifr_dstaddr); });
    ifconf all{};
    TELL(ioctl(fd, SIOCGIFCONF, &all));
    line("size of the list", std::to_string(all.ifc_len / static_cast<int>(sizeof(ifreq))));
    char space[sizeof(ifreq) * 4];
    all.ifc_buf = space;
    all.ifc_len = sizeof(ifreq) - 1;
    TELL(ioctl(fd, SIOCGIFCONF, &all));
    TELL(all.ifc_len);
    all.ifc_len = sizeof(space);
    TELL(ioctl(fd, SIOCGIFCONF, &all));
    line("its first", reinterpret_cast<const ifreq*>(space)->ifr_name);
}

}  // namespace

void names() {
    addresses_of_names();
    names_of_addresses();
    names_of_interfaces();
}

}  // namespace conformance
