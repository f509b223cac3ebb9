// SPDX-License-Identifier: Apache-2.0
// dhcp_server INTERFACE ADDRESS LEASE ANSWERED...: a DHCP server (RFC 2131) with one address to give, the one after its
// own, for LEASE seconds. It prints a line for each message of the client:
//
//   discover, request, renew (to this server), rebind (to all), release
//
// and answers those that are named; "renew=2" stands for the first two of them. It lives until it is killed.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t client_address_at = 12, options_at = 240;
constexpr std::uint8_t option_mask = 1, option_lease = 51, option_type = 53, option_server = 54, option_end = 255;
enum Type : std::uint8_t { discover = 1, offer = 2, request = 3, acknowledge = 5, release = 7 };

struct Message {
    std::vector<std::uint8_t> bytes;
    bool to_all = false;

    /// The option's first byte's place; 0: it is not there.
    [[nodiscard]] std::size_t option(std::uint8_t wanted) const {
        for (std::size_t at = options_at; at + 1 < bytes.size() && bytes[at] != option_end;) {
            if (bytes[at] == 0) {
                ++at;
                continue;
            }
            if (bytes[at] == wanted && at + 2 < bytes.size()) return at + 2;
            at += 2U + bytes[at + 1];
        }
        return 0;
    }
    [[nodiscard]] std::uint8_t type() const {
        const std::size_t at = option(option_type);
        return at == 0 ? std::uint8_t{0} : bytes[at];
    }
    [[nodiscard]] bool has_address() const {
        std::uint32_t address = 0;
        std::memcpy(&address, bytes.data() + client_address_at, sizeof address);
        return address != 0;
    }
    [[nodiscard]] const char* name() const {
        switch (type()) {
            case discover: return "discover";
            case release: return "release";
            case request: return !has_address() ? "request" : to_all ? "rebind" : "renew";
            default: return "other";
        }
    }
};

/// Whether it came to this server or to all is in the control message.
bool receive(int socket, Message& message) {
    message.bytes.resize(1500);
    alignas(cmsghdr) std::array<char, 256> control{};
    iovec part{message.bytes.data(), message.bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const ssize_t size = recvmsg(socket, &header, 0);
    if (size < static_cast<ssize_t>(options_at)) return false;
    message.bytes.resize(static_cast<std::size_t>(size));
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level != IPPROTO_IP || item->cmsg_type != IP_PKTINFO) continue;
        in_pktinfo info{};
        std::memcpy(&info, CMSG_DATA(item), sizeof info);
        message.to_all = info.ipi_addr.s_addr == INADDR_BROADCAST;
    }
    return true;
}

void append(std::vector<std::uint8_t>& bytes, std::uint8_t option, std::uint32_t value) {
    bytes.insert(bytes.end(), {option, 4});
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::vector<std::uint8_t> answer_to(const Message& message, std::uint32_t server, std::uint32_t lease) {
    std::vector<std::uint8_t> bytes(message.bytes.begin(), message.bytes.begin() + options_at);
    bytes[0] = 2;  // a reply
    const std::uint32_t given = htonl(server + 1);
    std::memcpy(bytes.data() + 16, &given, sizeof given);
    bytes.insert(bytes.end(), {option_type, 1, message.type() == discover ? offer : acknowledge});
    append(bytes, option_server, server);
    append(bytes, option_mask, 0xFFFF'FF00);
    append(bytes, option_lease, lease);
    bytes.push_back(option_end);
    return bytes;
}

}  // namespace

int main(int argc, char** argv) {
    in_addr own{};
    if (argc < 4 || inet_pton(AF_INET, argv[2], &own) != 1) {
        std::fprintf(stderr, "dhcp_server INTERFACE ADDRESS LEASE ANSWERED...\n");
        return 2;
    }
    const auto lease = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10));
    std::map<std::string, long> answered;
    for (int i = 4; i < argc; ++i) {
        const std::string_view word = argv[i];
        const std::size_t equals = word.find('=');
        answered[std::string(word.substr(0, equals))] =
            equals == std::string_view::npos ? 1'000'000 : std::atol(argv[i] + equals + 1);
    }
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    const int on = 1;
    for (const int option : {SO_BROADCAST, SO_REUSEADDR}) setsockopt(socket, SOL_SOCKET, option, &on, sizeof on);
    setsockopt(socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, argv[1], static_cast<socklen_t>(std::strlen(argv[1])));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(67);
    if (bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return std::perror("dhcp_server: port 67"), 1;
    address.sin_port = htons(68);
    address.sin_addr.s_addr = INADDR_BROADCAST;
    std::puts("ready");
    std::fflush(stdout);
    for (Message message;; message = {}) {
        if (!receive(socket, message)) continue;
        std::puts(message.name());
        std::fflush(stdout);
        const auto left = answered.find(message.name());
        if (left == answered.end() || left->second-- <= 0) continue;
        const std::vector<std::uint8_t> bytes = answer_to(message, ntohl(own.s_addr), lease);
        sendto(socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
}
