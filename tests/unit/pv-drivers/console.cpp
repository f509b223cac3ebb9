// SPDX-License-Identifier: Apache-2.0
// The console's driver and its ports against obedient devices and hostile ones.
#include "console_fixture.h"

using namespace tenon;
using namespace tenon::test;
using namespace tenon::virtio;

namespace {

struct Fixture {
    FakeConsole device;
    std::unique_ptr<Console> console;

    explicit Fixture(std::uint64_t features = feature_bit(VIRTIO_CONSOLE_F_MULTIPORT)) : device(features) {
        console_kernel() = {};
        console_kernel().port_names = {"agent"};
    }
    Fixture& up() {
        REQUIRE(Console::probe(device.transport));
        console.reset(static_cast<Console*>(console_kernel().consoles.back()));
        return *this;
    }
    ConsolePort& port() {
        ConsolePort* opened = console->open(0);
        REQUIRE(opened != nullptr);
        return *opened;
    }
    /// Reads the text that is there: the time limit has passed already.
    ConsolePort::Received receive(ConsolePort& port, std::span<char> buffer) {
        while_blocked() = nullptr;
        return port.receive(buffer, 1);
    }
    /// A port that the host has at its other end.
    ConsolePort& connected() {
        ConsolePort& port = this->port();
        char byte;
        (void)receive(port, {&byte, 1});
        device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent");
        device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        CHECK(receive(port, {&byte, 1}).reconnected);
        return port;
    }
};

}  // namespace

TEST_CASE("console: text goes to port 0 once the device has named it, and to the slow console not at all") {
    Fixture f;
    f.up().console->write("Hello");
    CHECK(f.device.text == "Hello");
    CHECK(console_kernel().early.empty());
    CHECK(f.device.heard_about(0, VIRTIO_CONSOLE_PORT_READY) == std::vector<unsigned>{1});
}

TEST_CASE("console: a device without ports has port 0, and is not asked") {
    Fixture f(0);
    f.up().console->write("Hello");
    CHECK(f.device.text == "Hello");
    CHECK(console_kernel().early.empty());
    CHECK(console_kernel().providers.empty());
}

TEST_CASE("console: a device that has no port 0 loses no text") {
    Fixture f;
    f.device.has_port0 = false;
    while_blocked() = nullptr;
    f.up().console->write("Hello");
    f.console->write(" World");
    CHECK(console_kernel().early == "Hello World");
    CHECK(f.device.text.empty());
    char byte;
    CHECK(f.console->read({&byte, 1}) == 0);
    // It comes later, and goes.
    f.device.control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
    f.console->write("there");
    CHECK(f.device.text == "there");
    f.device.control(0, VIRTIO_CONSOLE_PORT_REMOVE, 1);
    f.console->write(", gone");
    CHECK(console_kernel().early == "Hello World, gone");
}

TEST_CASE("console: port 0 that is named late is waited for") {
    Fixture f;
    f.device.has_port0 = f.device.has_port1 = false;
    while_blocked() = [&] {
        f.device.control(0, VIRTIO_CONSOLE_PORT_ADD, 1);
        f.device.interrupt();
    };
    f.up().console->write("Hello");
    CHECK(f.device.text == "Hello");
    CHECK(console_kernel().early.empty());
}

TEST_CASE("console: the end of the input is read after what was typed before it, and stays") {
    Fixture f;
    SECTION("an image without ports of its own") { console_kernel().port_names.clear(); }
    SECTION("one with") {}
    f.up().console->write("?");
    f.device.give(0, "last");
    f.device.control(0, VIRTIO_CONSOLE_PORT_OPEN, 0);
    char buffer[8];
    CHECK(f.console->readable());
    CHECK(f.console->read(buffer) == 4);
    for (int i = 0; i < 3; ++i) {
        CHECK(f.console->readable());
        CHECK(f.console->read(buffer) == 0);
    }
    // A second client opens it.
    f.device.control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
    f.device.give(0, "on");
    CHECK(f.console->read(buffer) == 2);
    CHECK_FALSE(f.console->readable());
    while_blocked() = nullptr;
    CHECK_THROWS_AS(f.console->read(buffer), BlockedForEver);
}

TEST_CASE("console: a terminal's input ends once, and goes on") {
    Fixture f;
    f.up().console->write("?");
    char buffer[8];
    while_blocked() = [&] {
        f.device.control(0, VIRTIO_CONSOLE_PORT_OPEN, 0);
        f.device.control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
        f.device.interrupt();
    };
    CHECK(f.console->read(buffer) == 0);
    CHECK_FALSE(f.console->readable());
    while_blocked() = [&] {
        f.device.give(0, "next");
        f.device.interrupt();
    };
    CHECK(f.console->read(buffer) == 4);
}

TEST_CASE("console: a device without ports has no end of input, and ports of others do not end it") {
    Fixture f;
    f.up().console->write("?");
    f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 0);
    f.device.control(7, VIRTIO_CONSOLE_PORT_OPEN, 0);
    f.device.control(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
    CHECK_FALSE(f.console->readable());
    while_blocked() = nullptr;
    char buffer[8];
    CHECK_THROWS_AS(f.console->read(buffer), BlockedForEver);
}

TEST_CASE("console port: found by its name, open while the host is, and a stream both ways") {
    Fixture f;
    ConsolePort& port = f.up().connected();
    CHECK(f.device.heard_about(1, VIRTIO_CONSOLE_PORT_READY) == std::vector<unsigned>{1});
    CHECK(f.device.heard_about(1, VIRTIO_CONSOLE_PORT_OPEN) == std::vector<unsigned>{1});
    f.device.give(4, "request");
    char buffer[4];
    CHECK(f.receive(port, buffer).size == 4);
    CHECK(std::string_view(buffer, 4) == "requ");
    CHECK(f.receive(port, buffer).size == 3);
    CHECK(port.send("answer", 1));
    const auto chain = f.device.ring(5).take();
    CHECK(chain.pieces.front().size == 6);
    SECTION("the host closes it") { f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 0); }
    SECTION("it is removed") { f.device.control(1, VIRTIO_CONSOLE_PORT_REMOVE, 1); }
    CHECK(f.receive(port, buffer).reconnected);
    CHECK_FALSE(port.send("nobody hears", 1));
}

TEST_CASE("console port: numbers and names that cannot be are passed over") {
    Fixture f;
    ConsolePort& port = f.up().port();
    char buffer[8];
    (void)f.receive(port, buffer);
    f.device.heard.clear();
    f.device.control(2, VIRTIO_CONSOLE_PORT_ADD, 1);
    f.device.control(0xFFFF'FFFF, VIRTIO_CONSOLE_PORT_ADD, 1);
    for (const std::uint32_t id : {0u, 2u, 0x7FFF'FFFFu, 0xFFFF'FFFFu}) {
        f.device.control(id, VIRTIO_CONSOLE_PORT_NAME, 1, "agent");
        f.device.control(id, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
    f.device.control(1, 0xFFFF, 1);
    CHECK_FALSE(f.receive(port, buffer).reconnected);
    CHECK(f.device.heard_about(2, VIRTIO_CONSOLE_PORT_READY) == std::vector<unsigned>{0});
    CHECK(f.device.heard_about(0xFFFF'FFFF, VIRTIO_CONSOLE_PORT_READY) == std::vector<unsigned>{0});
    for (const auto& message : f.device.heard) CHECK(message.event != VIRTIO_CONSOLE_PORT_OPEN);
    CHECK_FALSE(port.send("nobody hears", 1));
    // Names that are almost the right one.
    for (const std::string_view name : {"", "agen", "agents", "AGENT"})
        f.device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, name);
    f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    CHECK_FALSE(f.receive(port, buffer).reconnected);
    // The right name, with the final zero that some devices send, twice.
    for (int i = 0; i < 2; ++i) f.device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, std::string_view("agent\0", 6));
    f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    CHECK(f.receive(port, buffer).reconnected);
    CHECK(f.device.heard_about(1, VIRTIO_CONSOLE_PORT_OPEN) == std::vector<unsigned>{1});
}

TEST_CASE("console port: messages of wrong lengths are passed over, or end the device's life") {
    Fixture f;
    ConsolePort& port = f.up().port();
    char buffer[8];
    (void)f.receive(port, buffer);
    const std::size_t resets = f.device.model.statuses.size();
    SECTION("too short for a message") {
        // The whole name is in the buffer, but the device reports fewer bytes.
        f.device.give(2, FakeConsole::message(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent"), 7);
        f.device.give(2, FakeConsole::message(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent"), 0);
        f.device.give(2, FakeConsole::message(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent"), 12);  // "agen"
        CHECK_FALSE(f.receive(port, buffer).reconnected);
        CHECK(f.device.heard_about(1, VIRTIO_CONSOLE_PORT_OPEN).empty());
        f.device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent");
        f.device.give(2, FakeConsole::message(1, VIRTIO_CONSOLE_PORT_OPEN, 1), 7);
        CHECK_FALSE(f.receive(port, buffer).reconnected);
        f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        CHECK(f.receive(port, buffer).reconnected);
        CHECK(f.device.model.statuses.size() == resets);
    }
    SECTION("longer than its buffer") {
        f.device.give(2, "12345678", 129);
        f.device.rings.clear();
        (void)f.receive(port, buffer);
        CHECK(f.device.model.statuses.size() > resets);  // reset, and started anew
        CHECK(f.console->open(0) == &port);
    }
    SECTION("input longer than its buffer") {
        f.device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent");
        f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        CHECK(f.receive(port, buffer).reconnected);
        f.device.give(4, "x", 0xFFFF'FFFF);
        f.device.rings.clear();
        CHECK(f.receive(port, buffer).size == 0);
        CHECK(f.device.model.statuses.size() > resets);
    }
}

TEST_CASE("console: a device beyond repair loses no text, and its ports are silent") {
    Fixture f;
    SECTION("it refuses its features") { f.device.model.confirms_features = false; }
    SECTION("it cannot be reset") {
        f.device.model.resets = false, f.device.model.status = VIRTIO_CONFIG_S_ACKNOWLEDGE;
    }
    f.up().console->write("Hello");
    CHECK(console_kernel().early == "Hello");
    char byte;
    CHECK(f.console->read({&byte, 1}) == 0);
    CHECK_FALSE(f.console->readable());
    f.console->drain();
    const auto received = f.receive(f.port(), {&byte, 1});
    CHECK((received.size == 0 && !received.reconnected));
    CHECK_FALSE(f.port().send("nobody hears", 1));
}

TEST_CASE("console port: what the device says of it before anybody has opened it is not lost") {
    Fixture f;
    f.up().console->write("Hello");
    f.device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent");
    f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    f.console->write(" World");  // takes what was said
    char buffer[8];
    CHECK(f.receive(f.port(), buffer).reconnected);
    CHECK(f.port().send("answer", 1));
}

TEST_CASE("console port: one that was removed and comes back is opened anew") {
    Fixture f;
    ConsolePort& port = f.up().connected();
    char buffer[8];
    f.device.control(1, VIRTIO_CONSOLE_PORT_REMOVE, 1);
    CHECK(f.receive(port, buffer).reconnected);
    f.device.control(1, VIRTIO_CONSOLE_PORT_ADD, 1);
    SECTION("with another name it is another one") {
        f.device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, "other");
        f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        f.device.give(4, "for another");
        CHECK_FALSE(f.receive(port, buffer).reconnected);
        CHECK(f.receive(port, buffer).size == 0);
        CHECK(f.device.heard_about(1, VIRTIO_CONSOLE_PORT_OPEN).size() == 1);
    }
    SECTION("with its name") {
        f.device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent");
        f.device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
        CHECK(f.receive(port, buffer).reconnected);
        CHECK(f.device.heard_about(1, VIRTIO_CONSOLE_PORT_OPEN).size() == 2);
        f.device.give(4, "again");
        CHECK(f.receive(port, buffer).size == 5);
    }
}
