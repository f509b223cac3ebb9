// SPDX-License-Identifier: Apache-2.0
// virtio-console: text out with a slow reader, text in, and the end of either.
#include "hv/devices/console.h"

#include <fcntl.h>
#include <linux/virtio_config.h>
#include <sys/mman.h>

#include "hv/core/file_descriptor.h"
#include "tests/unit/hv/device_fixture.h"
#include "tests/unit/hv/pipe.h"

using namespace hv;
using namespace hv::test;

namespace {

constexpr std::uint64_t features = 1ULL << VIRTIO_F_VERSION_1;

struct Fixture : DeviceFixture {
    FakeRing rx = ring(0, 16);
    FakeRing tx = ring(1, 16);
    Pipe output, input;
    ConsoleOutput console_output{output.in.get(), *loop};
    std::unique_ptr<PortSocket> agent = PortSocket::create(*loop, "/nobody/opens/it").value();
    ConsoleDevice device;

    Fixture() : Fixture(-2) {}
    explicit Fixture(int input_fd)
        : device(*loop, console_output, input_fd == -2 ? input.out.get() : input_fd, *agent) {
        const tenon::abi::QueueSetup setups[] = {rx.setup(), tx.setup()};
        REQUIRE(device.activate(features, setups, guest, signals));
    }
    void write(std::uint16_t i, std::string_view text, std::uint64_t place = buffers) {
        memory.write_text(place, text);
        tx.descriptor(i, place, static_cast<std::uint32_t>(text.size()));
        tx.offer(i);
    }
    void offer(std::uint16_t i, std::uint32_t length) {
        rx.descriptor(i, buffers + 0x10000 + i * 0x1000U, length, VRING_DESC_F_WRITE);
        rx.offer(i);
        device.queue_notified(0);
    }
    void type(std::string_view text) { REQUIRE(::write(input.in.get(), text.data(), text.size()) > 0); }
    std::string taken() {
        const auto used = rx.take();
        return memory.text(buffers + 0x10000 + used.id * 0x1000U, used.len);
    }
};

}  // namespace

TEST_CASE("console: text out") {
    Fixture f;
    f.write(0, "Hello, ");
    f.write(4, "world\n", Fixture::buffers + 64);
    f.device.queue_notified(1);
    CHECK(f.output.drain() == "Hello, world\n");
    CHECK(f.tx.take().id == 0);
    CHECK(f.tx.take().id == 4);
    CHECK(f.signals.used == 1);
}

TEST_CASE("console: a reader that is slow stops the guest, and nothing is lost") {
    Fixture f;
    const std::string chunk(100'000, 'c');
    f.memory.write_text(Fixture::buffers, chunk);
    for (std::uint16_t i = 0; i < 8; ++i) {
        f.tx.descriptor(i, Fixture::buffers, static_cast<std::uint32_t>(chunk.size()));
        f.tx.offer(i);
    }
    f.device.queue_notified(1);
    f.serve();
    CHECK(f.tx.used_index() < 8);
    std::size_t received = 0;
    for (int turn = 0; turn < 500 && received < 8 * chunk.size(); ++turn) {
        received += f.output.drain().size();
        f.serve(200'000);
    }
    CHECK(received == 8 * chunk.size());
    CHECK(f.tx.used_index() == 8);
}

TEST_CASE("console: a chain over the same bytes many times has its turns") {
    Fixture f;
    // 15 descriptors of 200 kB each: 3 MB of output by one small chain.
    for (std::uint16_t i = 0; i < 15; ++i)
        f.tx.descriptor(i, Fixture::buffers, 200'000, i < 14 ? VRING_DESC_F_NEXT : 0,
                        static_cast<std::uint16_t>(i + 1));
    f.tx.offer(0);
    f.device.queue_notified(1);
    std::size_t received = 0;
    for (int turn = 0; turn < 2000 && received < 3'000'000; ++turn) {
        received += f.output.drain().size();
        f.serve(100'000);
    }
    CHECK(received == 3'000'000);
    CHECK(f.tx.take().id == 0);
}

TEST_CASE("console: a reader that is gone does not stop the guest") {
    Fixture f;
    f.output.out = FileDescriptor();
    for (std::uint16_t i = 0; i < 4; ++i) f.write(i, "into the void");
    f.device.queue_notified(1);
    f.serve();
    CHECK(f.tx.used_index() == 4);
}

TEST_CASE("console: text that cannot wait is kept up to a limit") {
    Fixture f;
    const std::string text(1'000'000, 't');
    f.console_output.write(text);
    CHECK(f.console_output.congested());
    std::size_t received = 0;
    for (int turn = 0; turn < 300 && f.console_output.congested(); ++turn) {
        received += f.output.drain().size();
        f.serve(100'000);
    }
    received += f.output.drain().size();
    CHECK_FALSE(f.console_output.congested());
    CHECK(received >= 256 * 1024);
    CHECK(received < text.size());
}

TEST_CASE("console: text in") {
    Fixture f;
    f.type("before there is a buffer\n");
    f.serve();
    CHECK_FALSE(f.rx.has_used());
    f.offer(2, 10);
    f.serve();
    CHECK(f.taken() == "before the");
    f.offer(3, 100);
    f.serve();
    CHECK(f.taken() == "re is a buffer\n");
    CHECK(f.signals.used == 2);
    // With a buffer waiting, the next line comes at once.
    f.offer(4, 100);
    f.serve();
    CHECK_FALSE(f.rx.has_used());
    f.type("line\n");
    f.serve();
    CHECK(f.taken() == "line\n");
}

TEST_CASE("console: the end of the input") {
    Fixture f;
    f.type("last");
    f.input.in = FileDescriptor();
    f.offer(0, 100);
    f.offer(1, 100);
    f.serve();
    CHECK(f.taken() == "last");
    CHECK_FALSE(f.rx.has_used());
    f.offer(2, 100);
    f.serve();
    CHECK_FALSE(f.rx.has_used());
    CHECK(f.signals.resets == 0);
}

TEST_CASE("console: a file as input") {
    const FileDescriptor file(memfd_create("input", MFD_CLOEXEC));
    REQUIRE(write(file.get(), "abcdef", 6) == 6);
    REQUIRE(lseek(file.get(), 0, SEEK_SET) == 0);
    Fixture f(file.get());
    for (std::uint16_t i = 0; i < 4; ++i) f.offer(i, 4);
    f.serve();
    CHECK(f.taken() == "abcd");
    CHECK(f.taken() == "ef");
    CHECK_FALSE(f.rx.has_used());
}

TEST_CASE("console: no input at all") {
    Fixture f(-1);
    f.offer(0, 100);
    f.serve();
    CHECK_FALSE(f.rx.has_used());
}

TEST_CASE("console: a readable buffer in the receive queue is given back, not read into") {
    Fixture f;
    f.rx.descriptor(0, Fixture::buffers, 10);
    f.rx.offer(0);
    f.type("x");
    f.device.queue_notified(0);
    f.serve();
    const auto used = f.rx.take();
    CHECK(used.id == 0);
    CHECK(used.len == 0);
    f.offer(1, 10);
    f.serve();
    CHECK(f.taken() == "x");
}

TEST_CASE("console: a broken ring, and a reset in the middle of a chain") {
    Fixture f;
    f.tx.descriptor(0, 1, 1);
    f.tx.offer(0);
    f.device.queue_notified(1);
    CHECK(f.signals.resets == 1);

    Fixture g;
    g.memory.write_text(Fixture::buffers, std::string(200'000, 'x'));
    g.tx.descriptor(0, Fixture::buffers, 200'000);
    g.tx.offer(0);
    g.device.queue_notified(1);
    CHECK_FALSE(g.tx.has_used());
    g.device.reset();
    g.memory = FakeMemory(4096);
    g.output.drain();
    g.serve();
    CHECK(g.signals.resets == 0);
}
