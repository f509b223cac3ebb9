// SPDX-License-Identifier: Apache-2.0
// names [--until NAME] NAME...: looks each one up, and prints a line of its addresses, or why there are none. It begins
// when NAME is found, 30 s late at most: what routers advertise is not there at once.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>

namespace {

std::string text_of(const addrinfo& entry) {
    char text[INET6_ADDRSTRLEN] = {};
    if (entry.ai_family == AF_INET)
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(entry.ai_addr)->sin_addr, text, sizeof(text));
    else
        inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(entry.ai_addr)->sin6_addr, text, sizeof(text));
    return text;
}

const char* reason(int error) {
    switch (error) {
        case EAI_NONAME: return "EAI_NONAME";
        case EAI_AGAIN: return "EAI_AGAIN";
        default: return gai_strerror(error);
    }
}

void look_up(const char* name) {
    addrinfo hints{}, *list = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    const int error = getaddrinfo(name, nullptr, &hints, &list);
    std::printf("%s:", name);
    if (error != 0) {
        std::printf(" %s\n", reason(error));
        return;
    }
    std::set<std::string> addresses;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) addresses.insert(text_of(*entry));
    freeaddrinfo(list);
    if (addresses.size() > 4)
        std::printf(" %zu addresses", addresses.size());
    else
        for (const std::string& address : addresses) std::printf(" %s", address.c_str());
    std::puts("");
}

bool is_found(const char* name) {
    addrinfo* list = nullptr;
    if (getaddrinfo(name, nullptr, nullptr, &list) != 0) return false;
    freeaddrinfo(list);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    int first = 1;
    if (argc > 2 && std::strcmp(argv[1], "--until") == 0) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!is_found(argv[2]) && std::chrono::steady_clock::now() < deadline) usleep(100'000);
        first = 3;
    }
    for (int i = first; i < argc; ++i) look_up(argv[i]);
}
