// SPDX-License-Identifier: Apache-2.0
// Measures streams and round trips with a server: client ADDRESS send|receive|echo SECONDS [BYTES [CONGESTION CONTROL]]
// Prints Gbit/s, or round trips per second; and the processor time of this process per GB or trip.
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double processor_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4)
        return std::fputs("client ADDRESS send|receive|echo SECONDS [BYTES [CONGESTION CONTROL]]\n", stderr), 2;
    const std::string_view what = argv[2];
    const double seconds = std::atof(argv[3]);
    const std::size_t size = argc > 4 ? static_cast<std::size_t>(std::atol(argv[4])) : what == "echo" ? 1 : 65536;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(what == "send" ? 5001 : what == "receive" ? 5002 : 5003);
    inet_pton(AF_INET, argv[1], &address.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    if (what == "echo") setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (argc > 5 && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, argv[5], std::strlen(argv[5])) != 0)
        return std::perror(argv[5]), 1;
    if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return std::perror("connect"), 1;
    std::vector<char> buffer(what == "receive" ? 256 * 1024 : size, 'x');
    const double begin = now(), end = begin + seconds;
    double total = 0;
    while (now() < end) {
        const ssize_t done =
            what == "receive" ? read(fd, buffer.data(), buffer.size()) : write(fd, buffer.data(), buffer.size());
        if (done <= 0) return std::perror("transfer"), 1;
        if (what == "echo") {
            for (ssize_t got = 0; got < done;) {
                const ssize_t part = read(fd, buffer.data(), buffer.size());
                if (part <= 0) return std::perror("echo"), 1;
                got += part;
            }
            total += 1;
        } else {
            total += static_cast<double>(done);
        }
    }
    const double span = now() - begin;
    // What is still on its way has not been transferred.
    int queued = 0;
    if (what == "send" && ioctl(fd, SIOCOUTQ, &queued) == 0) total -= queued;
    if (what == "echo")
        std::printf("%.0f round trips/s, %.2f us of this processor each\n", total / span,
                    processor_seconds() / total * 1e6);
    else
        std::printf("%.4f Gbit/s, %.3f s of this processor per GB\n", total * 8 / span / 1e9,
                    processor_seconds() / total * 1e9);
}
