// SPDX-License-Identifier: Apache-2.0
// getaddrinfo and getnameinfo (RFC 3493, sections 6.1 and 6.2; where that leaves a choice, as glibc).
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <strings.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "kernel/mm/heap.h"
#include "kernel/net/core_lock.h"
#include "lwip/netif.h"
#include "userland/posix/net/interface_control.h"
#include "userland/posix/net/interface_flags.h"
#include "userland/posix/net/resolver.h"

using tenon::heap_allocate_zeroed;
using tenon::heap_free;
using tenon::posix::Endpoint;
using tenon::posix::FoundAddresses;

namespace {

constexpr int known_flags =
    AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG | AI_NUMERICSERV;

struct Kind {
    int type, protocol;
    const char* name;
};
constexpr Kind kinds[] = {{SOCK_STREAM, IPPROTO_TCP, "tcp"}, {SOCK_DGRAM, IPPROTO_UDP, "udp"}, {SOCK_RAW, 0, nullptr}};

/// An entry and its address in one piece of memory, as freeaddrinfo() expects.
struct Entry {
    addrinfo info;
    sockaddr_storage address;
    char name[];
};

bool wants(int family, int which) { return family == AF_UNSPEC || family == which; }

Endpoint endpoint_of(const char* text, int family) {
    Endpoint result{};
    if (family == AF_INET) {
        in_addr four{};
        inet_pton(AF_INET, text, &four);
        ip_addr_set_ip4_u32_val(result.address, four.s_addr);
    } else {
        in6_addr six{};
        inet_pton(AF_INET6, text, &six);
        result.address = tenon::posix::from_in6(six);
    }
    return result;
}

/// `any`: for a server to bind to; else the machine itself. IPv6 first, as RFC 6724 has it for loopback.
void add_own_addresses(int family, bool any, FoundAddresses& found) {
    if (any && wants(family, AF_INET)) found.add(endpoint_of("0.0.0.0", AF_INET));
    if (wants(family, AF_INET6)) found.add(endpoint_of(any ? "::" : "::1", AF_INET6));
    if (!any && wants(family, AF_INET)) found.add(endpoint_of("127.0.0.1", AF_INET));
}

/// RFC 6761, section 6.3: these names are never looked up.
bool is_localhost(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    constexpr std::string_view localhost = "localhost";
    if (name.size() < localhost.size()) return false;
    if (name.size() > localhost.size() && name[name.size() - localhost.size() - 1] != '.') return false;
    return strncasecmp(name.data() + name.size() - localhost.size(), localhost.data(), localhost.size()) == 0;
}

/// The scope behind an address's percent sign: an interface's name, where the address belongs to a link, or a number.
/// 0: neither.
unsigned zone_of(const char* text, const in6_addr& address) {
    const bool of_link = IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MC_LINKLOCAL(&address);
    if (const unsigned zone = of_link ? if_nametoindex(text) : 0; zone != 0) return zone;
    char* end = nullptr;
    const unsigned long zone = std::strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == 0 && zone <= UINT8_MAX ? static_cast<unsigned>(zone) : 0;
}

/// Parses an address. 1: the text is one, stored in `found`; 0: it is a name; else an EAI_ error.
int read_number(const char* host, int family, int flags, FoundAddresses& found) {
    in_addr four;
    if (inet_aton(host, &four) != 0) {
        Endpoint end{};
        ip_addr_set_ip4_u32_val(end.address, four.s_addr);
        if (family == AF_INET6 && (flags & AI_V4MAPPED) == 0) return EAI_ADDRFAMILY;
        found.add(end);
        return 1;
    }
    char text[INET6_ADDRSTRLEN];
    const char* percent = std::strchr(host, '%');
    const std::size_t size = percent != nullptr ? static_cast<std::size_t>(percent - host) : std::strlen(host);
    if (size >= sizeof(text)) return 0;
    std::memcpy(text, host, size);
    text[size] = 0;
    in6_addr six;
    if (inet_pton(AF_INET6, text, &six) != 1) return 0;
    if (family == AF_INET && !IN6_IS_ADDR_V4MAPPED(&six)) return EAI_ADDRFAMILY;
    Endpoint end{tenon::posix::from_in6(six), 0};
    if (percent != nullptr) {
        const unsigned zone = zone_of(percent + 1, six);
        if (zone == 0 || !IP_IS_V6_VAL(end.address)) return EAI_NONAME;
        ip6_addr_set_zone(ip_2_ip6(&end.address), tenon::posix::interface_index(zone));
    }
    found.add(end);
    return 1;
}

/// AI_ADDRCONFIG: the machine has an address of the family besides loopback.
bool is_configured(bool v6) {
    const tenon::net::CoreLock lock;
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next) {
        if (tenon::posix::is_loopback(*interface)) continue;
        if (!v6 && netif_ip4_addr(interface)->addr != 0) return true;
        for (s8_t i = 0; v6 && i < LWIP_IPV6_NUM_ADDRESSES; ++i)
            if (ip6_addr_isvalid(netif_ip6_addr_state(interface, i)) &&
                !ip6_addr_islinklocal(netif_ip6_addr(interface, i)))
                return true;
    }
    return false;
}

int find_host(const char* host, int family, int flags, FoundAddresses& found) {
    const int number = read_number(host, family, flags, found);
    if (number != 0) return number == 1 ? 0 : number;
    if ((flags & AI_NUMERICHOST) != 0 || *host == 0) return EAI_NONAME;
    if (is_localhost(host)) {
        add_own_addresses(family, false, found);
        return 0;
    }
    if ((flags & AI_ADDRCONFIG) != 0 && family == AF_UNSPEC) {
        const bool four = is_configured(false), six = is_configured(true);
        if (four != six) family = four ? AF_INET : AF_INET6;
    }
    const bool mapped = family == AF_INET6 && (flags & AI_V4MAPPED) != 0;
    int error = tenon::posix::resolve_name(host, mapped && (flags & AI_ALL) != 0 ? AF_UNSPEC : family, found);
    if (error == EAI_NODATA && mapped) error = tenon::posix::resolve_name(host, AF_INET, found);
    return error;
}

/// Ports in host byte order, for each of `kinds`; -1: there is no such service of that kind. Returns 0 or an EAI_
/// error.
int find_ports(const char* service, int type, int flags, int (&ports)[3]) {
    // glibc takes what strtoul() does, an empty text too.
    char* end = nullptr;
    const int number = service == nullptr ? 0 : static_cast<int>(std::strtoul(service, &end, 10));
    const bool is_number = (service == nullptr || *end == 0) && number >= 0;
    if (service != nullptr && *end != 0 && (flags & AI_NUMERICSERV) != 0) return EAI_NONAME;
    if (service != nullptr && type == SOCK_RAW) return EAI_SERVICE;
    bool any = false;
    for (std::size_t i = 0; i < 3; ++i) {
        ports[i] = -1;
        if (type != 0 && type != kinds[i].type) continue;
        if (is_number) {
            ports[i] = static_cast<std::uint16_t>(number);
        } else if (kinds[i].name != nullptr) {
            const servent* entry = getservbyname(service, kinds[i].name);
            if (entry != nullptr) ports[i] = ntohs(static_cast<std::uint16_t>(entry->s_port));
        }
        any |= ports[i] >= 0;
    }
    return any ? 0 : EAI_SERVICE;
}

addrinfo* make_entry(Endpoint end, int port, int flags, int family, int type, int protocol,
                     const char* canonical_name) {
    const std::size_t name_size = canonical_name != nullptr ? std::strlen(canonical_name) + 1 : 0;
    auto* entry = static_cast<Entry*>(heap_allocate_zeroed(sizeof(Entry) + name_size));
    if (entry == nullptr) return nullptr;
    end.port = static_cast<std::uint16_t>(port);
    const int shown = end.is_v4() && family != AF_INET6 ? AF_INET : AF_INET6;
    entry->info.ai_addrlen = tenon::posix::store_endpoint(end, shown, entry->address);
    entry->info.ai_addr = reinterpret_cast<sockaddr*>(&entry->address);
    entry->info.ai_flags = flags;
    entry->info.ai_family = shown;
    entry->info.ai_socktype = type;
    entry->info.ai_protocol = protocol;
    if (name_size != 0) {
        std::memcpy(entry->name, canonical_name, name_size);
        entry->info.ai_canonname = entry->name;
    }
    return &entry->info;
}

/// Appends the scope: a number, or an interface's name where the address belongs to a link.
void add_zone(char (&name)[NI_MAXHOST], unsigned scope, const in6_addr& address) {
    char zone[IF_NAMESIZE];
    const bool of_link = IN6_IS_ADDR_LINKLOCAL(&address) || IN6_IS_ADDR_MC_LINKLOCAL(&address);
    if (!of_link || if_indextoname(scope, zone) == nullptr) std::snprintf(zone, sizeof(zone), "%u", scope);
    std::strcat(name, "%");
    std::strcat(name, zone);
}

/// Checks that type and protocol fit each other. Returns 0 or an EAI_ error.
int check_kind(int type, int protocol) {
    if (type != 0 && type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW) return EAI_SOCKTYPE;
    if (protocol == 0 || type == SOCK_RAW) return 0;
    for (const Kind& kind : kinds)
        if (kind.protocol == protocol && (type == 0 || type == kind.type)) return 0;
    return type == 0 ? EAI_SERVICE : EAI_SOCKTYPE;
}

}  // namespace

extern "C" {

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
    const addrinfo none{};
    const addrinfo& wish = hints != nullptr ? *hints : none;
    const int flags = hints != nullptr ? wish.ai_flags : AI_V4MAPPED | AI_ADDRCONFIG;
    if (host == nullptr && service == nullptr) return EAI_NONAME;
    if ((flags & ~known_flags) != 0 || ((flags & AI_CANONNAME) != 0 && host == nullptr)) return EAI_BADFLAGS;
    if (wish.ai_family != AF_UNSPEC && wish.ai_family != AF_INET && wish.ai_family != AF_INET6) return EAI_FAMILY;
    if (const int error = check_kind(wish.ai_socktype, wish.ai_protocol); error != 0) return error;
    int ports[3];
    if (const int error = find_ports(service, wish.ai_socktype, flags, ports); error != 0) return error;
    FoundAddresses found;
    if (host == nullptr) {
        add_own_addresses(wish.ai_family, (flags & AI_PASSIVE) != 0, found);
    } else if (const int error = find_host(host, wish.ai_family, flags, found); error != 0) {
        return error;
    }

    // The text of an IPv6 address stays one, also where it holds an IPv4 address.
    const bool six = wish.ai_family == AF_UNSPEC && host != nullptr && std::strchr(host, ':') != nullptr;
    const int family = six ? AF_INET6 : wish.ai_family;
    *result = nullptr;
    addrinfo** next = result;
    const char* name = (flags & AI_CANONNAME) == 0 ? nullptr : *found.canonical_name != 0 ? found.canonical_name : host;
    for (std::size_t i = 0; i < found.count; ++i) {
        for (std::size_t k = 0; k < 3; ++k) {
            if (ports[k] < 0 ||
                (wish.ai_protocol != 0 && kinds[k].protocol != 0 && kinds[k].protocol != wish.ai_protocol))
                continue;
            if (wish.ai_protocol != 0 && kinds[k].type == SOCK_RAW && wish.ai_socktype == 0) continue;
            const int protocol = kinds[k].protocol != 0 ? kinds[k].protocol : wish.ai_protocol;
            *next = make_entry(found.list[i], ports[k], flags, family, kinds[k].type, protocol, name);
            if (*next == nullptr) {
                freeaddrinfo(*result);
                return EAI_MEMORY;
            }
            next = &(*next)->ai_next;
            name = nullptr;  // only the first entry has the name
        }
    }
    return *result != nullptr ? 0 : EAI_NONAME;
}

void freeaddrinfo(addrinfo* list) {
    while (list != nullptr) {
        addrinfo* next = list->ai_next;
        heap_free(list);
        list = next;
    }
}

const char* gai_strerror(int error) {
    switch (error) {
        case 0: return "Success";
        case EAI_BADFLAGS: return "Bad value for ai_flags";
        case EAI_NONAME: return "Name or service not known";
        case EAI_AGAIN: return "Temporary failure in name resolution";
        case EAI_FAIL: return "Non-recoverable failure in name resolution";
        case EAI_NODATA: return "No address associated with hostname";
        case EAI_FAMILY: return "ai_family not supported";
        case EAI_SOCKTYPE: return "ai_socktype not supported";
        case EAI_SERVICE: return "Servname not supported for ai_socktype";
        case EAI_ADDRFAMILY: return "Address family for hostname not supported";
        case EAI_MEMORY: return "Memory allocation failure";
        case EAI_SYSTEM: return "System error";
        case EAI_OVERFLOW: return "Argument buffer overflow";
        default: return "Unknown error";
    }
}

int getnameinfo(const sockaddr* address, socklen_t address_size, char* host, socklen_t host_size, char* service,
                socklen_t service_size, int flags) {
    if ((flags & ~(NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD | NI_DGRAM)) != 0) return EAI_BADFLAGS;
    if (address == nullptr || address_size < sizeof(sa_family_t)) return EAI_FAMILY;
    const int family = address->sa_family;
    if ((family != AF_INET || address_size < sizeof(sockaddr_in)) &&
        (family != AF_INET6 || address_size < sizeof(sockaddr_in6)))
        return EAI_FAMILY;
    const auto end = tenon::posix::read_endpoint(address, address_size, family);
    if (!end) return EAI_FAMILY;
    const bool wants_host = host != nullptr && host_size != 0, wants_service = service != nullptr && service_size != 0;
    if ((flags & NI_NAMEREQD) != 0 && !wants_host && !wants_service) return EAI_NONAME;
    if (wants_host) {
        char name[NI_MAXHOST] = {};
        const bool named = (flags & NI_NUMERICHOST) == 0 && tenon::posix::resolve_address(*end, name) == 0;
        if (!named && (flags & NI_NAMEREQD) != 0) return EAI_NONAME;
        if (!named) {
            const void* bytes = family == AF_INET
                                    ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
                                    : &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
            inet_ntop(family, bytes, name, sizeof(name));
            const unsigned scope =
                family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(address)->sin6_scope_id : 0;
            if (scope != 0) add_zone(name, scope, reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
        }
        if (std::strlen(name) >= host_size) return EAI_OVERFLOW;
        std::strcpy(host, name);
    }
    if (wants_service) {
        const servent* entry = (flags & NI_NUMERICSERV) == 0
                                   ? getservbyport(htons(end->port), (flags & NI_DGRAM) != 0 ? "udp" : "tcp")
                                   : nullptr;
        const int length = entry != nullptr
                               ? std::snprintf(service, service_size, "%s", entry->s_name)
                               : std::snprintf(service, service_size, "%u", static_cast<unsigned>(end->port));
        if (length < 0 || static_cast<socklen_t>(length) >= service_size) return EAI_OVERFLOW;
    }
    return 0;
}

}  // extern "C"
