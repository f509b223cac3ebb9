// SPDX-License-Identifier: Apache-2.0
// A disk and a network in full use at the same time.
#include "busy.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

#include "disk.h"

namespace {

std::atomic<std::uint64_t> echoed = 0;
std::atomic<int> closed = 0;

void echo(int connection) {
    std::vector<char> buffer(16 << 10);
    for (ssize_t size; (size = read(connection, buffer.data(), buffer.size())) != 0;) {
        if (size < 0) return std::perror("read");
        for (ssize_t done = 0; done < size;) {
            const ssize_t part = write(connection, buffer.data() + done, static_cast<std::size_t>(size - done));
            if (part <= 0) return std::perror("write");
            done += part;
            echoed += static_cast<std::uint64_t>(part);
        }
    }
}

int listen_on_port_80() {
    const int listening = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(80);
    if (bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(listening, 8) != 0)
        return -1;
    return listening;
}

}  // namespace

int be_busy(int connections) {
    const int listening = listen_on_port_80();
    if (listening < 0) return std::perror("listen"), 1;
    tenon_ready();
    std::vector<std::thread> servers;
    for (int i = 0; i < connections; ++i) {
        const int connection = accept(listening, nullptr, nullptr);
        if (connection < 0) return std::perror("accept"), 1;
        servers.emplace_back([connection] {
            echo(connection);
            close(connection);
            ++closed;
        });
    }
    unsigned rounds = 0;
    char name[] = "behave", disk[] = "disk", verify[] = "verify";
    char* arguments[] = {name, disk, verify};
    do {
        if (const int failed = use_disk(3, arguments); failed != 0) return failed;
        ++rounds;
    } while (closed != connections);
    for (std::thread& server : servers) server.join();
    std::printf("echoed %llu bytes, disk verified %s\n", static_cast<unsigned long long>(echoed.load()),
                rounds > 1 ? "several times" : "once");
    return 0;
}
