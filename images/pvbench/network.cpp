// SPDX-License-Identifier: Apache-2.0
// The network, measured against a peer (peer.cpp).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/time.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "measures.h"
#include "peer.h"
#include "peer_protocol.h"
#include "socket.h"
#include "system.h"

namespace pvbench {

namespace {

using Error = std::unexpected<std::string>;

/// The peer's first answer, after the machine's start.
std::expected<std::uint64_t, std::string> answered = Error("there is no peer: --net-peer ADDRESS:PORT names one");
bool reached = false;

constexpr int answer_limit_seconds = 5;

void limit_waiting(const Socket& socket, long us) {
    const timeval limit{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

std::expected<Socket, std::string> connect_to(const PeerAddress& peer, int type) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(peer.port);
    if (inet_pton(AF_INET, peer.address.c_str(), &address.sin_addr) != 1)
        return Error("'" + peer.address + "' is no IPv4 address");
    Socket socket(::socket(AF_INET, type, 0));
    if (!socket) return Error(std::string("there is no network: ") + std::strerror(errno));
    const int on = 1;
    if (type == SOCK_STREAM) setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    limit_waiting(socket, answer_limit_seconds * 1'000'000L);
    if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
        return Error("the peer at " + peer.address + " cannot be reached: " + std::strerror(errno));
    return socket;
}

/// A connection for `task`, or the reason why the measure is left out.
std::expected<Socket, std::string> begin_task(const Options& options, Task task) {
    // Without an answer at the start, each measure would wait for its time limit.
    if (!reached) return Error(answered.error());
    const bool stream = task == Task::echo || task == Task::sink || task == Task::source || task == Task::greet;
    auto socket = connect_to(options.peer, stream ? SOCK_STREAM : SOCK_DGRAM);
    if (socket && stream && !send_all(socket->get(), &task, sizeof(task)))
        return Error("the peer closed the connection");
    return socket;
}

std::uint32_t new_session() {
    static std::uint32_t last = static_cast<std::uint32_t>(now_ns());
    return ++last;
}

/// Sends a datagram and waits for the one of its session that comes back.
std::optional<Datagram> ask(const Socket& socket, const Datagram& question) {
    if (send(socket.get(), &question, sizeof(question), 0) != sizeof(question)) return std::nullopt;
    Datagram answer{};
    do {
        if (recv(socket.get(), &answer, sizeof(answer), 0) != sizeof(answer)) return std::nullopt;
    } while (answer.session != question.session || answer.task != question.task);
    return answer;
}

constexpr char no_answer[] = "the peer does not answer";

}  // namespace

void await_peer(const Options& options) {
    if (options.peer.port == 0) return;
    constexpr std::uint64_t limit_ns = 20'000'000'000;
    constexpr long patience_us = 10'000;
    const std::uint64_t deadline = now_ns() + limit_ns;
    const std::string peer = "the peer at " + options.peer.address + ":" + std::to_string(options.peer.port);
    std::string error;
    while (now_ns() < deadline) {
        const auto socket = connect_to(options.peer, SOCK_DGRAM);
        if (socket) {
            limit_waiting(*socket, patience_us);
            const Datagram question{.task = Task::question, .reserved = {}, .session = new_session(), .number = 0};
            if (ask(*socket, question)) {
                reached = true;
                answered = system::since_start();
                return;
            }
        }
        error = socket ? peer + " does not answer" : socket.error();
        // The interface may have no address yet.
        usleep(1000);
    }
    answered = Error(error);
}

std::expected<std::uint64_t, std::string> first_answer() { return answered; }

Outcome tcp_round_trip(const Options& options) {
    const auto socket = begin_task(options, Task::echo);
    if (!socket) return LeaveOut(socket.error());
    return take_samples(options, {.samples = 5000, .warm_up = 100}, [&]() -> std::expected<double, std::string> {
        const std::uint64_t begin = now_ns();
        char byte = 'x';
        if (!send_all(socket->get(), &byte, 1) || !receive_all(socket->get(), &byte, 1)) return Error(no_answer);
        return static_cast<double>(now_ns() - begin) / 1000;
    });
}

Outcome udp_round_trip(const Options& options) {
    const auto socket = begin_task(options, Task::question);
    if (!socket) return LeaveOut(socket.error());
    return take_samples(options, {.samples = 5000, .warm_up = 100}, [&]() -> std::expected<double, std::string> {
        const std::uint64_t begin = now_ns();
        if (!ask(*socket, {.task = Task::echo, .reserved = {}, .session = new_session(), .number = 0}))
            return Error("a datagram to the peer, or its answer, was lost");
        return static_cast<double>(now_ns() - begin) / 1000;
    });
}

namespace {

/// Time of one sample of a stream, and of a flood of packets.
std::uint64_t window_ns(const Options& options) { return options.quick ? 30'000'000 : 100'000'000; }
constexpr Plan window_plan{.samples = 10, .warm_up = 1, .budget_ns = 300'000'000};

}  // namespace

Outcome stream_out(const Options& options) {
    const std::vector<char> buffer(65536, 'x');
    return take_samples(options, window_plan, [&]() -> std::expected<double, std::string> {
        const auto socket = begin_task(options, Task::sink);
        if (!socket) return Error(socket.error());
        const std::uint64_t begin = now_ns();
        while (now_ns() - begin < window_ns(options))
            if (!send_all(socket->get(), buffer.data(), buffer.size())) return Error("the peer closed the stream");
        shutdown(socket->get(), SHUT_WR);
        // Only what has arrived counts, and the time until then.
        std::uint64_t total = 0;
        if (!receive_all(socket->get(), &total, sizeof(total))) return Error("the peer did not confirm the stream");
        return megabytes_per_second(static_cast<double>(total), static_cast<double>(now_ns() - begin));
    });
}

Outcome stream_in(const Options& options) {
    const auto socket = begin_task(options, Task::source);
    if (!socket) return LeaveOut(socket.error());
    std::vector<char> buffer(262144);
    return take_samples(options, window_plan, [&]() -> std::expected<double, std::string> {
        const std::uint64_t begin = now_ns();
        std::uint64_t now = begin, total = 0;
        for (; now - begin < window_ns(options); now = now_ns()) {
            const ssize_t size = recv(socket->get(), buffer.data(), buffer.size(), 0);
            if (size <= 0) return Error("the peer's stream ended");
            total += static_cast<std::uint64_t>(size);
        }
        return megabytes_per_second(static_cast<double>(total), static_cast<double>(now - begin));
    });
}

Outcome packets_out(const Options& options) {
    const auto socket = begin_task(options, Task::count);
    if (!socket) return LeaveOut(socket.error());
    return take_samples(options, window_plan, [&]() -> std::expected<double, std::string> {
        Datagram datagram{.task = Task::count, .reserved = {}, .session = new_session(), .number = 0};
        const std::uint64_t begin = now_ns();
        while (now_ns() - begin < window_ns(options))
            // The card's ring is full: others may run until it has sent some.
            if (send(socket->get(), &datagram, sizeof(datagram), 0) < 0) sched_yield();
        // The question stands behind all of them; it is lost as they may be.
        datagram.task = Task::question;
        for (int tries = 0; tries != 3; ++tries)
            if (const auto answer = ask(*socket, datagram))
                return static_cast<double>(answer->number) * 1e9 / static_cast<double>(now_ns() - begin);
        return Error(no_answer);
    });
}

Outcome packets_in(const Options& options) {
    const auto socket = begin_task(options, Task::flood);
    if (!socket) return LeaveOut(socket.error());
    constexpr long quiet_us = 50'000;
    limit_waiting(*socket, quiet_us);
    return take_samples(options, window_plan, [&]() -> std::expected<double, std::string> {
        const Datagram request{
            .task = Task::flood, .reserved = {}, .session = new_session(), .number = window_ns(options) / 1'000'000};
        std::uint64_t first = 0, last = 0, count = 0;
        for (int tries = 0; tries != 3 && count < 2; ++tries) {
            send(socket->get(), &request, sizeof(request), 0);
            Datagram datagram{};
            while (recv(socket->get(), &datagram, sizeof(datagram), 0) == sizeof(datagram)) {
                if (datagram.session != request.session) continue;
                last = now_ns();
                if (count++ == 0) first = last;
            }
        }
        if (count < 2) return Error(no_answer);
        return static_cast<double>(count - 1) * 1e9 / static_cast<double>(last - first);
    });
}

Outcome connections(const Options& options) {
    constexpr int batch = 10;
    return take_samples(options, {.samples = 200, .warm_up = 2}, [&]() -> std::expected<double, std::string> {
        const std::uint64_t begin = now_ns();
        for (int i = 0; i != batch; ++i) {
            const auto socket = begin_task(options, Task::greet);
            if (!socket) return Error(socket.error());
            char byte;
            if (!receive_all(socket->get(), &byte, 1)) return Error(no_answer);
        }
        return batch * 1e9 / static_cast<double>(now_ns() - begin);
    });
}

}  // namespace pvbench
