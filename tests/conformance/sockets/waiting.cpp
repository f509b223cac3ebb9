// SPDX-License-Identifier: Apache-2.0
// poll(2), select(2), and calls with time limits.
#include <sys/select.h>

#include <climits>
#include <cmath>
#include <thread>
#include <vector>

#include "report.h"

namespace conformance {
namespace {

std::string all_events(int fd, short wanted) {
    pollfd polled{fd, wanted, 0};
    if (poll(&polled, 1, 0) < 0) return error_name(errno);
    std::string text = events(polled.revents);
    const std::pair<int, const char*> names[] = {{POLLNVAL, "NVAL"},
                                                 {POLLRDNORM, "RDNORM"},
                                                 {POLLRDBAND, "RDBAND"},
                                                 {POLLWRNORM, "WRNORM"},
                                                 {POLLWRBAND, "WRBAND"}};
    for (const auto& [bit, name] : names)
        if ((polled.revents & bit) != 0) text += std::string("|") + name;
    return text;
}

/// The result of select() for one descriptor, and in which sets it is then.
std::string selected(int fd, timeval limit = {0, 0}) {
    fd_set sets[3];
    for (fd_set& set : sets) {
        FD_ZERO(&set);
        FD_SET(fd, &set);
    }
    const int result = select(fd + 1, &sets[0], &sets[1], &sets[2], &limit);
    std::string text = outcome(result);
    const char* names[] = {" read", " write", " except"};
    for (int i = 0; i < 3; ++i)
        if (FD_ISSET(fd, &sets[i])) text += names[i];
    return text;
}

void polling() {
    constexpr short everything =
        POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND | POLLRDHUP;
    const Fd listening = listener();
    Pair ends = pair();
    const Fd udp = datagram();
    line("poll of a listener", all_events(listening, everything));
    line("poll of a stream", all_events(ends.client, everything));
    line("poll of datagrams", all_events(udp, everything));
    line("poll of nothing", all_events(ends.client, 0));
    line("poll of a fresh stream", all_events(stream(), everything));
    send(ends.server, "x", 1, 0);
    await(ends.client, POLLIN);
    line("poll of a stream with data", all_events(ends.client, everything));
    line("poll of normal data alone", all_events(ends.client, POLLRDNORM));
    line("poll of room alone", all_events(ends.client, POLLWRNORM));
    line("poll of what is closed", all_events(987, POLLIN));
    pollfd several[4] = {
        {-1, POLLIN, 99}, {ends.client, POLLIN, 99}, {ends.client, POLLOUT, 99}, {ends.server, POLLIN, 99}};
    TELL(poll(several, 4, 0));
    for (const pollfd& each : several) line("each", events(each.revents));
    TELL(poll(nullptr, 0, 0));
    TELL(poll(nullptr, 0, 10));
    TELL(poll(several, 1, 10));
}

void selecting() {
    Pair ends = pair();
    line("select of a stream", selected(ends.client));
    send(ends.server, "x", 1, 0);
    await(ends.client, POLLIN);
    line("select of a stream with data", selected(ends.client));
    shutdown(ends.server, SHUT_WR);
    await(ends.client, POLLRDHUP);
    char byte;
    TELL(read(ends.client, &byte, 1));
    line("select at the end", selected(ends.client));
    const Fd closed_port = stream(), refused = stream(SOCK_NONBLOCK);
    bind_to(closed_port, v4("127.0.0.1", 0));
    connect_to(refused, v4("127.0.0.1", port_of(closed_port)));
    await(refused, POLLOUT);
    line("select after a refusal", selected(refused));
    const Fd listening = listener();
    line("select of a listener", selected(listening));
    line("select of datagrams", selected(datagram()));
    // Time limits.
    line("microseconds beyond a second", selected(ends.server, {0, 1000001}));
    line("below zero", selected(ends.server, {-1, 0}));
    line("microseconds below zero", selected(ends.server, {0, -1}));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(listening, &set);
    timeval limit{0, 20000};
    TELL(select(listening + 1, &set, nullptr, nullptr, &limit));
    line("time left", std::to_string(limit.tv_sec) + " " + std::to_string(limit.tv_usec));
    TELL(FD_ISSET(listening, &set));
    FD_SET(ends.server, &set);
    limit = {1000, 0};
    TELL(select(ends.server + 1, nullptr, &set, nullptr, &limit));
    TELL(limit.tv_sec >= 990 && limit.tv_sec <= 1000);
    limit = {0, 0};
    TELL(select(0, nullptr, nullptr, nullptr, &limit));
    TELL(select(FD_SETSIZE, nullptr, nullptr, nullptr, &limit));
    // A wait without end, and one that is longer than a clock can count.
    for (const time_t seconds : {static_cast<time_t>(LONG_MAX), static_cast<time_t>(LONG_MAX / 1000000)}) {
        Pair slow = pair();
        std::thread sender([&] {
            usleep(30000);
            send(slow.server, "x", 1, 0);
        });
        FD_ZERO(&set);
        FD_SET(slow.client, &set);
        limit = {seconds, 999999};
        TELL(select(slow.client + 1, &set, nullptr, nullptr, &limit));
        sender.join();
    }
}

/// Below, about, or beyond the time that was asked for.
template <typename Call>
std::string timed(long milliseconds, Call&& call) {
    timespec before{}, after{};
    clock_gettime(CLOCK_MONOTONIC, &before);
    errno = 0;
    const std::string result = outcome(static_cast<long>(call()));
    clock_gettime(CLOCK_MONOTONIC, &after);
    const long took = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    return result + (took < milliseconds - 1 ? " early" : "");
}

void limits() {
    Pair ends = pair();
    const timeval limit{0, 50000};
    char buffer[8] = {};
    setsockopt(ends.client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    line("read with a limit", timed(50, [&] { return read(ends.client, buffer, 1); }));
    line("recv with a limit, whole", timed(50, [&] { return recv(ends.client, buffer, 8, MSG_WAITALL); }));
    iovec part{buffer, sizeof(buffer)};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    line("recvmsg with a limit", timed(50, [&] { return recvmsg(ends.client, &header, 0); }));
    const Fd listening = listener();
    setsockopt(listening, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    line("accept with a limit", timed(50, [&] { return accept(listening, nullptr, nullptr); }));
    const Fd udp = datagram();
    bind_to(udp, v4("127.0.0.1", 0));
    setsockopt(udp, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    line("datagrams with a limit", timed(50, [&] { return recv(udp, buffer, 1, 0); }));
    line("poll looks at no limit", ready(udp));
    // Inherited by what is accepted.
    const Fd client = stream();
    connect_to(client, v4("127.0.0.1", port_of(listening)));
    const Fd accepted(accept(listening, nullptr, nullptr));
    line("inherited limit", timed(50, [&] { return read(accepted, buffer, 1); }));
    // A negative limit and none.
    const timeval negative{-1, 0}, none{0, 0};
    TELL(setsockopt(ends.client, SOL_SOCKET, SO_RCVTIMEO, &negative, sizeof(negative)));
    TELL(read(ends.client, buffer, 1));
    timeval value{};
    socklen_t size = sizeof(value);
    TELL(getsockopt(ends.client, SOL_SOCKET, SO_RCVTIMEO, &value, &size));
    line("limit", std::to_string(value.tv_sec) + " " + std::to_string(value.tv_usec));
    TELL(setsockopt(ends.client, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none)));
    // SO_SNDTIMEO: a part is a success.
    std::vector<char> much(24 << 20);
    setsockopt(ends.client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const ssize_t sent = send(ends.client, much.data(), much.size(), 0);
    TELL(sent > 0 && sent < static_cast<ssize_t>(much.size()));
    while (send(ends.client, much.data(), much.size(), 0) > 0) {
    }
    line("send with a limit", timed(50, [&] { return send(ends.client, much.data(), much.size(), 0); }));
    // SO_LINGER: the end waits for a peer that reads nothing.
    const linger patient{1, 1};
    setsockopt(ends.client, SOL_SOCKET, SO_LINGER, &patient, sizeof(patient));
    line("a lingering end", timed(1000, [&] {
             ends.client.reset();
             return 0;
         }));
    // SO_RCVLOWAT
    Pair low = pair();
    set(low.client, SOL_SOCKET, SO_RCVLOWAT, 5);
    send(low.server, "abc", 3, 0);
    settle();
    line("select below the low-water mark", selected(low.client));
    TELL(recv(low.client, buffer, 8, MSG_DONTWAIT));
    send(low.server, "abc", 3, 0);
    settle();
    setsockopt(low.client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    line("below the low-water mark, with a limit", timed(50, [&] { return recv(low.client, buffer, 8, 0); }));
    send(low.server, "abc", 3, 0);
    settle();
    TELL(recv(low.client, buffer, 2, 0));
    shutdown(low.server, SHUT_WR);
    await(low.client, POLLRDHUP);
    line("the end, below the low-water mark", ready(low.client));
    TELL(recv(low.client, buffer, 8, 0));
    TELL(recv(low.client, buffer, 8, 0));
    set(udp, SOL_SOCKET, SO_RCVLOWAT, 5);
    const sockaddr_in self = v4("127.0.0.1", port_of(udp));
    sendto(udp, "ab", 2, 0, reinterpret_cast<const sockaddr*>(&self), sizeof(self));
    settle();
    line("datagrams below the low-water mark", ready(udp));
    TELL(recv(udp, buffer, 8, MSG_DONTWAIT));
}

}  // namespace

void waiting() {
    polling();
    selecting();
    limits();
}

}  // namespace conformance
