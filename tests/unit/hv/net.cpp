// SPDX-License-Identifier: Apache-2.0
// virtio-net over a socket, as with the user-mode network: both directions, both ways of being full, and bad drivers.
#include "hv/devices/net.h"

#include <sys/socket.h>

#include <optional>

#include "tests/unit/hv/device_fixture.h"

using namespace hv;
using namespace hv::test;

namespace {

constexpr std::uint64_t bit(unsigned feature) { return 1ULL << feature; }
constexpr std::uint64_t plain = bit(VIRTIO_F_VERSION_1);
constexpr std::uint64_t mergeable = plain | bit(VIRTIO_NET_F_MRG_RXBUF);
constexpr std::size_t header = sizeof(virtio_net_hdr_v1);
constexpr std::uint16_t size = 16;

struct Fixture : DeviceFixture {
    FakeRing rx = ring(0, size);
    FakeRing tx = ring(1, size);
    int wire = -1;
    std::optional<NetDevice> device;

    explicit Fixture(std::uint64_t features = mergeable, std::uint16_t mtu = 1500) {
        int pair[2];
        REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
        wire = pair[1];
        device.emplace(*loop,
                       NetBackend{NetBackend::Kind::helper, FileDescriptor(pair[0]), bit(VIRTIO_NET_F_CSUM), mtu},
                       std::array<std::uint8_t, 6>{2, 0, 0, 0, 0, 1});
        if (features != 0) activate(features);
    }
    ~Fixture() { lose_backend(); }
    void lose_backend() {
        if (wire >= 0) close(wire);
        wire = -1;
    }
    void activate(std::uint64_t features) {
        const tenon::abi::QueueSetup setups[] = {rx.setup(), tx.setup()};
        REQUIRE(device->activate(features, setups, guest, signals));
    }
    [[nodiscard]] static std::uint64_t rx_buffer(int i) { return buffers + static_cast<std::uint64_t>(i) * 0x1000; }
    [[nodiscard]] static std::uint64_t tx_buffer(int i) { return rx_buffer(i + 64); }
    void offer_rx(int i, std::uint32_t length) {
        rx.descriptor(static_cast<std::uint16_t>(i), rx_buffer(i), length, VRING_DESC_F_WRITE);
        rx.offer(static_cast<std::uint16_t>(i));
    }
    void offer_tx(int i, std::string_view payload) {
        memory.write(tx_buffer(i), virtio_net_hdr_v1{});
        memory.write_text(tx_buffer(i) + header, payload);
        tx.descriptor(static_cast<std::uint16_t>(i), tx_buffer(i), static_cast<std::uint32_t>(header + payload.size()));
        tx.offer(static_cast<std::uint16_t>(i));
    }
    [[nodiscard]] bool to_guest(std::string_view payload) {
        std::string frame(header, '\0');
        frame += payload;
        return send(wire, frame.data(), frame.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(frame.size());
    }
    /// The next frame's payload; nothing if there is none.
    std::optional<std::string> from_guest() {
        std::string frame(70'000, '\0');
        const ssize_t got = recv(wire, frame.data(), frame.size(), 0);
        if (got < static_cast<ssize_t>(header)) return std::nullopt;
        return frame.substr(header, static_cast<std::size_t>(got) - header);
    }
};

}  // namespace

TEST_CASE("net: what the device says of itself") {
    Fixture f(0, 9000);
    CHECK(f.device->device_id() == 1);
    CHECK((f.device->features() & bit(VIRTIO_NET_F_CSUM)) != 0);
    CHECK((f.device->features() & bit(VIRTIO_NET_F_HOST_TSO4)) == 0);
    CHECK((f.device->features() & bit(VIRTIO_NET_F_MAC)) != 0);
    const auto config = f.device->config();
    REQUIRE(config.size() == 12);
    CHECK(static_cast<int>(config[5]) == 1);
    CHECK(static_cast<int>(config[6]) == VIRTIO_NET_S_LINK_UP);
    CHECK((static_cast<int>(config[10]) | static_cast<int>(config[11]) << 8) == 9000);
}

TEST_CASE("net: a frame to the guest") {
    Fixture f;
    f.offer_rx(3, 2048);
    f.device->queue_notified(0);
    REQUIRE(f.to_guest("hello"));
    f.serve();
    REQUIRE(f.rx.has_used());
    const auto used = f.rx.take();
    CHECK(used.id == 3);
    CHECK(used.len == header + 5);
    CHECK(f.memory.text(Fixture::rx_buffer(3) + header, 5) == "hello");
    CHECK(f.memory.read<virtio_net_hdr_v1>(Fixture::rx_buffer(3)).num_buffers == 1);
    CHECK(f.signals.used == 1);
}

TEST_CASE("net: a frame over several mergeable buffers") {
    Fixture f;
    for (int i = 0; i < 8; ++i) f.offer_rx(i, 400);
    f.device->queue_notified(0);
    const std::string payload(1000, 'x');
    REQUIRE(f.to_guest(payload));
    f.serve();
    CHECK(f.memory.read<virtio_net_hdr_v1>(Fixture::rx_buffer(0)).num_buffers == 3);
    CHECK(f.rx.take().len == 400);
    CHECK(f.rx.take().len == 400);
    CHECK(f.rx.take().len == header + 1000 - 800);
    CHECK_FALSE(f.rx.has_used());
    CHECK(f.signals.used == 1);
}

TEST_CASE("net: without mergeable buffers a frame has one chain") {
    Fixture f(plain);
    for (int i = 0; i < 2; ++i) {
        const auto head = static_cast<std::uint16_t>(2 * i);
        f.rx.descriptor(head, Fixture::rx_buffer(i), header, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT,
                        static_cast<std::uint16_t>(head + 1));
        f.rx.descriptor(static_cast<std::uint16_t>(head + 1), Fixture::rx_buffer(i) + 64, 1514, VRING_DESC_F_WRITE);
        f.rx.offer(head);
    }
    f.device->queue_notified(0);
    REQUIRE(f.to_guest("one"));
    REQUIRE(f.to_guest("two"));
    f.serve();
    CHECK(f.rx.take().id == 0);
    CHECK(f.rx.take().id == 2);
    CHECK(f.memory.text(Fixture::rx_buffer(1) + 64, 3) == "two");
    CHECK(f.memory.read<virtio_net_hdr_v1>(Fixture::rx_buffer(1)).num_buffers == 1);
}

TEST_CASE("net: frames wait while the guest gives no buffers") {
    Fixture f;
    for (int i = 0; i < 100; ++i) REQUIRE(f.to_guest("frame " + std::to_string(i)));
    f.device->queue_notified(0);
    f.serve();
    CHECK_FALSE(f.rx.has_used());
    // One buffer at a time: each doorbell takes up again where it stopped. A buffer holds the largest frame.
    for (int i = 0; i < 100; ++i) {
        f.offer_rx(i % size, 2048);
        f.device->queue_notified(0);
        f.serve(300'000);
        REQUIRE(f.rx.has_used());
        const auto used = f.rx.take();
        const std::string expected = "frame " + std::to_string(i);
        REQUIRE(f.memory.text(Fixture::rx_buffer(static_cast<int>(used.id)) + header, expected.size()) == expected);
    }
    CHECK_FALSE(f.rx.has_used());
}

TEST_CASE("net: buffers that are too small for a header are given back") {
    Fixture f;
    f.offer_rx(0, header - 1);
    f.offer_rx(1, 2048);
    f.device->queue_notified(0);
    REQUIRE(f.to_guest("x"));
    f.serve();
    auto used = f.rx.take();
    CHECK(used.id == 0);
    CHECK(used.len == 0);
    used = f.rx.take();
    CHECK(used.id == 1);
    CHECK(used.len == header + 1);
}

TEST_CASE("net: frames from the guest") {
    Fixture f;
    f.offer_tx(1, "first");
    // A chain of three: header and payload in pieces.
    f.memory.write(Fixture::tx_buffer(5), virtio_net_hdr_v1{});
    f.memory.write_text(Fixture::tx_buffer(6), "second");
    f.tx.descriptor(5, Fixture::tx_buffer(5), 6, VRING_DESC_F_NEXT, 6);
    f.tx.descriptor(6, Fixture::tx_buffer(5) + 6, 6, VRING_DESC_F_NEXT, 7);
    f.tx.descriptor(7, Fixture::tx_buffer(6), 6);
    f.tx.offer(5);
    f.device->queue_notified(1);
    CHECK(f.from_guest() == "first");
    CHECK(f.from_guest() == "second");
    CHECK(f.tx.take().id == 1);
    CHECK(f.tx.take().id == 5);
    CHECK(f.signals.used == 1);
}

TEST_CASE("net: chains that hold no frame are given back") {
    Fixture f;
    f.tx.descriptor(0, Fixture::tx_buffer(0), header);
    f.tx.offer(0);
    f.tx.descriptor(1, Fixture::tx_buffer(1), 2000, VRING_DESC_F_WRITE);
    f.tx.offer(1);
    f.offer_tx(2, "fine");
    f.device->queue_notified(1);
    CHECK(f.from_guest() == "fine");
    CHECK(f.from_guest() == std::nullopt);
    CHECK(f.tx.used_index() == 3);
    CHECK(f.signals.resets == 0);
}

TEST_CASE("net: a backend that is full stops the guest, and starts it again") {
    Fixture f;
    const std::string payload(1400, 'p');
    int offered = 0;
    // The socket takes some hundreds; from then on chains stay in the ring.
    while (f.tx.next - f.tx.used_index() < size && offered < 5000) {
        f.offer_tx(offered++ % size, payload);
        f.device->queue_notified(1);
    }
    REQUIRE(offered < 5000);
    f.serve();
    CHECK(f.tx.used_index() < offered);
    int received = 0;
    for (int turn = 0; turn < 1000 && received < offered; ++turn) {
        while (f.from_guest()) ++received;
        f.serve(200'000);
    }
    CHECK(received == offered);
    CHECK(f.tx.used_index() == static_cast<std::uint16_t>(offered));
}

TEST_CASE("net: more than one turn's frames are sent without another doorbell") {
    Fixture f(0);
    f.tx.size = 256;
    f.activate(mergeable);
    for (int i = 0; i < 200; ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        f.memory.write_text(Fixture::tx_buffer(0) + header, "x");
        f.tx.descriptor(index, Fixture::tx_buffer(0), header + 1);
        f.tx.offer(index);
    }
    f.device->queue_notified(1);
    CHECK(f.tx.used_index() < 200);
    int received = 0;
    for (int turn = 0; turn < 100; ++turn) {
        f.serve(200'000);
        while (f.from_guest()) ++received;
    }
    CHECK(received == 200);
    CHECK(f.tx.used_index() == 200);
}

namespace {

/// A transmit ring with more chains than a turn takes.
void offer_many(Fixture& f, int count) {
    for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::uint16_t>(i);
        f.memory.write_text(Fixture::tx_buffer(0) + header, "x");
        f.tx.descriptor(index, Fixture::tx_buffer(0), header + 1);
        f.tx.offer(index);
    }
}

}  // namespace

TEST_CASE("net: without a backend all that is queued comes back, without another doorbell") {
    Fixture f(0);
    f.tx.size = 256;
    f.activate(mergeable);
    f.lose_backend();
    f.serve();
    REQUIRE(static_cast<int>(f.device->config()[6]) == 0);
    offer_many(f, 200);
    f.device->queue_notified(1);
    CHECK(f.serve_until([&f] { return f.tx.used_index() == 200; }));
    // Again, to see that no state was left behind.
    f.offer_tx(0, "again");
    f.device->queue_notified(1);
    CHECK(f.serve_until([&f] { return f.tx.used_index() == 201; }));
}

TEST_CASE("net: what is queued when the backend dies comes back") {
    Fixture f(0);
    f.tx.size = 256;
    f.activate(mergeable);
    offer_many(f, 200);
    f.device->queue_notified(1);
    REQUIRE(f.tx.used_index() < 200);
    f.lose_backend();
    CHECK(f.serve_until([&f] { return f.tx.used_index() == 200; }));
    CHECK(f.signals.configuration == 1);
}

TEST_CASE("net: a reset in the middle of a turn without a backend touches the ring no more") {
    Fixture f(0);
    f.tx.size = 256;
    f.activate(mergeable);
    f.lose_backend();
    f.serve();
    offer_many(f, 200);
    f.device->queue_notified(1);
    REQUIRE(f.tx.used_index() < 200);
    f.device->reset();
    f.memory = FakeMemory(4096);  // the sanitizer watches
    f.serve();
    CHECK(f.signals.resets == 0);
}

TEST_CASE("net: a pause in the middle of a turn holds nothing back for good") {
    for (const bool receiving : {true, false}) {
        Fixture f(0);
        f.tx.size = 256;
        tenon::abi::QueueSetup setups[] = {f.rx.setup(), f.tx.setup()};
        if (!receiving) setups[0].size = 0;
        REQUIRE(f.device->activate(mergeable, setups, f.guest, f.signals));
        offer_many(f, 200);
        f.device->queue_notified(1);
        f.device->pause();
        const auto at_pause = f.tx.used_index();
        REQUIRE(at_pause < 200);
        f.serve();
        CHECK(f.tx.used_index() == at_pause);
        f.device->resume();
        int received = 0;
        CHECK(f.serve_until([&] {
            while (f.from_guest()) ++received;
            return f.tx.used_index() == 200;
        }));
    }
}

TEST_CASE("net: both directions full at once") {
    Fixture f;
    const std::string payload(1400, 'p');
    int offered = 0;
    while (f.tx.next - f.tx.used_index() < size) {
        f.offer_tx(offered++ % size, payload);
        f.device->queue_notified(1);
    }
    int sent = 0;
    while (f.to_guest(payload)) ++sent;
    f.serve();
    // Now the guest receives, into buffers that it posts again at once.
    for (int i = 0; i < size; ++i) f.offer_rx(i, 2048);
    f.device->queue_notified(0);
    int received = 0, taken = 0;
    for (int turn = 0; turn < 2000 && (received < offered || taken < sent); ++turn) {
        if (f.from_guest()) ++received;
        f.serve(50'000);
        while (f.rx.has_used()) {
            f.offer_rx(static_cast<int>(f.rx.take().id), 2048);
            ++taken;
        }
        f.device->queue_notified(0);
    }
    CHECK(received == offered);
    CHECK(taken == sent);
}

TEST_CASE("net: a broken ring stops the device until its reset") {
    for (const bool receiving : {true, false}) {
        Fixture f;
        FakeRing& broken = receiving ? f.rx : f.tx;
        broken.descriptor(0, 0xDEAD'0000, 100, receiving ? VRING_DESC_F_WRITE : 0);
        broken.offer(0);
        REQUIRE(f.to_guest("x"));
        f.device->queue_notified(receiving ? 0 : 1);
        f.serve();
        CHECK(f.signals.resets == 1);
        CHECK_FALSE(broken.has_used());
        // The device does no work, and reports the error once.
        f.offer_tx(3, "late");
        f.device->queue_notified(1);
        f.device->queue_notified(0);
        f.serve();
        CHECK(f.signals.resets == 1);
        CHECK(f.from_guest() == std::nullopt);

        f.device->reset();
        Fixture fresh(0);
        f.memory = FakeMemory(4 << 20);
        f.guest = f.memory.guest();
        f.rx.next = f.rx.seen = f.tx.next = f.tx.seen = 0;
        f.activate(mergeable);
        f.offer_tx(0, "again");
        f.device->queue_notified(1);
        CHECK(f.from_guest() == "again");
    }
}

TEST_CASE("net: after a reset no ring and no buffer is touched") {
    Fixture f;
    for (int i = 0; i < 4; ++i) f.offer_rx(i, 2048);
    f.device->queue_notified(0);
    REQUIRE(f.to_guest("one"));
    f.serve();
    f.device->reset();
    f.memory = FakeMemory(4096);  // the sanitizer watches
    REQUIRE(f.to_guest("two"));
    f.device->queue_notified(0);
    f.device->queue_notified(1);
    f.serve();
    CHECK(f.signals.resets == 0);
}

TEST_CASE("net: the host's end is lost") {
    Fixture f;
    for (int i = 0; i < 4; ++i) f.offer_rx(i, 2048);
    f.device->queue_notified(0);
    REQUIRE(f.to_guest("last"));
    f.lose_backend();
    f.serve();
    CHECK(f.rx.take().len == header + 4);
    CHECK(f.signals.configuration == 1);
    CHECK(static_cast<int>(f.device->config()[6]) == 0);
    // Sent frames are dropped, and their buffers come back.
    f.offer_tx(0, "into the void");
    f.device->queue_notified(1);
    CHECK(f.tx.take().id == 0);
    f.device->reset();
    f.rx.next = f.rx.seen = f.tx.next = f.tx.seen = 0;
}

TEST_CASE("net: the host's end is lost while the guest is stalled") {
    Fixture f;
    REQUIRE(f.to_guest("nobody takes it"));
    f.device->queue_notified(0);
    f.serve();
    f.lose_backend();
    f.serve();
    CHECK(f.signals.configuration == 1);
}

TEST_CASE("net: a driver that leaves out a queue") {
    Fixture f(0);
    tenon::abi::QueueSetup setups[] = {f.rx.setup(), f.tx.setup()};
    setups[0].size = 0;
    REQUIRE(f.device->activate(mergeable, setups, f.guest, f.signals));
    REQUIRE(f.to_guest("nobody is there"));
    f.offer_tx(0, "out");
    f.device->queue_notified(0);
    f.device->queue_notified(1);
    f.serve();
    CHECK(f.from_guest() == "out");
    CHECK(f.signals.resets == 0);
}

TEST_CASE("net: rings that are not acceptable") {
    Fixture f(0);
    tenon::abi::QueueSetup setups[] = {f.rx.setup(), f.tx.setup()};
    setups[1].size = 512;
    CHECK_FALSE(f.device->activate(mergeable, setups, f.guest, f.signals));
    setups[1] = f.tx.setup();
    setups[0].descriptors = 0;
    CHECK_FALSE(f.device->activate(mergeable, setups, f.guest, f.signals));
    f.device->queue_notified(0);
    f.serve();
    CHECK(f.signals.resets == 0);
}

namespace {

/// A frame passes, and the next one would in hours.
const RateLimits next_to_nothing{
    .bandwidth = {}, .operations = TokenLimit{.size = 1, .refill_ms = 10'000'000}, .peak = 0};

/// The guest sends 200 frames, all but the first of which wait for its limit.
void send_beyond_limit(Fixture& f) {
    f.tx.size = 256;
    f.device->limit({.rx = {}, .tx = next_to_nothing});
    f.activate(mergeable);
    offer_many(f, 200);
    f.device->queue_notified(1);
}

}  // namespace

TEST_CASE("net: frames from the guest wait for their limit, and go on when it is removed") {
    Fixture f(0);
    send_beyond_limit(f);
    f.serve();
    CHECK(f.tx.used_index() == 1);
    // Neither a doorbell nor a pause lets them pass.
    f.device->queue_notified(1);
    f.device->pause();
    f.device->resume();
    f.serve();
    CHECK(f.tx.used_index() == 1);
    f.device->limit({});
    int received = 0;
    CHECK(f.serve_until([&] {
        while (f.from_guest()) ++received;
        return f.tx.used_index() == 200;
    }));
    CHECK(received == 200);
}

TEST_CASE("net: frames to the guest wait for their limit, and go on when it is removed") {
    Fixture f;
    f.device->limit({.rx = next_to_nothing, .tx = {}});
    for (int i = 0; i < size; ++i) f.offer_rx(i, 2048);
    f.device->queue_notified(0);
    for (int i = 0; i < 10; ++i) REQUIRE(f.to_guest("frame"));
    f.serve();
    CHECK(f.rx.used_index() == 1);
    f.device->queue_notified(0);
    f.device->pause();
    f.device->resume();
    f.serve();
    CHECK(f.rx.used_index() == 1);
    // The other direction is not limited.
    f.offer_tx(0, "out");
    f.device->queue_notified(1);
    CHECK(f.from_guest() == "out");
    f.device->limit({});
    CHECK(f.serve_until([&f] { return f.rx.used_index() == 10; }));
}

TEST_CASE("net: limited queues go on by themselves") {
    Fixture f(0);
    f.tx.size = 256;
    // A frame is larger than the bucket.
    const RateLimits slow{.bandwidth = TokenLimit{.size = 1, .refill_ms = 1}, .operations = {}, .peak = 0};
    f.device->limit({.rx = slow, .tx = slow});
    f.activate(mergeable);
    for (int i = 0; i < size; ++i) f.offer_rx(i, 2048);
    f.device->queue_notified(0);
    for (int i = 0; i < 10; ++i) REQUIRE(f.to_guest("frame"));
    offer_many(f, 100);
    f.device->queue_notified(1);
    int received = 0;
    CHECK(f.serve_until([&] {
        while (f.from_guest()) ++received;
        return f.tx.used_index() == 100 && f.rx.used_index() == 10;
    }));
    CHECK(received == 100);
}

TEST_CASE("net: chains that wait for a limit come back when the host's end is lost") {
    Fixture f(0);
    send_beyond_limit(f);
    REQUIRE(f.tx.used_index() == 1);
    f.lose_backend();
    CHECK(f.serve_until([&f] { return f.tx.used_index() == 200; }));
}

TEST_CASE("net: a reset while frames wait for a limit touches the rings no more") {
    Fixture f;
    f.device->limit({.rx = next_to_nothing, .tx = next_to_nothing});
    for (int i = 0; i < 4; ++i) f.offer_rx(i, 2048);
    f.device->queue_notified(0);
    for (int i = 0; i < 3; ++i) REQUIRE(f.to_guest("frame"));
    for (int i = 0; i < 3; ++i) f.offer_tx(i, "out");
    f.device->queue_notified(1);
    f.serve();
    f.device->reset();
    f.memory = FakeMemory(4096);  // the sanitizer watches
    f.device->limit({});
    f.serve();
    CHECK(f.signals.resets == 0);
}
