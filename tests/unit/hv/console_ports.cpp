// SPDX-License-Identifier: Apache-2.0
// virtio-console with MULTIPORT: how a driver finds the agent's port, and the socket behind it.
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdlib>

#include "hv/devices/console.h"
#include "tests/unit/hv/device_fixture.h"
#include "tests/unit/hv/pipe.h"
#include "tests/unit/hv/temporary_directory.h"

using namespace hv;
using namespace hv::test;

namespace {

constexpr std::uint64_t features = 1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_CONSOLE_F_MULTIPORT;
enum Queue : unsigned { receive_queue = 0, control_in = 2, control_out = 3, agent_in = 4, agent_out = 5 };

struct Message {
    std::uint32_t id;
    std::uint16_t event, value;
    std::string name;
    friend bool operator==(const Message&, const Message&) = default;
};

struct Fixture : DeviceFixture {
    static constexpr std::uint16_t size = 16;
    std::array<FakeRing, 6> rings{ring(0, size), ring(1, size), ring(2, size),
                                  ring(3, size), ring(4, size), ring(5, size)};
    ::test::TemporaryDirectory directory;
    std::string path = directory.path() + "/agent.sock";
    ConsoleOutput output{-1, *loop};
    std::unique_ptr<PortSocket> socket = PortSocket::create(*loop, path).value();
    ConsoleDevice device;
    std::array<std::uint16_t, 6> next{};

    /// `input`: standard input; by default one that never says anything.
    explicit Fixture(std::uint64_t accepted = features, int input = -2)
        : device(*loop, output, input == -2 ? silence().out.get() : input, *socket) {
        std::array<tenon::abi::QueueSetup, 6> setups;
        std::ranges::transform(rings, setups.begin(), &FakeRing::setup);
        REQUIRE(device.activate(accepted, setups, guest, signals));
    }

    /// Both ends stay open.
    static const Pipe& silence() {
        static const Pipe pipe;
        return pipe;
    }

    std::uint64_t place(unsigned queue, std::uint16_t i) { return buffers + queue * 0x20000ULL + i * 0x1000ULL; }
    void offer(unsigned queue, std::uint32_t length, std::uint16_t flags) {
        const auto i = static_cast<std::uint16_t>(next[queue]++ % size);
        rings[queue].descriptor(i, place(queue, i), length, flags);
        rings[queue].offer(i);
        device.queue_notified(queue);
    }
    void give(unsigned queue, std::uint32_t length = 256) { offer(queue, length, VRING_DESC_F_WRITE); }
    void say(std::uint32_t id, std::uint16_t event, std::uint16_t value) {
        memory.write(place(control_out, next[control_out] % size), virtio_console_control{id, event, value});
        offer(control_out, sizeof(virtio_console_control), 0);
    }
    void write(std::string_view text) {
        memory.write_text(place(agent_out, next[agent_out] % size), text);
        offer(agent_out, static_cast<std::uint32_t>(text.size()), 0);
    }
    std::vector<Message> heard() {
        std::vector<Message> list;
        while (rings[control_in].has_used()) {
            const auto used = rings[control_in].take();
            const std::uint64_t at = place(control_in, static_cast<std::uint16_t>(used.id));
            const auto header = memory.read<virtio_console_control>(at);
            list.push_back({header.id, header.event, header.value, memory.text(at + 8, used.len - 8)});
        }
        return list;
    }
    std::string received() {
        std::string text;
        while (rings[agent_in].has_used()) {
            const auto used = rings[agent_in].take();
            text += memory.text(place(agent_in, static_cast<std::uint16_t>(used.id)), used.len);
        }
        return text;
    }
    /// The driver has opened the port and posted buffers.
    void open() {
        for (int i = 0; i < 8; ++i) give(control_in);
        for (int i = 0; i < 4; ++i) give(agent_in);
        say(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    }
    FileDescriptor connect() {
        FileDescriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        return client;
    }
    /// A client that the guest has heard of.
    FileDescriptor accepted() {
        FileDescriptor client = connect();
        REQUIRE(serve_until([this] { return heard() == std::vector<Message>{{1, VIRTIO_CONSOLE_PORT_OPEN, 1, ""}}; }));
        return client;
    }
};

void send_text(const FileDescriptor& client, std::string_view text) {
    REQUIRE(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
}
std::string read_text(const FileDescriptor& client) {
    char buffer[4096];
    const ssize_t size = recv(client.get(), buffer, sizeof buffer, 0);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
}

using Messages = std::vector<Message>;

}  // namespace

TEST_CASE("console ports: a driver is told of both, and of the second one's name") {
    Fixture f;
    for (int i = 0; i < 8; ++i) f.give(control_in);
    f.say(~0U, VIRTIO_CONSOLE_DEVICE_READY, 1);
    CHECK(f.heard() == Messages{{0, VIRTIO_CONSOLE_PORT_ADD, 1, ""}, {1, VIRTIO_CONSOLE_PORT_ADD, 1, ""}});
    f.say(0, VIRTIO_CONSOLE_PORT_READY, 1);
    f.say(1, VIRTIO_CONSOLE_PORT_READY, 1);
    CHECK(f.heard() == Messages{{0, VIRTIO_CONSOLE_CONSOLE_PORT, 1, ""},
                                {0, VIRTIO_CONSOLE_PORT_OPEN, 1, ""},
                                {1, VIRTIO_CONSOLE_PORT_NAME, 1, "org.qemu.guest_agent.0"}});
    CHECK(access(f.path.c_str(), F_OK) != 0);
    f.say(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    CHECK(access(f.path.c_str(), F_OK) == 0);
    CHECK(f.signals.resets == 0);
}

TEST_CASE("console ports: the end of hv's input closes port 0 when the driver is ready for it") {
    Pipe input;
    Fixture f(features, input.out.get());
    for (int i = 0; i < 8; ++i) f.give(control_in);
    f.say(~0U, VIRTIO_CONSOLE_DEVICE_READY, 1);
    REQUIRE(write(input.in.get(), "last", 4) == 4);
    input.in = FileDescriptor();
    const Message closed{0, VIRTIO_CONSOLE_PORT_OPEN, 0, ""}, console{0, VIRTIO_CONSOLE_CONSOLE_PORT, 1, ""};
    (void)f.heard();
    SECTION("before it was") {
        f.give(receive_queue);
        f.give(receive_queue);
        f.serve();
        CHECK(f.heard().empty());
        f.say(0, VIRTIO_CONSOLE_PORT_READY, 1);
        CHECK(f.heard() == Messages{console, closed});
    }
    SECTION("afterwards, once") {
        f.say(0, VIRTIO_CONSOLE_PORT_READY, 1);
        CHECK(f.heard() == Messages{console, {0, VIRTIO_CONSOLE_PORT_OPEN, 1, ""}});
        f.give(receive_queue);
        f.serve();
        CHECK(f.heard().empty());  // earlier messages are still unread
        for (int i = 0; i < 3; ++i) f.give(receive_queue);
        f.serve();
        CHECK(f.heard() == Messages{closed});
    }
    CHECK(f.memory.text(f.place(receive_queue, 0), 4) == "last");
    CHECK(f.rings[receive_queue].take().len == 4);
    CHECK_FALSE(f.rings[receive_queue].has_used());
    CHECK(f.signals.resets == 0);
}

TEST_CASE("console ports: the end of a terminal's input is told once each time, and its next line is read") {
    const FileDescriptor keyboard(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(keyboard);
    REQUIRE(grantpt(keyboard.get()) == 0);
    REQUIRE(unlockpt(keyboard.get()) == 0);
    const FileDescriptor terminal(open(ptsname(keyboard.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(terminal);
    Fixture f(features, terminal.get());
    const Messages ended{{0, VIRTIO_CONSOLE_PORT_OPEN, 0, ""}, {0, VIRTIO_CONSOLE_PORT_OPEN, 1, ""}};
    f.say(~0U, VIRTIO_CONSOLE_DEVICE_READY, 1);
    f.say(0, VIRTIO_CONSOLE_PORT_READY, 1);
    for (int i = 0; i < 4; ++i) f.give(control_in);
    (void)f.heard();
    for (int i = 0; i < 4; ++i) f.give(receive_queue);
    // A driver that takes no messages collects one end, whatever is typed.
    const auto type = [&](std::string_view text) {
        REQUIRE(write(keyboard.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        f.serve(5'000'000);
    };
    type("\4");
    CHECK(f.heard().empty());
    type("\4");
    type("\4");
    for (int i = 0; i < 8; ++i) f.give(control_in);
    CHECK(f.heard() == ended);
    type("line\n");
    CHECK(f.rings[receive_queue].take().len == 5);
    type("\4");
    CHECK(f.heard() == ended);
    CHECK(f.signals.resets == 0);
}

TEST_CASE("console ports: bytes in both directions, and the client's coming and going") {
    Fixture f;
    f.open();
    FileDescriptor client = f.accepted();
    send_text(client, "request");
    CHECK(f.serve_until([&] { return f.received() == "request"; }));
    f.write("answer");
    CHECK(read_text(client) == "answer");
    client = FileDescriptor();
    CHECK(f.serve_until([&] { return f.heard() == Messages{{1, VIRTIO_CONSOLE_PORT_OPEN, 0, ""}}; }));
    // Text without a client is dropped, and the guest gets its buffers back.
    f.write("to nobody");
    CHECK(f.rings[agent_out].used_index() == 2);
    const FileDescriptor next = f.accepted();
    f.write("to the next one");
    CHECK(read_text(next) == "to the next one");
}

TEST_CASE("console ports: a second client waits for the first one's end") {
    Fixture f;
    f.open();
    FileDescriptor first = f.accepted();
    const FileDescriptor second = f.connect();
    send_text(second, "later");
    f.serve();
    CHECK(f.received().empty());
    first = FileDescriptor();
    CHECK(f.serve_until([&] { return f.received() == "later"; }));
}

TEST_CASE("console ports: a client that has shut its own direction still gets its answer") {
    Fixture f;
    f.open();
    const FileDescriptor client = f.accepted();
    send_text(client, "last words");
    shutdown(client.get(), SHUT_WR);
    CHECK(f.serve_until([&] { return f.received() == "last words"; }));
    f.serve();
    f.write("answer");
    CHECK(read_text(client) == "answer");
}

TEST_CASE("console ports: the guest hears of a client before it hears the client") {
    Fixture f;
    for (int i = 0; i < 4; ++i) f.give(agent_in);
    f.say(1, VIRTIO_CONSOLE_PORT_OPEN, 1);
    const FileDescriptor client = f.connect();
    send_text(client, "impatient");
    f.serve();
    CHECK(f.received().empty());
    f.give(control_in);
    CHECK(f.serve_until([&] { return f.received() == "impatient"; }));
    CHECK(f.heard().size() == 1);
}

TEST_CASE("console ports: a client that does not listen stops the guest's port, not the guest, and nothing is lost") {
    Fixture f;
    f.open();
    const FileDescriptor client = f.accepted();
    const std::string page(4096, 'x');
    std::size_t written = 0;
    // Until the ring is full, because no client reads.
    while (static_cast<std::uint16_t>(f.next[agent_out] - f.rings[agent_out].used_index()) < Fixture::size) {
        f.write(page);
        written += page.size();
        REQUIRE(written < 64U << 20);
    }
    f.serve();
    CHECK(f.rings[agent_out].used_index() < f.next[agent_out]);
    std::size_t read = 0;
    CHECK(f.serve_until([&] {
        for (std::string text; !(text = read_text(client)).empty();) read += text.size();
        return read == written;
    }));
}

TEST_CASE("console ports: a guest that asks without listening waits for its own buffers, and costs nothing more") {
    Fixture f;
    for (int round = 0; round < 1000; ++round) {
        if (static_cast<std::uint16_t>(f.next[control_out] - f.rings[control_out].used_index()) == Fixture::size) break;
        f.say(~0U, VIRTIO_CONSOLE_DEVICE_READY, 1);
    }
    f.serve();
    CHECK(f.rings[control_out].used_index() <= 16);
    // With buffers it goes on where it stopped.
    CHECK(f.serve_until([&] {
        if (!f.heard().empty() || f.rings[control_in].used_index() == f.next[control_in]) f.give(control_in);
        return f.rings[control_out].used_index() == f.next[control_out];
    }));
    CHECK(f.signals.resets == 0);
}

TEST_CASE("console ports: nonsense on the control queue is passed over") {
    Fixture f;
    for (int i = 0; i < 8; ++i) f.give(control_in);
    f.say(7, VIRTIO_CONSOLE_PORT_READY, 1);
    f.say(7, VIRTIO_CONSOLE_PORT_OPEN, 1);
    f.say(1, 4711, 1);
    f.say(~0U, VIRTIO_CONSOLE_DEVICE_READY, 0);
    f.offer(control_out, 3, 0);                   // shorter than a message
    f.offer(control_out, 8, VRING_DESC_F_WRITE);  // nothing to read in it
    CHECK(f.heard().empty());
    CHECK(f.rings[control_out].used_index() == 6);
    CHECK(access(f.path.c_str(), F_OK) != 0);
    CHECK(f.signals.resets == 0);
}

TEST_CASE("console ports: without MULTIPORT there is port 0 alone") {
    Fixture f(1ULL << VIRTIO_F_VERSION_1);
    f.open();
    CHECK(f.heard().empty());
    CHECK(f.rings[control_out].used_index() == 0);
    CHECK(access(f.path.c_str(), F_OK) != 0);
}

TEST_CASE("console ports: after a reset the port is closed, and a client stays for the next driver") {
    Fixture f;
    f.open();
    const FileDescriptor client = f.accepted();
    f.device.reset();
    send_text(client, "kept");
    f.serve();
    std::array<tenon::abi::QueueSetup, 6> setups;
    for (FakeRing& ring : f.rings) {
        ring.next = ring.seen = 0;
        ring.show(0);
        f.memory.write<std::uint16_t>(ring.used() + 2, 0);
    }
    f.next = {};
    std::ranges::transform(f.rings, setups.begin(), &FakeRing::setup);
    REQUIRE(f.device.activate(features, setups, f.guest, f.signals));
    f.open();
    CHECK(f.serve_until([&] { return f.received() == "kept"; }));
}
