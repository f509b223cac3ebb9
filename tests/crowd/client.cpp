// SPDX-License-Identifier: Apache-2.0
// Connects to server.cpp: crowd ADDRESS STEP... Each step prints a line; connections stay open to the end.
//
//   idle:N     opens N connections to port 80        "idle N"
//   deaf:N     the same to port 81, and writes to each as much as it takes        "deaf N BYTES_TAKEN"
//   drain      has the server read what they have sent        "drain BYTES WRONG_BYTES"
//   talking:N  the same to port 82, and reads nothing        "talking N"
//   echo       sends a byte on each idle connection and reads it back        "echo N"
//   segments:N sends N segments of a byte, each on an idle connection of a random choice        "segments N"
//   stream:M   sends M MiB to port 83 and reads as many back        "stream MIB_PER_SECOND_IN MIB_PER_SECOND_OUT"
//   stats      the server's counts        "stats IDLE DEAF TALKING FREE IO_FREE IO_TOTAL"
//   settled    waits until half of the I/O zone is free, for 20 s at most        "settled 1", or "settled 0"
//   hold       waits until the process is ended
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::uint16_t idle_port = 80, deaf_port = 81, talking_port = 82, stream_port = 83, control_port = 84;
in_addr server{};
std::vector<int> idle;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

int connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr = server;
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) fail("connect");
    return fd;
}

std::vector<int> open_many(std::uint16_t port, int count) {
    std::vector<int> made;
    while (static_cast<int>(made.size()) < count) made.push_back(connect_to(port));
    return made;
}

void open_deaf(int count) {
    // Each connection's bytes count from 0 to 250 again and again.
    constexpr std::size_t period = 251;
    std::vector<char> bytes(period * 256);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i % period);
    std::vector<pollfd> polled;
    for (const int fd : open_many(deaf_port, count)) polled.push_back({fd, POLLOUT, 0});
    std::vector<std::size_t> sent(polled.size());
    // Until nobody takes anything for a while.
    while (poll(polled.data(), polled.size(), 1500) > 0) {
        for (std::size_t i = 0; i < polled.size(); ++i) {
            if ((polled[i].revents & POLLOUT) == 0) continue;
            const std::size_t begin = sent[i] % period;
            const ssize_t size =
                send(polled[i].fd, bytes.data() + begin, bytes.size() - begin, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (size > 0) sent[i] += static_cast<std::size_t>(size);
        }
    }
    std::printf("deaf %d %zu\n", count, std::accumulate(sent.begin(), sent.end(), std::size_t{0}));
}

void echo() {
    const int control = connect_to(control_port);
    for (const int fd : idle)
        if (write(fd, "x", 1) != 1) fail("write");
    if (write(control, "echo", 4) != 4) fail("write");
    int answered = 0;
    for (const int fd : idle) {
        char byte = 0;
        if (read(fd, &byte, 1) == 1) ++answered;
    }
    close(control);
    std::printf("echo %d\n", answered);
}

std::string ask(std::string_view question) {
    const int control = connect_to(control_port);
    char text[200] = {};
    if (write(control, question.data(), question.size()) < 0 || read(control, text, sizeof(text) - 1) <= 0)
        fail("the server's answer");
    close(control);
    return text;
}

void send_segments(int count) {
    constexpr int together = 64;  // Then an answer shows that the server keeps up.
    const int on = 1;
    for (const int fd : idle) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const int control = connect_to(control_port);
    std::mt19937 random(1);
    for (int i = 1; i <= count; ++i) {
        if (write(idle[random() % idle.size()], "x", 1) != 1) fail("write");
        char text[200];
        if (i % together == 0 && (write(control, "stats", 5) != 5 || read(control, text, sizeof(text)) <= 0))
            fail("the server's answer");
    }
    close(control);
    std::printf("segments %d\n", count);
}

void settle() {
    bool settled = false;
    for (int attempt = 0; attempt < 200 && !settled; ++attempt) {
        if (attempt != 0) usleep(100'000);
        unsigned long free = 0, total = 1;
        settled = std::sscanf(ask("stats").c_str(), "%*u %*u %*u %*u %lu %lu", &free, &total) == 2 && free * 2 >= total;
    }
    std::printf("settled %d\n", settled);
}

void stream(std::uint64_t mebibytes) {
    using Clock = std::chrono::steady_clock;
    const int fd = connect_to(stream_port);
    std::vector<char> bytes(1 << 16);
    const std::uint64_t count = mebibytes << 20;
    const auto begin = Clock::now();
    if (write(fd, &count, sizeof(count)) != sizeof(count)) fail("write");
    for (std::uint64_t left = count; left != 0;) {
        const ssize_t size = write(fd, bytes.data(), std::min<std::uint64_t>(left, bytes.size()));
        if (size <= 0) fail("write");
        left -= static_cast<std::uint64_t>(size);
    }
    if (read(fd, bytes.data(), 1) != 1) fail("read");
    const auto middle = Clock::now();
    for (std::uint64_t left = count - 1; left != 0;) {
        const ssize_t size = read(fd, bytes.data(), std::min<std::uint64_t>(left, bytes.size()));
        if (size <= 0) fail("read");
        left -= static_cast<std::uint64_t>(size);
    }
    const auto end = Clock::now();
    close(fd);
    const auto rate = [&](auto span) {
        return static_cast<double>(mebibytes) / std::chrono::duration<double>(span).count();
    };
    std::printf("stream %.1f %.1f\n", rate(middle - begin), rate(end - middle));
}

void run(std::string_view step) {
    const std::size_t colon = step.find(':');
    const std::string name(step.substr(0, colon));
    const int count = colon == std::string_view::npos ? 0 : std::atoi(step.data() + colon + 1);
    if (name == "idle") {
        idle = open_many(idle_port, count);
        std::printf("idle %zu\n", idle.size());
    } else if (name == "deaf") {
        open_deaf(count);
    } else if (name == "talking") {
        std::printf("talking %zu\n", open_many(talking_port, count).size());
    } else if (name == "echo") {
        echo();
    } else if (name == "segments") {
        send_segments(count);
    } else if (name == "stats") {
        std::printf("stats %s", ask("stats").c_str());
    } else if (name == "stream") {
        stream(static_cast<std::uint64_t>(count));
    } else if (name == "drain") {
        std::printf("drain %s", ask("drain").c_str());
    } else if (name == "settled") {
        settle();
    } else if (name == "hold") {
        pause();
    } else {
        std::fprintf(stderr, "crowd: there is no step '%s'\n", name.c_str());
        std::exit(2);
    }
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3 || inet_pton(AF_INET, argv[1], &server) != 1) {
        std::fputs("usage: crowd ADDRESS STEP...\n", stderr);
        return 2;
    }
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max = std::max<rlim_t>(limit.rlim_max, 20000);
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("descriptors");
    for (int i = 2; i < argc; ++i) run(argv[i]);
}
