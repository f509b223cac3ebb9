// SPDX-License-Identifier: Apache-2.0
// Two console devices: whose port 0 is the console, and where a named port is found.
#include "console_fixture.h"

using namespace tenon;
using namespace tenon::test;
using namespace tenon::virtio;

namespace {

struct TwoConsoles {
    FakeConsole first, second;
    std::unique_ptr<Console> console, other;

    explicit TwoConsoles(std::uint64_t features = feature_bit(VIRTIO_CONSOLE_F_MULTIPORT)) : first(features) {
        console_kernel() = {};
        console_kernel().port_names = {"agent"};
        while_blocked() = nullptr;
        console = probed(first);
        other = probed(second);
    }
    static std::unique_ptr<Console> probed(FakeConsole& device) {
        REQUIRE(Console::probe(device.transport));
        return std::unique_ptr<Console>(static_cast<Console*>(console_kernel().consoles.back()));
    }
    ConsolePort& port() {
        REQUIRE_FALSE(console_kernel().providers.empty());
        ConsolePort* opened = console_kernel().providers.front()->open(0);
        REQUIRE(opened != nullptr);
        return *opened;
    }
    ConsolePort::Received receive(std::span<char> buffer) { return port().receive(buffer, 1); }
    static void offer(FakeConsole& device) {
        device.control(1, VIRTIO_CONSOLE_PORT_NAME, 1, "agent");
        device.control(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
};

}  // namespace

TEST_CASE("two consoles: the first has the text, and the second is not even brought up for it") {
    TwoConsoles f;
    f.console->write("Hello");
    f.other->write(" World");
    CHECK(f.first.text == "Hello World");
    CHECK(f.second.model.statuses.empty());
    f.console->drain();
    CHECK(f.console->open(SIZE_MAX) == nullptr);
}

TEST_CASE("two consoles: the first that has port 0 has the text, both ways") {
    TwoConsoles f;
    f.first.has_port0 = false;
    SECTION("the second") {}
    SECTION("the second, because the first is beyond repair") { f.first.model.confirms_features = false; }
    f.console->write("Hello");
    CHECK((f.first.text.empty() && f.second.text == "Hello"));
    CHECK(console_kernel().early.empty());
    f.second.give(0, "typed");
    CHECK(f.console->readable() == true);
    char buffer[8];
    CHECK(f.console->read(buffer) == 5);
}

TEST_CASE("two consoles: where neither has port 0, no text is lost") {
    TwoConsoles f;
    f.first.has_port0 = f.second.has_port0 = false;
    f.console->write("Hello");
    CHECK(console_kernel().early == "Hello");
    CHECK((f.first.text.empty() && f.second.text.empty()));
}

TEST_CASE("two consoles: a named port is found on either, and the first to give the name has it") {
    TwoConsoles f;
    char buffer[8];
    (void)f.receive(buffer);
    FakeConsole* with = &f.first;
    FakeConsole* without = &f.second;
    SECTION("on the first") {}
    SECTION("on the second") { std::swap(with, without); }
    f.offer(*with);
    CHECK(f.receive(buffer).reconnected);
    CHECK(with->heard_about(1, VIRTIO_CONSOLE_PORT_OPEN) == std::vector<unsigned>{1});
    // The other device's messages about the same name do not concern this port.
    f.offer(*without);
    without->control(1, VIRTIO_CONSOLE_PORT_REMOVE, 1);
    CHECK_FALSE(f.receive(buffer).reconnected);
    CHECK(without->heard_about(1, VIRTIO_CONSOLE_PORT_OPEN).empty());
    with->give(4, "request");
    CHECK(f.receive(buffer).size == 7);
    CHECK(f.port().send("answer", 1));
    CHECK(with->ring(5).take().pieces.front().size == 6);
}

TEST_CASE("two consoles: a port outlives the other device, and moves when its own one has broken") {
    TwoConsoles f;
    char buffer[8];
    (void)f.receive(buffer);
    f.offer(f.first);
    CHECK(f.receive(buffer).reconnected);
    SECTION("the other device lies, for ever") {
        f.second.model.confirms_features = false;
        f.second.give(2, "12345678", 129);
        CHECK(f.receive(buffer).size == 0);
        f.first.give(4, "request");
        CHECK(f.receive(buffer).size == 7);
    }
    SECTION("its own device lies, for ever") {
        f.first.model.confirms_features = false;
        f.first.give(4, "x", 0xFFFF'FFFF);
        CHECK(f.receive(buffer).reconnected);
        CHECK_FALSE(f.port().send("nobody hears", 1));
        f.offer(f.second);
        CHECK(f.receive(buffer).reconnected);
        CHECK(f.port().send("answer", 1));
        CHECK(f.second.ring(5).take().pieces.front().size == 6);
    }
}

TEST_CASE("two consoles: a first one without ports has the text, and a second one the named port") {
    TwoConsoles f(0);
    f.console->write("Hello");
    CHECK(f.first.text == "Hello");
    char buffer[8];
    (void)f.receive(buffer);
    f.offer(f.second);
    CHECK(f.receive(buffer).reconnected);
    CHECK(f.second.text.empty());
}
