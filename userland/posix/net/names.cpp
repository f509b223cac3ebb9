// SPDX-License-Identifier: Apache-2.0
// Names of hosts (DNS) and of interfaces.
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>

#include <cstdio>
#include <cstring>
#include <string_view>

#include "kernel/mm/heap.h"
#include "kernel/net/core_lock.h"
#include "lwip/dns.h"
#include "userland/posix/net/event.h"

namespace {

using tenon::heap_allocate;
using tenon::heap_free;

struct Found {
    ip_addr_t addresses[2];
    int count = 0;
    void add(const ip_addr_t& address) { addresses[count++] = address; }
};

/// An entry and its address in one piece of memory, as freeaddrinfo() expects.
struct Entry {
    addrinfo info;
    sockaddr_storage address;
    char name[DNS_MAX_NAME_LENGTH + 1];
};

bool wants(int family, int which) { return family == AF_UNSPEC || family == which; }

/// `any`: for a server to bind to; else the machine itself.
Found own_addresses(int family, bool any) {
    Found found;
    ip_addr_t address;
    if (wants(family, AF_INET)) {
        if (any)
            ip_addr_set_any(0, &address);
        else
            ip_addr_set_loopback(0, &address);
        found.add(address);
    }
    if (wants(family, AF_INET6)) {
        if (any)
            ip_addr_set_any(1, &address);
        else
            ip_addr_set_loopback(1, &address);
        found.add(address);
    }
    return found;
}

struct Question {
    tenon::posix::Event answered;
    bool done = false, found = false;
    ip_addr_t address{};
};

err_t ask(const char* host, u8_t kind, ip_addr_t& address) {
    Question question;
    err_t result;
    {
        const tenon::net::CoreLock lock;
        result = dns_gethostbyname_addrtype(
            host, &question.address,
            [](const char*, const ip_addr_t* answer, void* context) {
                auto& asked = *static_cast<Question*>(context);
                asked.done = true;
                asked.found = answer != nullptr;
                if (answer != nullptr) asked.address = *answer;
                asked.answered.signal();
            },
            &question, kind);
    }
    while (result == ERR_INPROGRESS) {
        const std::uint32_t seen = question.answered.value();
        {
            const tenon::net::CoreLock lock;
            if (question.done) result = question.found ? ERR_OK : ERR_VAL;
        }
        if (result == ERR_INPROGRESS) question.answered.wait(seen, tenon::no_deadline);
    }
    address = question.address;
    return result;
}

/// 0 or an EAI_ error.
int find_host(const char* host, int family, int flags, Found& found) {
    ip_addr_t address;
    if (ipaddr_aton(host, &address) != 0) {
        if (!wants(family, IP_IS_V6(&address) ? AF_INET6 : AF_INET)) return EAI_NONAME;
        found.add(address);
        return 0;
    }
    if ((flags & AI_NUMERICHOST) != 0) return EAI_NONAME;
    // RFC 6761, section 6.3: this name is never looked up.
    if (std::string_view(host) == "localhost") {
        found = own_addresses(family, false);
        return 0;
    }
    if (std::strlen(host) > DNS_MAX_NAME_LENGTH) return EAI_NONAME;
    const u8_t kind = family == AF_INET    ? LWIP_DNS_ADDRTYPE_IPV4
                      : family == AF_INET6 ? LWIP_DNS_ADDRTYPE_IPV6
                                           : LWIP_DNS_ADDRTYPE_IPV4_IPV6;
    switch (ask(host, kind, address)) {
        case ERR_OK: found.add(address); return 0;
        case ERR_MEM: return EAI_MEMORY;
        case ERR_VAL: return EAI_NONAME;  // the name server says so
        default: return EAI_AGAIN;
    }
}

/// -1: no number of a port.
int parse_port(const char* service) {
    if (service == nullptr) return 0;
    int port = 0;
    if (*service == 0) return -1;
    for (; *service != 0; ++service) {
        if (*service < '0' || *service > '9') return -1;
        port = port * 10 + (*service - '0');
        if (port > 65535) return -1;
    }
    return port;
}

addrinfo* make_entry(ip_addr_t address, int port, int type, const char* canonical_name) {
    auto* entry = static_cast<Entry*>(heap_allocate(sizeof(Entry)));
    if (entry == nullptr) return nullptr;
    std::memset(entry, 0, sizeof(*entry));
    if (IP_IS_V6(&address)) {
        auto& six = reinterpret_cast<sockaddr_in6&>(entry->address);
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(static_cast<std::uint16_t>(port));
        std::memcpy(&six.sin6_addr, ip_2_ip6(&address)->addr, sizeof(six.sin6_addr));
        six.sin6_scope_id = ip6_addr_zone(ip_2_ip6(&address));
        entry->info.ai_addrlen = sizeof(six);
    } else {
        auto& four = reinterpret_cast<sockaddr_in&>(entry->address);
        four.sin_family = AF_INET;
        four.sin_port = htons(static_cast<std::uint16_t>(port));
        four.sin_addr.s_addr = ip_2_ip4(&address)->addr;
        entry->info.ai_addrlen = sizeof(four);
    }
    entry->info.ai_addr = reinterpret_cast<sockaddr*>(&entry->address);
    entry->info.ai_family = entry->address.ss_family;
    entry->info.ai_socktype = type;
    entry->info.ai_protocol = type == SOCK_STREAM ? IPPROTO_TCP : type == SOCK_DGRAM ? IPPROTO_UDP : 0;
    if (canonical_name != nullptr) {
        std::strncpy(entry->name, canonical_name, sizeof(entry->name) - 1);
        entry->info.ai_canonname = entry->name;
    }
    return &entry->info;
}

}  // namespace

extern "C" {

int h_errno = 0;

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
    const int family = hints != nullptr ? hints->ai_family : AF_UNSPEC;
    const int type = hints != nullptr ? hints->ai_socktype : 0;
    const int flags = hints != nullptr ? hints->ai_flags : 0;
    if (family != AF_UNSPEC && family != AF_INET && family != AF_INET6) return EAI_FAMILY;
    if (type != 0 && type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_RAW) return EAI_SOCKTYPE;
    if (host == nullptr && service == nullptr) return EAI_NONAME;
    const int port = parse_port(service);
    if (port < 0) return EAI_SERVICE;
    Found found;
    if (host == nullptr) {
        found = own_addresses(family, (flags & AI_PASSIVE) != 0);
    } else if (const int error = find_host(host, family, flags, found); error != 0) {
        return error;
    }

    *result = nullptr;
    addrinfo** next = result;
    const char* name = (flags & AI_CANONNAME) != 0 ? host : nullptr;
    for (int i = 0; i < found.count; ++i) {
        for (const int each : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW}) {
            if (type != each && (type != 0 || each == SOCK_RAW)) continue;
            *next = make_entry(found.addresses[i], port, each, name);
            if (*next == nullptr) {
                freeaddrinfo(*result);
                return EAI_MEMORY;
            }
            next = &(*next)->ai_next;
            name = nullptr;  // the first entry has it
        }
    }
    return 0;
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
        case EAI_FAMILY: return "ai_family not supported";
        case EAI_SOCKTYPE: return "ai_socktype not supported";
        case EAI_SERVICE: return "Servname not supported: services are numbers here";
        case EAI_MEMORY: return "Memory allocation failure";
        case EAI_SYSTEM: return "System error";
        case EAI_OVERFLOW: return "Argument buffer overflow";
        default: return "Unknown error";
    }
}

int getnameinfo(const sockaddr* address, socklen_t address_size, char* host, socklen_t host_size, char* service,
                socklen_t service_size, int flags) {
    const void* bytes = nullptr;
    unsigned port = 0;
    if (address->sa_family == AF_INET && address_size >= sizeof(sockaddr_in)) {
        const auto& four = *reinterpret_cast<const sockaddr_in*>(address);
        bytes = &four.sin_addr;
        port = ntohs(four.sin_port);
    } else if (address->sa_family == AF_INET6 && address_size >= sizeof(sockaddr_in6)) {
        const auto& six = *reinterpret_cast<const sockaddr_in6*>(address);
        bytes = &six.sin6_addr;
        port = ntohs(six.sin6_port);
    } else {
        return EAI_FAMILY;
    }
    if ((flags & NI_NAMEREQD) != 0) return EAI_NONAME;
    if (host != nullptr && host_size != 0 && inet_ntop(address->sa_family, bytes, host, host_size) == nullptr)
        return EAI_OVERFLOW;
    if (service != nullptr && service_size != 0) {
        const int length = std::snprintf(service, service_size, "%u", port);
        if (length < 0 || static_cast<socklen_t>(length) >= service_size) return EAI_OVERFLOW;
    }
    return 0;
}

hostent* gethostbyname(const char* name) {
    static thread_local struct {
        hostent entry;
        in_addr address;
        char* addresses[2];
        char* aliases[1];
        char name[DNS_MAX_NAME_LENGTH + 1];
    } answer;
    Found found;
    if (const int error = find_host(name, AF_INET, 0, found); error != 0) {
        h_errno = error == EAI_NONAME ? HOST_NOT_FOUND : TRY_AGAIN;
        return nullptr;
    }
    answer.address.s_addr = ip_2_ip4(&found.addresses[0])->addr;
    answer.addresses[0] = reinterpret_cast<char*>(&answer.address);
    answer.addresses[1] = nullptr;
    answer.aliases[0] = nullptr;
    std::strncpy(answer.name, name, sizeof(answer.name) - 1);
    answer.entry = {answer.name, answer.aliases, AF_INET, sizeof(in_addr), answer.addresses};
    return &answer.entry;
}

}  // extern "C"
