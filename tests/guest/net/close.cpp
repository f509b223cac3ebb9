// SPDX-License-Identifier: Apache-2.0
// Ends of sockets: closing under another thread's call, many of them, and nothing left behind.
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "kernel/mm/page_allocator.h"
#include "tests/guest/net/sockets.h"

using namespace tenon::test;

GUEST_TEST(closing_wakes_a_thread_that_receives) {
    Pair pair = connected_pair();
    std::atomic<bool> begun = false;
    ssize_t result = 1;
    std::thread receiver([&] {
        char byte;
        begun.store(true);
        result = recv(pair.server.get(), &byte, 1, 0);
    });
    while (!begun.load()) std::this_thread::yield();
    for (int i = 0; i < 100; ++i) std::this_thread::yield();  // most likely it blocks by now; either way must end
    pair.server.reset();
    receiver.join();
    EXPECT(result <= 0);
}

GUEST_TEST(closing_wakes_a_thread_that_accepts) {
    Socket listening = listener();
    const int fd = listening.get();
    std::atomic<bool> begun = false;
    int result = 0;
    std::thread acceptor([&] {
        begun.store(true);
        result = accept(fd, nullptr, nullptr);
    });
    while (!begun.load()) std::this_thread::yield();
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    listening.reset();
    acceptor.join();
    EXPECT(result == -1);
}

GUEST_TEST(duplicates_keep_a_socket_open) {
    Pair pair = connected_pair();
    const Socket copy(dup(pair.client.get()));
    pair.client.reset();
    EXPECT(send(copy.get(), "x", 1, 0) == 1);
    char byte;
    EXPECT(recv(pair.server.get(), &byte, 1, 0) == 1);
}

GUEST_TEST(three_hundred_connections_at_a_time) {
    const Socket listening = listener(255);
    std::vector<Pair> pairs;
    for (int i = 0; i < 300; ++i) {
        Pair pair;
        pair.client = connect_to(listening);
        pair.server = Socket(accept(listening.get(), nullptr, nullptr));
        EXPECT(pair.server.get() >= 0);
        pairs.push_back(std::move(pair));
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) EXPECT(send(pairs[i].client.get(), &i, sizeof(i), 0) == sizeof(i));
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        std::size_t value = 0;
        EXPECT(receive_all(pairs[i].server, reinterpret_cast<char*>(&value), sizeof(value)) == sizeof(value));
        EXPECT(value == i);
    }
}

GUEST_TEST(sockets_run_out_with_an_error) {
    std::vector<Socket> sockets;
    for (int i = 0; i < 20'000; ++i) {
        const int fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (fd < 0) {
            EXPECT(errno == ENFILE || errno == EMFILE || errno == ENOBUFS);
            break;
        }
        sockets.emplace_back(fd);
    }
    EXPECT(sockets.size() > 500 && sockets.size() < 16384);
    sockets.clear();
    EXPECT(Socket(socket(AF_INET, SOCK_DGRAM, 0)).get() >= 0);
}

GUEST_TEST(thousands_of_short_connections_leave_nothing_behind) {
    const Socket listening = listener();
    const auto round = [&](int count) {
        for (int i = 0; i < count; ++i) {
            Socket client = connect_to(listening);
            Socket server(accept(listening.get(), nullptr, nullptr));
            EXPECT(send(client.get(), "ping", 4, 0) == 4);
            char buffer[4];
            EXPECT(receive_all(server, buffer, 4) == 4);
            server.reset();  // the server ends first, and keeps the connection in TIME_WAIT
            EXPECT(recv(client.get(), buffer, 1, 0) == 0);
        }
    };
    round(1500);  // fills what is bounded: connections in TIME_WAIT
    const auto before = tenon::memory_statistics();
    round(3000);
    const auto after = tenon::memory_statistics();
    EXPECT(after.free_bytes + (256 << 10) > before.free_bytes);
    EXPECT(after.dma_free_bytes + (256 << 10) > before.dma_free_bytes);
}
