// SPDX-License-Identifier: Apache-2.0
// poll and select over sockets, the console and mixtures.
#include <poll.h>
#include <sys/select.h>

#include <atomic>
#include <ctime>
#include <thread>

#include "tests/guest/net/sockets.h"

using namespace tenon::test;

namespace {

short ready(int fd, short events, int timeout_ms = 0) {
    pollfd entry{fd, events, 0};
    const int count = poll(&entry, 1, timeout_ms);
    EXPECT(count == (entry.revents != 0 ? 1 : 0));
    return entry.revents;
}

}  // namespace

GUEST_TEST(poll_follows_a_connection) {
    const Socket listening = listener();
    EXPECT(ready(listening.get(), POLLIN) == 0);
    const Socket client = connect_to(listening);
    EXPECT(ready(listening.get(), POLLIN, 1000) == POLLIN);
    const Socket server(accept(listening.get(), nullptr, nullptr));
    EXPECT(ready(listening.get(), POLLIN) == 0);
    EXPECT(ready(client.get(), POLLIN | POLLOUT) == POLLOUT);
    EXPECT(send(server.get(), "x", 1, 0) == 1);
    EXPECT(ready(client.get(), POLLIN, 1000) == POLLIN);
    char byte;
    EXPECT(recv(client.get(), &byte, 1, 0) == 1);
    EXPECT(ready(client.get(), POLLIN) == 0);
    EXPECT(shutdown(server.get(), SHUT_WR) == 0);
    EXPECT(ready(client.get(), POLLIN, 1000) == POLLIN);  // the end can be read
    EXPECT(recv(client.get(), &byte, 1, 0) == 0);
}

GUEST_TEST(poll_finds_data_that_came_before_accept) {
    const Socket listening = listener();
    const Socket client = connect_to(listening);
    EXPECT(send(client.get(), "early", 5, 0) == 5);
    EXPECT(ready(listening.get(), POLLIN, 1000) == POLLIN);
    const Socket server(accept(listening.get(), nullptr, nullptr));
    EXPECT(ready(server.get(), POLLIN, 1000) == POLLIN);
}

GUEST_TEST(poll_waits_until_another_thread_sends) {
    Pair pair = connected_pair();
    std::atomic<bool> waiting = false;
    std::thread sender([&] {
        while (!waiting.load()) std::this_thread::yield();
        EXPECT(send(pair.client.get(), "x", 1, 0) == 1);
    });
    const Socket silent = listener();
    pollfd entries[] = {{silent.get(), POLLIN, 0}, {pair.server.get(), POLLIN, 0}, {-1, POLLIN, 0}};
    waiting.store(true);
    EXPECT(poll(entries, 3, 5000) == 1);
    EXPECT(entries[0].revents == 0 && entries[1].revents == POLLIN && entries[2].revents == 0);
    sender.join();
}

GUEST_TEST(poll_times_out_and_reports_what_is_no_descriptor) {
    Pair pair = connected_pair();
    timespec begin{}, end{};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    EXPECT(ready(pair.client.get(), POLLIN, 30) == 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    EXPECT((end.tv_sec - begin.tv_sec) * 1'000'000'000 + end.tv_nsec - begin.tv_nsec >= 30'000'000);
    EXPECT(ready(999, POLLIN) == POLLNVAL);
    EXPECT((ready(1, POLLOUT) & POLLOUT) != 0);
}

GUEST_TEST(poll_tells_of_a_reset) {
    Pair pair = connected_pair();
    EXPECT(send(pair.client.get(), "unread", 6, 0) == 6);
    EXPECT(ready(pair.server.get(), POLLIN, 1000) == POLLIN);
    pair.server.reset();
    EXPECT((ready(pair.client.get(), 0, 1000) & POLLERR) != 0);
}

GUEST_TEST(poll_follows_a_nonblocking_connect) {
    const Socket listening = listener();
    const Socket client(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const auto address = name_of<sockaddr_in>(listening);
    const int result = connect(client.get(), generic(address), sizeof(address));
    EXPECT(result == 0 || errno == EINPROGRESS);
    EXPECT(ready(client.get(), POLLOUT, 1000) == POLLOUT);
    int error = -1;
    socklen_t size = sizeof(error);
    EXPECT(getsockopt(client.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0);
    EXPECT(error == 0);
}

GUEST_TEST(select_agrees_with_poll) {
    Pair pair = connected_pair();
    fd_set reading{}, writing{};
    FD_SET(pair.client.get(), &reading);
    FD_SET(pair.client.get(), &writing);
    timeval now{};
    EXPECT(select(pair.client.get() + 1, &reading, &writing, nullptr, &now) == 1);
    EXPECT(!FD_ISSET(pair.client.get(), &reading) && FD_ISSET(pair.client.get(), &writing));
}
