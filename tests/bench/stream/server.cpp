// SPDX-License-Identifier: Apache-2.0
// The server of the stream benchmarks, on Linux and in a guest: receives (5001), sends (5002), echoes (5003), keeps
// idle connections (5004), and tells what it knows of a connection (5005). server [BYTES OF A WRITE [CONGESTION
// CONTROL]]
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

constexpr int first_port = 5001;
std::size_t write_size = 65536;
const char* congestion_control = nullptr;

void take(int fd) {
    std::vector<char> buffer(256 * 1024);
    while (read(fd, buffer.data(), buffer.size()) > 0) {
    }
}

void give(int fd) {
    std::vector<char> buffer(write_size, 'x');
    while (write(fd, buffer.data(), buffer.size()) > 0) {
    }
}

void echo(int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::vector<char> buffer(65536);
    for (ssize_t size; (size = read(fd, buffer.data(), buffer.size())) > 0;)
        if (write(fd, buffer.data(), static_cast<std::size_t>(size)) != size) break;
}

void keep(int fd) {
    char byte;
    (void)!read(fd, &byte, 1);
}

/// For each 'd' it sends ten segments of 1000 bytes, for each 'i' a line with numbers of TCP_INFO.
void tell(int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const std::vector<char> data(10'000, 'x');
    for (char order; read(fd, &order, 1) == 1;) {
        char line[128];
        int size = 0;
        if (order == 'i') {
            tcp_info info{};
            socklen_t info_size = sizeof(info);
            getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_size);
            size =
                std::snprintf(line, sizeof(line), "ca_state=%u retransmits=%u sacked=%u lost=%u retrans=%u total=%u\n",
                              info.tcpi_ca_state, info.tcpi_retransmits, info.tcpi_sacked, info.tcpi_lost,
                              info.tcpi_retrans, info.tcpi_total_retrans);
        }
        const char* begin = order == 'i' ? line : data.data();
        const std::size_t length = order == 'i' ? static_cast<std::size_t>(size) : data.size();
        if (write(fd, begin, length) != static_cast<ssize_t>(length)) break;
    }
}

void serve(int port, void (*work)(int)) {
    const int listening = socket(AF_INET6, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
#ifdef TCP_CONGESTION
    if (congestion_control != nullptr &&
        setsockopt(listening, IPPROTO_TCP, TCP_CONGESTION, congestion_control, std::strlen(congestion_control)) != 0)
        std::perror(congestion_control);
#endif
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(static_cast<uint16_t>(port));
    if (bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(listening, 128) != 0) {
        std::perror("listen");
        std::exit(1);
    }
    for (;;) {
        const int fd = accept(listening, nullptr, nullptr);
        if (fd < 0) continue;
        std::thread([fd, work] {
            work(fd);
            close(fd);
        }).detach();
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // A client may end while it is written to.
    if (argc > 1) write_size = static_cast<std::size_t>(std::atol(argv[1]));
    if (argc > 2) congestion_control = argv[2];
    void (*const works[])(int) = {take, give, echo, keep, tell};
    std::vector<std::thread> servers;
    for (int port = first_port; void (*const work)(int) : works) servers.emplace_back(serve, port++, work);
    std::puts("serving");
    std::fflush(stdout);
    for (std::thread& server : servers) server.join();
}
