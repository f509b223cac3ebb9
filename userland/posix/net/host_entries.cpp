// SPDX-License-Identifier: Apache-2.0
// gethostbyname and gethostbyaddr, for old programs.
#include <netdb.h>

#include <cstdio>
#include <cstring>

#include "userland/posix/net/resolver.h"

using tenon::posix::Endpoint;
using tenon::posix::FoundAddresses;
using tenon::posix::most_addresses;

extern "C" {
int h_errno = 0;
}

namespace {

/// The calling thread's memory for results.
struct Answer {
    hostent entry;
    in6_addr addresses[most_addresses];
    char* list[most_addresses + 1];
    char* aliases[1];
    char name[NI_MAXHOST];
};

Answer& answer_of_thread() {
    static thread_local Answer answer;
    return answer;
}

hostent* fail(int error) {
    h_errno = error == EAI_NONAME || error == EAI_ADDRFAMILY ? HOST_NOT_FOUND
              : error == EAI_NODATA                          ? NO_DATA
              : error == EAI_AGAIN                           ? TRY_AGAIN
                                                             : NO_RECOVERY;
    return nullptr;
}

}  // namespace

extern "C" {

hostent* gethostbyname2(const char* name, int family) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_CANONNAME;
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(name, nullptr, &hints, &found); error != 0) return fail(error);
    Answer& answer = answer_of_thread();
    std::snprintf(answer.name, sizeof(answer.name), "%s", found->ai_canonname != nullptr ? found->ai_canonname : name);
    std::size_t count = 0;
    for (const addrinfo* each = found; each != nullptr && count < most_addresses; each = each->ai_next) {
        const void* bytes = family == AF_INET
                                ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(each->ai_addr)->sin_addr)
                                : &reinterpret_cast<sockaddr_in6*>(each->ai_addr)->sin6_addr;
        std::memcpy(&answer.addresses[count], bytes, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
        answer.list[count] = reinterpret_cast<char*>(&answer.addresses[count]);
        ++count;
    }
    freeaddrinfo(found);
    answer.list[count] = nullptr;
    answer.aliases[0] = nullptr;
    answer.entry = {answer.name, answer.aliases, family,
                    static_cast<int>(family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr)), answer.list};
    return &answer.entry;
}

hostent* gethostbyname(const char* name) { return gethostbyname2(name, AF_INET); }

hostent* gethostbyaddr(const void* address, socklen_t size, int family) {
    const std::size_t wanted = family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
    if ((family != AF_INET && family != AF_INET6) || size != wanted) return fail(EAI_FAIL);
    Endpoint end{};
    in6_addr bytes{};
    std::memcpy(&bytes, address, wanted);
    if (family == AF_INET)
        ip_addr_set_ip4_u32_val(end.address, bytes.s6_addr32[0]);
    else
        end.address = tenon::posix::from_in6(bytes);
    Answer& answer = answer_of_thread();
    if (const int error = tenon::posix::resolve_address(end, answer.name); error != 0) return fail(error);
    answer.addresses[0] = bytes;
    answer.list[0] = reinterpret_cast<char*>(&answer.addresses[0]);
    answer.list[1] = nullptr;
    answer.aliases[0] = nullptr;
    answer.entry = {answer.name, answer.aliases, family, static_cast<int>(wanted), answer.list};
    return &answer.entry;
}

const char* hstrerror(int error) {
    switch (error) {
        case 0: return "Resolver Error 0 (no error)";
        case HOST_NOT_FOUND: return "Unknown host";
        case TRY_AGAIN: return "Host name lookup failure";
        case NO_RECOVERY: return "Unknown server error";
        case NO_DATA: return "No address associated with name";
        default: return "Unknown resolver error";
    }
}

}  // extern "C"
