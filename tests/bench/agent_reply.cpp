// SPDX-License-Identifier: Apache-2.0
// How long a guest's agent takes to answer guest-ping: agent_reply SOCKET COUNT. Prints the median and the worst, in
// ms.
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

bool receive_line(int connection) {
    char buffer[4096];
    for (;;) {
        const ssize_t size = recv(connection, buffer, sizeof buffer, 0);
        if (size <= 0) return false;
        if (buffer[size - 1] == '\n') return true;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        std::perror(argv[1]);
        return 1;
    }
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    constexpr std::string_view request = "{\"execute\":\"guest-ping\"}\n";
    std::vector<double> times;
    for (long i = std::atol(argv[2]); i > 0; --i) {
        // At irregular intervals, so that requests do not follow a rhythm of the guest.
        usleep(static_cast<useconds_t>(1000 + i * 37 % 5000));
        const auto begin = Clock::now();
        if (send(connection, request.data(), request.size(), MSG_NOSIGNAL) < 0 || !receive_line(connection)) {
            std::fputs("agent_reply: no answer\n", stderr);
            return 1;
        }
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    }
    std::ranges::sort(times);
    std::printf("%.3f %.3f\n", times[times.size() / 2], times.back());
    return 0;
}
