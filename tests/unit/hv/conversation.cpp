// SPDX-License-Identifier: Apache-2.0
// Requests to many control sockets: every server gets its answer read, whatever the others do.
#include "hv/api/conversation.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <list>
#include <thread>

#include "hv/api/http_client.h"
#include "hv/core/file_descriptor.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

#include "tests/unit/hv/temporary_directory.h"

using namespace hv;

namespace {

constexpr int limit_ms = 500;

/// A control socket that answers each connection with `text`, or not at all. It answers only when `first` is over, and
/// counts each answer down from `sent_all`.
class FakeMachine {
public:
    FakeMachine(const std::string& path, std::string text, std::latch* first = nullptr, std::latch* sent_all = nullptr)
        : listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(listener_.get(), 4) == 0);
        if (text.empty()) return;
        server_ = std::thread([this, text = std::move(text), first, sent_all] {
            for (;;) {
                const FileDescriptor client(accept(listener_.get(), nullptr, nullptr));
                if (!client) return;
                char request[1024];
                if (recv(client.get(), request, sizeof request, 0) <= 0) continue;
                while (first != nullptr && !first->try_wait() && !ending_) std::this_thread::yield();
                for (std::size_t sent = 0; sent < text.size();) {
                    const ssize_t size = send(client.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
                    if (size <= 0) break;
                    sent += static_cast<std::size_t>(size);
                }
                if (sent_all != nullptr) sent_all->count_down();
            }
        });
    }
    ~FakeMachine() {
        ending_ = true;
        shutdown(listener_.get(), SHUT_RDWR);
        if (server_.joinable()) server_.join();
    }
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;

private:
    FileDescriptor listener_;
    std::atomic<bool> ending_ = false;
    std::thread server_;
};

std::string http(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Scratch : test::TemporaryDirectory {
    [[nodiscard]] std::string file(const std::string& name) const { return path() + "/" + name; }
};

}  // namespace

TEST_CASE("conversation: servers that hang cost the time limit once, and nobody else the answer") {
    const Scratch scratch;
    const std::string body = R"({"configured_bytes": 1})";
    const FakeMachine good(scratch.file("good"), http(body));
    const FakeMachine silent(scratch.file("silent"), "");
    const FakeMachine silent_too(scratch.file("silent-too"), "");
    std::vector<Question> questions;
    for (const char* name : {"silent", "good", "silent-too"})
        questions.push_back({scratch.file(name), "GET", "/memory", ""});
    const auto start = std::chrono::steady_clock::now();
    const auto answers = ask(questions, limit_ms);
    // Not the sum of two silences; a slow test machine adds to both sides.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(2 * limit_ms - 50));
    CHECK(answers[0].error_kind == ErrorKind::killed);
    CHECK(answers[1].ok());
    CHECK(answers[1].body == body);
    CHECK(answers[1].peer == getpid());
    CHECK(answers[2].error_kind == ErrorKind::killed);
    CHECK(ask({}, limit_ms).empty());
}

TEST_CASE(
    "conversation: answers larger than a socket's buffer are read before the server that was asked first answers") {
    const Scratch scratch;
    const std::string body(1 << 20, 'x');
    constexpr int others = 9;
    std::latch sent(others);
    std::list<FakeMachine> machines;
    std::vector<std::string> sockets{scratch.file("last")};
    machines.emplace_back(sockets.back(), http("{}"), &sent, nullptr);
    for (int i = 0; i < others; ++i) {
        sockets.push_back(scratch.file(std::to_string(i)));
        machines.emplace_back(sockets.back(), http(body), nullptr, &sent);
    }
    // Far more than it takes: who reads one answer after the other waits for all of it.
    const auto bodies = http_get_all(sockets, "/stats", 60'000);
    REQUIRE(bodies[0]);
    CHECK(*bodies[0] == "{}");
    for (std::size_t i = 1; i < bodies.size(); ++i) {
        REQUIRE(bodies[i]);
        CHECK(*bodies[i] == body);
    }
}

TEST_CASE("conversation: more servers than connections at a time are all asked") {
    const Scratch scratch;
    const FakeMachine good(scratch.file("good"), http("{}"));
    const std::vector<Question> questions(conversations_at_once * 2 + 1, {scratch.file("good"), "GET", "/", ""});
    // Its queue of connections is short: some find it full, and none is forgotten.
    std::size_t answered = 0, refused = 0;
    for (const Answer& answer : ask(questions, 10'000)) {
        answered += answer.ok();
        refused += answer.error_kind == ErrorKind::killed;
    }
    CHECK(answered > 0);
    CHECK(answered + refused == questions.size());
}

TEST_CASE("conversation: what is no answer is an error that says why") {
    const Scratch scratch;
    const FakeMachine garbage(scratch.file("garbage"), "not HTTP at all\r\n\r\n");
    const FakeMachine cut(scratch.file("cut"), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    const FakeMachine endless(scratch.file("endless"), http(std::string(64 << 10, 'x')));
    const FakeMachine refusing(scratch.file("refusing"), "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
    std::vector<Question> questions;
    for (const char* name : {"garbage", "cut", "endless", "refusing", "nowhere"})
        questions.push_back({scratch.file(name), "GET", "/memory", ""});
    questions.push_back({std::string(200, 'x'), "GET", "/memory", ""});
    const auto answers = ask(questions, 10'000, 16 << 10);
    for (const Answer& answer : answers) CHECK_FALSE(answer.ok());
    CHECK(answers[0].error == "the answer is not HTTP, or not complete");
    CHECK(answers[1].error == "the answer is not HTTP, or not complete");
    CHECK(answers[1].body.empty());
    CHECK(answers[2].error == "the answer is too long");
    CHECK(answers[2].body.empty());
    CHECK(answers[3].status == 400);
    CHECK(answers[4].absent());
    CHECK(answers[5].absent());
    const auto refused = http_get(scratch.file("refusing"), "/memory");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::usage);
}
