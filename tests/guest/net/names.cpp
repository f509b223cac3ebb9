// SPDX-License-Identifier: Apache-2.0
// Addresses as text, and names: against a DNS server of the test's own on the loopback interface.
#include <net/if.h>
#include <netdb.h>

#include <atomic>
#include <string>
#include <thread>

#include "kernel/net/name_servers.h"
#include "tests/guest/net/sockets.h"

using namespace tenon::test;

GUEST_TEST(addresses_as_text) {
    in_addr four{};
    in6_addr six{};
    EXPECT(inet_pton(AF_INET, "192.0.2.7", &four) == 1 && four.s_addr == htonl(0xC0000207));
    EXPECT(inet_pton(AF_INET, "192.0.2", &four) == 0);
    EXPECT(inet_pton(AF_INET6, "2001:db8::7", &six) == 1 && six.s6_addr[0] == 0x20 && six.s6_addr[15] == 7);
    EXPECT(inet_pton(AF_INET6, "2001:db8:::7", &six) == 0);
    EXPECT(inet_pton(99, "1", &four) == -1 && errno == EAFNOSUPPORT);
    char text[INET6_ADDRSTRLEN];
    EXPECT(inet_ntop(AF_INET, &four, text, sizeof(text)) != nullptr && std::strcmp(text, "192.0.2.7") == 0);
    EXPECT(inet_ntop(AF_INET, &four, text, 4) == nullptr && errno == ENOSPC);
    EXPECT(std::strcmp(inet_ntoa(four), "192.0.2.7") == 0);
    EXPECT(inet_addr("10.1") == htonl(0x0A000001));
    EXPECT(inet_addr("not an address") == INADDR_NONE);
    std::uint16_t (*swap)(std::uint16_t) = htons;
    EXPECT(swap(0x1234) == 0x3412);
}

GUEST_TEST(numeric_names_need_no_server) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    EXPECT(getaddrinfo("127.0.0.1", "80", &hints, &list) == 0);
    EXPECT(list->ai_family == AF_INET && list->ai_next == nullptr);
    EXPECT(reinterpret_cast<sockaddr_in*>(list->ai_addr)->sin_port == htons(80));
    char host[NI_MAXHOST], service[NI_MAXSERV];
    EXPECT(getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof(host), service, sizeof(service), NI_NUMERICHOST) ==
           0);
    EXPECT(std::strcmp(host, "127.0.0.1") == 0 && std::strcmp(service, "http") == 0);
    freeaddrinfo(list);
    EXPECT(getaddrinfo("::1", nullptr, &hints, &list) == 0);
    EXPECT(list->ai_family == AF_INET6);
    freeaddrinfo(list);
    EXPECT(getaddrinfo("localhost", "1", nullptr, &list) == 0);
    freeaddrinfo(list);
    EXPECT(getaddrinfo("127.0.0.1", "http", &hints, &list) == 0);
    EXPECT(reinterpret_cast<sockaddr_in*>(list->ai_addr)->sin_port == htons(80));
    freeaddrinfo(list);
    EXPECT(getaddrinfo("127.0.0.1", "no-such-service", &hints, &list) == EAI_SERVICE);
    EXPECT(getaddrinfo(nullptr, nullptr, &hints, &list) == EAI_NONAME);
    hints.ai_flags = AI_NUMERICHOST;
    EXPECT(getaddrinfo("example.org", "80", &hints, &list) == EAI_NONAME);
    EXPECT(if_nametoindex("lo") == 1);
    EXPECT(if_nametoindex("xx9") == 0);
}

namespace {

/// A DNS message (RFC 1035, section 4.1) that answers `query`: found.test has an address, other names do not exist.
std::string dns_answer(const std::string& query) {
    std::string answer = query.substr(0, 2);
    const bool found = query.find("\5found\4test", 12) != std::string::npos;
    answer += found ? "\x81\x80" : "\x81\x83";  // response, recursion; no error, or NXDOMAIN
    answer += std::string("\0\1\0", 3) + (found ? '\1' : '\0') + std::string("\0\0\0\0", 4);
    const std::size_t question_end = query.find('\0', 12) + 5;
    answer += query.substr(12, question_end - 12);
    if (found)  // a pointer to the name, A, IN, TTL 60, 4 bytes: 198.51.100.9
        answer += std::string("\xC0\x0C\0\1\0\1\0\0\0\x3C\0\4\xC6\x33\x64\x09", 16);
    return answer;
}

}  // namespace

GUEST_TEST(names_are_asked_of_a_dns_server) {
    const Socket server(socket(AF_INET, SOCK_DGRAM, 0));
    const sockaddr_in address = loopback(53);
    EXPECT(bind(server.get(), generic(address), sizeof(address)) == 0);
    set_timeout(server, SO_RCVTIMEO, 5000);
    tenon::net::set_name_server(0, {127, 0, 0, 1});
    std::atomic<int> asked = 0;
    std::thread responder([&] {
        for (;;) {
            char buffer[512];
            sockaddr_in from{};
            socklen_t size = sizeof(from);
            const ssize_t count = recvfrom(server.get(), buffer, sizeof(buffer), 0, generic(from), &size);
            if (count <= 12) return;  // the test's end
            ++asked;
            const std::string answer = dns_answer(std::string(buffer, static_cast<std::size_t>(count)));
            sendto(server.get(), answer.data(), answer.size(), 0, generic(from), size);
        }
    });
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int found = getaddrinfo("found.test", "443", &hints, &list);
    const std::uint32_t first = found == 0 ? reinterpret_cast<sockaddr_in*>(list->ai_addr)->sin_addr.s_addr : 0;
    if (found == 0) freeaddrinfo(list);
    const int missing = getaddrinfo("missing.test", "443", &hints, &list);
    const int before = asked.load();
    const hostent* again = gethostbyname("found.test");
    const Socket ender(socket(AF_INET, SOCK_DGRAM, 0));
    sendto(ender.get(), "end", 3, 0, generic(address), sizeof(address));
    responder.join();
    EXPECT(found == 0);
    EXPECT(first == htonl(0xC6336409));
    EXPECT(missing == EAI_NONAME);
    EXPECT(again != nullptr && asked.load() == before + 1);
}
