// SPDX-License-Identifier: Apache-2.0
// Takes connections by port, and treats those of a port alike (the client is client.cpp):
//
//   80  idle: kept; on `echo` each gets back the byte that it has sent
//   81  deaf: kept, and not read; `drain` reads what is there, which must count from 0 to 250 again and again
//   82  talking: kept, and written to whenever there is room
//   83  a stream: reads a count of eight bytes and as many bytes, then writes as many
//   84  control: `stats` answers "IDLE DEAF TALKING FREE IO_FREE IO_TOTAL" in counts and KiB, `echo` "done", `drain`
//       "BYTES WRONG_BYTES"
//
// With the arguments `bytes ADDRESS COUNT` it connects to port 85 there, writes COUNT bytes and ends without close();
// `silence ADDRESS` is in silence.h.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <tenon/memory.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include "silence.h"

namespace {

enum Kind { idle, deaf, talking, stream, control, kinds };
constexpr int first_port = 80;

std::vector<int> kept[kinds];
std::vector<char> much(1 << 16, 'x');

int listen_at(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 || listen(fd, 1000) != 0) return -1;
    return fd;
}

bool read_all(int fd, void* to, std::size_t size) {
    return recv(fd, to, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

void serve_stream(int fd) {
    std::vector<char> buffer(1 << 16);
    std::uint64_t count = 0;
    while (read_all(fd, &count, sizeof(count))) {
        for (std::uint64_t left = count; left != 0;) {
            const ssize_t size = read(fd, buffer.data(), std::min<std::uint64_t>(left, buffer.size()));
            if (size <= 0) break;
            left -= static_cast<std::uint64_t>(size);
        }
        for (std::uint64_t left = count; left != 0;) {
            const ssize_t size = write(fd, buffer.data(), std::min<std::uint64_t>(left, buffer.size()));
            if (size <= 0) break;
            left -= static_cast<std::uint64_t>(size);
        }
    }
    close(fd);
}

void talk() {
    for (const int fd : kept[talking])
        while (send(fd, much.data(), much.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
        }
}

void echo() {
    for (const int fd : kept[idle]) {
        char byte = 0;
        if (read(fd, &byte, 1) == 1) (void)!write(fd, &byte, 1);
    }
}

struct Drained {
    std::size_t bytes = 0, wrong = 0;
};
Drained drain() {
    Drained result;
    for (const int fd : kept[deaf]) {
        std::size_t offset = 0;
        ssize_t size = 0;
        while ((size = recv(fd, much.data(), much.size(), MSG_DONTWAIT)) > 0)
            for (ssize_t i = 0; i < size; ++i, ++offset)
                result.wrong += static_cast<unsigned char>(much[static_cast<std::size_t>(i)]) != offset % 251;
        result.bytes += offset;
    }
    return result;
}

/// False: the client has gone.
bool obey(int fd) {
    char text[16] = {};
    const ssize_t size = read(fd, text, sizeof(text) - 1);
    if (size <= 0) return false;
    char answer[200];
    if (std::string_view(text).starts_with("echo")) {
        echo();
        std::strcpy(answer, "done\n");
    } else if (std::string_view(text).starts_with("drain")) {
        const Drained drained = drain();
        std::snprintf(answer, sizeof(answer), "%zu %zu\n", drained.bytes, drained.wrong);
    } else {
        tenon_memory_statistics memory{};
        tenon_get_memory_statistics(&memory);
        std::snprintf(answer, sizeof(answer), "%zu %zu %zu %lu %lu %lu\n", kept[idle].size(), kept[deaf].size(),
                      kept[talking].size(), memory.free >> 10, memory.io_free >> 10, memory.io_total >> 10);
    }
    return write(fd, answer, std::strlen(answer)) > 0;
}

void accept_all(int listener, Kind kind) {
    for (;;) {
        const int fd = accept4(listener, nullptr, nullptr, 0);
        if (fd < 0) return;
        if (kind == stream)
            std::thread(serve_stream, fd).detach();
        else
            kept[kind].push_back(fd);
    }
}

int serve() {
    pollfd polled[kinds + 1] = {};
    for (int kind = 0; kind < kinds; ++kind) {
        polled[kind] = {listen_at(first_port + kind), POLLIN, 0};
        if (polled[kind].fd < 0) return 1;
    }
    tenon_ready();
    for (;;) {
        polled[kinds] = {kept[control].empty() ? -1 : kept[control].back(), POLLIN, 0};
        poll(polled, kinds + 1, kept[talking].empty() ? -1 : 20);
        if (polled[kinds].revents != 0 && !obey(polled[kinds].fd)) {
            close(polled[kinds].fd);
            kept[control].pop_back();
        }
        for (int kind = 0; kind < kinds; ++kind)
            if (polled[kind].revents != 0) accept_all(polled[kind].fd, static_cast<Kind>(kind));
        talk();
    }
}

int send_and_end(const char* address, std::size_t count) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(85);
    inet_pton(AF_INET, address, &to.sin_addr);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) return 1;
    const std::vector<char> bytes(count, 'x');
    return write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(count) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::string_view(argv[1]) == "bytes")
        return send_and_end(argv[2], static_cast<std::size_t>(std::atol(argv[3])));
    if (argc == 3 && std::string_view(argv[1]) == "silence") return await_silence(argv[2]);
    return serve();
}
