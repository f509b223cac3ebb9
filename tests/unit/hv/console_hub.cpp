// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/console_hub.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "hv/core/unix_socket.h"
#include "tests/unit/hv/temporary_directory.h"

namespace {

struct Fixture {
    test::TemporaryDirectory directory;
    std::unique_ptr<hv::EventLoop> loop = *hv::EventLoop::create();
    hv::ConsoleLog log = *hv::ConsoleLog::open(directory.path() + "/log");
    std::string path = directory.path() + "/console.sock";
    std::unique_ptr<hv::ConsoleHub> hub = *hv::ConsoleHub::create(*loop, log, path);

    /// Serves pending events: the stop is an event behind them.
    void serve() {
        for (int turn = 0; turn < 3; ++turn) {
            loop->after(500'000, [this] { loop->stop(); });
            loop->run();
        }
    }
    hv::FileDescriptor attach(char wish) {
        auto client = *hv::connect_to_unix_socket(path);
        CHECK(send(client.get(), &wish, 1, MSG_NOSIGNAL) == 1);
        serve();
        return client;
    }
    static std::string receive(const hv::FileDescriptor& client) {
        std::string text(1 << 20, '\0');
        const ssize_t size = recv(client.get(), text.data(), text.size(), MSG_DONTWAIT);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text;
    }
    static bool closed(const hv::FileDescriptor& client) {
        char byte;
        ssize_t size;
        while ((size = recv(client.get(), &byte, 1, MSG_DONTWAIT)) > 0) {
        }
        return size == 0 || errno == ECONNRESET;
    }
};

}  // namespace

TEST_CASE("a late reader gets what was said before, then what is said", "[console]") {
    Fixture test;
    test.hub->write("before\n");
    const auto reader = test.attach('r');
    CHECK(Fixture::receive(reader) == "rbefore\n");
    test.hub->write("now\n");
    CHECK(Fixture::receive(reader) == "now\n");
}

TEST_CASE("there is one writer; the next one reads until the first one leaves", "[console]") {
    Fixture test;
    int ends[2];
    REQUIRE(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
    const hv::FileDescriptor guest(ends[0]), input(ends[1]);
    test.hub->set_guest_input(input.get());
    {
        const auto writer = test.attach('w');
        const auto second = test.attach('w');
        CHECK(Fixture::receive(writer) == "w");
        CHECK(Fixture::receive(second) == "r");
        CHECK(send(writer.get(), "yes", 3, 0) == 3);
        CHECK(send(second.get(), "no", 2, 0) == 2);
        test.serve();
        char text[16] = {};
        CHECK(read(guest.get(), text, sizeof text) == 3);
        CHECK(std::string(text) == "yes");
    }
    test.serve();
    CHECK(Fixture::receive(test.attach('w')) == "w");
}

TEST_CASE("a guest that does not read makes its writer wait, and loses nothing", "[console]") {
    Fixture test;
    int ends[2];
    REQUIRE(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
    const hv::FileDescriptor guest(ends[0]), input(ends[1]);
    test.hub->set_guest_input(input.get());
    const auto writer = test.attach('w');
    std::size_t sent = 0;
    const std::string block(4096, 'x');
    for (int i = 0; i < 200; ++i) {
        const ssize_t size = send(writer.get(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size > 0) sent += static_cast<std::size_t>(size);
        test.serve();
    }
    CHECK(sent < 200 * block.size());
    std::size_t got = 0;
    for (int i = 0; i < 1000 && got < sent; ++i) {
        char text[8192];
        const ssize_t size = read(guest.get(), text, sizeof text);
        if (size > 0) got += static_cast<std::size_t>(size);
        test.serve();
    }
    CHECK(got == sent);
}

TEST_CASE("a reader that does not read is closed, and the others go on", "[console]") {
    Fixture test;
    const auto slow = test.attach('r');
    const auto quick = test.attach('r');
    const std::string block(64 * 1024, 'x');
    std::size_t got = Fixture::receive(quick).size();
    for (int i = 0; i < 20; ++i) {
        test.hub->write(block);
        test.serve();
        got += Fixture::receive(quick).size();
    }
    test.serve();
    got += Fixture::receive(quick).size();
    CHECK(got == 20 * block.size() + 1);
    CHECK(Fixture::closed(slow));
    CHECK_FALSE(Fixture::closed(quick));
}

TEST_CASE("who asks for something else, or is one too many, is closed", "[console]") {
    Fixture test;
    CHECK(Fixture::closed(test.attach('x')));
    std::vector<hv::FileDescriptor> clients;
    for (std::size_t i = 0; i < hv::ConsoleHub::client_limit; ++i) clients.push_back(test.attach('r'));
    CHECK(Fixture::closed(test.attach('r')));
    CHECK_FALSE(Fixture::closed(clients.front()));
}

TEST_CASE("a writer to a machine between two lives is heard by nobody", "[console]") {
    Fixture test;
    const auto writer = test.attach('w');
    CHECK(send(writer.get(), "lost", 4, 0) == 4);
    test.serve();
    CHECK_FALSE(Fixture::closed(writer));
}
