// SPDX-License-Identifier: Apache-2.0
// A server of the system tests that uses network and disk at the same time.
#include "store.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace {

/// A whole number of the disk's blocks.
constexpr std::size_t piece = 64 << 10;
std::array<char, piece> buffer;

/// Reads until the buffer is full or the peer ends its side; how many bytes it has, -1 for an error.
ssize_t fill(int peer) {
    std::size_t size = 0;
    while (size != piece) {
        const ssize_t part = read(peer, buffer.data() + size, piece - size);
        if (part < 0) return -1;
        if (part == 0) break;
        size += static_cast<std::size_t>(part);
    }
    return static_cast<ssize_t>(size);
}

bool send_all(int peer, std::size_t size) {
    for (std::size_t sent = 0; sent != size;) {
        const ssize_t part = write(peer, buffer.data() + sent, size - sent);
        if (part <= 0) return false;
        sent += static_cast<std::size_t>(part);
    }
    return true;
}

bool store(int peer, int disk) {
    std::size_t total = 0;
    for (;;) {
        const ssize_t size = fill(peer);
        if (size < 0 || pwrite(disk, buffer.data(), piece, static_cast<off_t>(total)) != piece) return false;
        total += static_cast<std::size_t>(size);
        if (size != piece) break;
    }
    for (std::size_t sent = 0; sent < total; sent += piece)
        if (pread(disk, buffer.data(), piece, static_cast<off_t>(sent)) != piece ||
            !send_all(peer, std::min(piece, total - sent)))
            return false;
    return true;
}

}  // namespace

int serve_store() {
    const int disk = open("/dev/vda", O_RDWR), listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(80);
    if (disk < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 4) != 0) {
        std::perror("store");
        return 1;
    }
    tenon_ready();
    for (;;) {
        const int peer = accept(listener, nullptr, nullptr);
        if (peer < 0 || !store(peer, disk)) {
            std::perror("store");
            return 1;
        }
        close(peer);
    }
}
