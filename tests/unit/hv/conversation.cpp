// SPDX-License-Identifier: Apache-2.0
// Requests to many control sockets: every server gets its answer read, whatever the others do.
#include "hv/api/conversation.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
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

/// A control socket that answers each connection with `text`, or not at all.
class FakeMachine {
public:
    FakeMachine(const std::string& path, std::string text) : listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(listen(listener_.get(), 4) == 0);
        if (text.empty()) return;
        server_ = std::thread([this, text = std::move(text)] {
            for (;;) {
                const FileDescriptor client(accept(listener_.get(), nullptr, nullptr));
                if (!client) return;
                char request[1024];
                if (recv(client.get(), request, sizeof request, 0) <= 0) continue;
                for (std::size_t sent = 0; sent < text.size();) {
                    const ssize_t size = send(client.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
                    if (size <= 0) break;
                    sent += static_cast<std::size_t>(size);
                }
            }
        });
    }
    ~FakeMachine() {
        shutdown(listener_.get(), SHUT_RDWR);
        if (server_.joinable()) server_.join();
    }
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;

private:
    FileDescriptor listener_;
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

TEST_CASE("conversation: answers larger than a socket's buffer are complete beside a server that hangs") {
    const Scratch scratch;
    const std::string body(3 << 20, 'x');
    const FakeMachine silent(scratch.file("silent"), "");
    std::list<FakeMachine> machines;
    std::vector<std::string> sockets{scratch.file("silent")};
    for (int i = 0; i < 9; ++i) {
        sockets.push_back(scratch.file(std::to_string(i)));
        machines.emplace_back(sockets.back(), http(body));
    }
    const auto bodies = http_get_all(sockets, "/stats", 2000);
    REQUIRE_FALSE(bodies[0]);
    CHECK(bodies[0].error().kind == ErrorKind::killed);
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
