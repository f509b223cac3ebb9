// SPDX-License-Identifier: Apache-2.0
// Starts a server again and again, and prints how long each start took until the first byte of its HTTP answer, in ms:
//   first_byte RUNS ADDRESS PORT COMMAND...
// TCP would repeat a connection request that came too early only after a second, so a new one is tried every 0.2
// ms.
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace {

constexpr double try_every_ms = 0.2, give_up_after_ms = 10'000;

double now_ms() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Opens connections until one of them answers; true if one did before the deadline.
bool wait_for_answer(const sockaddr_in& server, double start) {
    std::vector<pollfd> tries;
    double next_try = start;
    bool answered = false;
    while (!answered && now_ms() - start < give_up_after_ms) {
        if (now_ms() >= next_try && tries.size() < 1000) {
            const int connection = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            (void)connect(connection, reinterpret_cast<const sockaddr*>(&server), sizeof(server));
            tries.push_back({.fd = connection, .events = POLLOUT, .revents = 0});
            next_try = now_ms() + try_every_ms;
        }
        const timespec wait{.tv_sec = 0, .tv_nsec = 100'000};
        if (ppoll(tries.data(), tries.size(), &wait, nullptr) <= 0) continue;
        for (pollfd& attempt : tries) {
            if (attempt.fd < 0) continue;
            if ((attempt.revents & (POLLERR | POLLHUP)) != 0) {
                close(attempt.fd);
                attempt.fd = -1;
            } else if ((attempt.revents & POLLOUT) != 0) {
                static constexpr char request[] = "GET / HTTP/1.0\r\n\r\n";
                (void)send(attempt.fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
                attempt.events = POLLIN;
            } else if ((attempt.revents & POLLIN) != 0) {
                char byte;
                answered = recv(attempt.fd, &byte, 1, 0) == 1;
            }
        }
    }
    for (const pollfd& attempt : tries)
        if (attempt.fd >= 0) close(attempt.fd);
    return answered;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        std::fprintf(stderr, "usage: first_byte RUNS ADDRESS PORT COMMAND...\n");
        return 2;
    }
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[3])));
    inet_pton(AF_INET, argv[2], &server.sin_addr);
    const int null_device = open("/dev/null", O_RDWR);
    for (int run = 0; run < std::atoi(argv[1]); ++run) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        for (int standard = 0; standard < 3; ++standard)
            posix_spawn_file_actions_adddup2(&actions, null_device, standard);
        pid_t server_process = 0;
        const double start = now_ms();
        if (posix_spawn(&server_process, argv[4], &actions, nullptr, argv + 4, environ) != 0) return 1;
        const bool answered = wait_for_answer(server, start);
        const double end = now_ms();
        kill(server_process, SIGINT);
        waitpid(server_process, nullptr, 0);
        posix_spawn_file_actions_destroy(&actions);
        if (!answered) {
            std::fprintf(stderr, "first_byte: no answer in run %d\n", run);
            return 1;
        }
        std::printf("%.3f\n", end - start);
    }
}
