// SPDX-License-Identifier: Apache-2.0
// Signals to threads that are blocked in calls of sockets.
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include "report.h"

namespace conformance {
namespace {

std::atomic<int> handled;

void handle(int flags) {
    struct sigaction action = {};
    action.sa_handler = [](int) { ++handled; };
    action.sa_flags = flags;
    sigaction(SIGUSR1, &action, nullptr);
    handled = 0;
}

/// Runs `call` on a thread and sends signals to it until it has ended, or until `enough` handlers have run; then runs
/// `finish`. One signal may come before the call.
std::string interrupted(const std::function<long()>& call, int enough = INT32_MAX,
                        const std::function<void()>& finish = {}) {
    std::string result;
    std::atomic<bool> ended = false;
    std::thread thread([&] {
        const long value = call();
        result = value < 0 ? error_name(errno) : std::to_string(value);
        ended = true;
    });
    while (!ended && handled < enough) {
        pthread_kill(thread.native_handle(), SIGUSR1);
        usleep(1000);
    }
    if (finish) finish();
    thread.join();
    return result;
}

}  // namespace

void interruptions() {
    Pair ends = pair();
    char buffer[8];
    handle(0);
    line("read", interrupted([&] { return read(ends.client, buffer, sizeof(buffer)); }));
    line("recv of datagrams", [&] {
        const Fd fd = datagram();
        bind_to(fd, v4("127.0.0.1", 0));
        return interrupted([&] { return recv(fd, buffer, sizeof(buffer), 0); });
    }());
    const Fd listening = listener();
    line("accept", interrupted([&] { return accept(listening, nullptr, nullptr); }));
    line("poll", interrupted([&] {
             pollfd polled{ends.client, POLLIN, 0};
             return poll(&polled, 1, -1);
         }));
    std::string much(16 << 20, 'x');
    line("send of a part", interrupted([&] { return send(ends.client, much.data(), much.size(), 0) > 0; }));
    line("send", interrupted([&] {
             ssize_t sent = 0;
             while (sent >= 0) sent = send(ends.client, much.data(), much.size(), 0);
             return sent;
         }));
    // Calls continue with SA_RESTART, but for those with a time limit.
    Pair other = pair();
    handle(SA_RESTART);
    const auto send_one = [&] { send(other.server, "x", 1, 0); };
    line("restarted read", interrupted([&] { return read(other.client, buffer, sizeof(buffer)); }, 5, send_one));
    handle(SA_RESTART);
    const timeval limit{60, 0};
    setsockopt(other.client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    line("with a time limit", interrupted([&] { return read(other.client, buffer, sizeof(buffer)); }));
    // A signal that its thread blocks does not interrupt.
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    std::atomic<bool> is_blocked = false;
    std::thread waiting([&] {
        pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
        is_blocked = true;
        line("blocked", std::to_string(read(other.client, buffer, sizeof(buffer))));
    });
    while (!is_blocked) usleep(1000);
    pthread_kill(waiting.native_handle(), SIGUSR1);
    settle();
    send_one();
    waiting.join();
}

}  // namespace conformance
