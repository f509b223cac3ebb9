// SPDX-License-Identifier: Apache-2.0
// The network driver against an obedient device and against hostile ones.
#include "pv-drivers/net/net.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "fake_device.h"
#include "fake_registers.h"
#include "pv-drivers/virtio/transport/mmio.h"
#include "registered_devices.h"

namespace {

using namespace tenon;
using namespace tenon::virtio;
using Ring = test::BasicFakeDevice<test::HostMemory>;
using Header = virtio_net_hdr_v1;

/// Keeps what the driver hands up, until it is told to give it back.
struct Stack {
    struct Frame {
        ReceiveBuffer* first;
        bool checksum_valid, scarce;
        std::string bytes;
    };
    std::vector<Frame> frames;
    std::vector<void*> sent;
    int wakes = 0;

    static void wake(void* self) { ++static_cast<Stack*>(self)->wakes; }
    static void receive(void* self, const ReceivedFrame& frame) {
        std::string bytes;
        for (const ReceiveBuffer* part = &frame.first; part != nullptr; part = part->next)
            bytes.append(reinterpret_cast<const char*>(part->data.data()), part->data.size());
        static_cast<Stack*>(self)->frames.push_back({&frame.first, frame.checksum_valid, frame.scarce, bytes});
    }
    static inline Stack* current = nullptr;
    static void was_sent(void* cookie) { current->sent.push_back(cookie); }
    void release_all() {
        for (const Frame& frame : frames)
            for (ReceiveBuffer *part = frame.first, *next; part != nullptr; part = next) {
                next = part->next;
                part->release();
            }
        frames.clear();
    }
};

struct Fixture {
    test::FakeMmioDevice model;
    MmioTransport<test::FakeRegisters> transport{test::FakeRegisters{&model}, 0x200};
    test::HostMemory memory;
    Stack stack;
    std::unique_ptr<NetDevice> net;
    std::unique_ptr<Ring> receive, transmit;

    explicit Fixture(std::uint32_t queue_limit = 64) {
        Stack::current = &stack;
        model.id = VIRTIO_ID_NET;
        model.queue_limit = queue_limit;
        for (const unsigned bit :
             {VIRTIO_NET_F_MAC, VIRTIO_NET_F_STATUS, VIRTIO_NET_F_MTU, VIRTIO_NET_F_CSUM, VIRTIO_NET_F_GUEST_CSUM,
              VIRTIO_NET_F_HOST_TSO4, VIRTIO_NET_F_MRG_RXBUF, VIRTIO_RING_F_EVENT_IDX, VIRTIO_RING_F_INDIRECT_DESC})
            model.offered |= feature_bit(bit);
        model.config = {2, 1, 2, 3, 4, 5, VIRTIO_NET_S_LINK_UP, 0, 0, 0, 0xDC, 5};
        REQUIRE(Net::probe(transport));
        net.reset(test::take_registered_net_device());
        net->start(&Stack::wake, &Stack::receive, &Stack::was_sent, &stack);
        find_rings();
    }
    ~Fixture() { stack.release_all(); }
    void find_rings() {
        receive = std::make_unique<Ring>(memory, model.queues[0].addresses, model.queues[0].size);
        transmit = std::make_unique<Ring>(memory, model.queues[1].addresses, model.queues[1].size);
    }
    /// Puts a frame's piece into the next receive buffer; `header` only into its first.
    void deliver(const std::string& bytes, const Header* header, std::uint32_t claim = 0) {
        const auto chain = receive->take();
        auto* to = to_pointer<char>(PhysicalAddress{chain.pieces.at(0).address});
        std::size_t size = 0;
        if (header != nullptr) {
            std::memcpy(to, header, sizeof(*header));
            size = sizeof(*header);
        }
        std::memcpy(to + size, bytes.data(), bytes.size());
        receive->use(chain.head, claim != 0 ? claim : static_cast<std::uint32_t>(size + bytes.size()));
    }
    [[nodiscard]] std::size_t posted() {
        return static_cast<std::uint16_t>(receive->available_index() - receive->used_index());
    }
};

Header header_with(std::uint16_t buffers, std::uint8_t flags = 0) {
    Header header{};
    header.flags = flags;
    header.num_buffers = buffers;
    return header;
}

struct OutFrame {
    alignas(16) std::array<char, 64> memory{};
    FramePart part{memory.data() + sizeof(Header), 40};
    [[nodiscard]] TransmitFrame frame(std::uint16_t start = 0) {
        return {.parts = std::span(&part, 1), .checksum_start = start, .checksum_offset = 16, .cookie = this};
    }
};

}  // namespace

TEST_CASE("net: identity comes from the configuration") {
    Fixture f;
    CHECK(f.net->mac() == MacAddress{2, 1, 2, 3, 4, 5});
    CHECK(f.net->mtu() == 1500);
    CHECK(f.net->link_up());
    CHECK(f.net->checksum_offload());
    CHECK(f.posted() == 32);  // few at first
    CHECK_FALSE(f.model.notified.empty());
}

TEST_CASE("net: frames come up whole, and buffers go back") {
    Fixture f;
    const Header one = header_with(1), two = header_with(2, VIRTIO_NET_HDR_F_DATA_VALID);
    f.deliver(std::string(60, 'a'), &one);
    f.deliver(std::string(2036, 'b'), &two);
    f.deliver(std::string(500, 'c'), nullptr);
    CHECK_FALSE(f.net->poll(64));
    REQUIRE(f.stack.frames.size() == 2);
    CHECK(f.stack.frames[0].bytes == std::string(60, 'a'));
    CHECK_FALSE(f.stack.frames[0].checksum_valid);
    CHECK(f.stack.frames[1].bytes == std::string(2036, 'b') + std::string(500, 'c'));
    CHECK(f.stack.frames[1].checksum_valid);
    CHECK(f.posted() == 32);  // others took their places
    CHECK(f.net->statistics().rx_packets == 2);
    CHECK(f.net->statistics().rx_bytes == 60 + 2536);
}

TEST_CASE("net: a budget ends a poll, and it says that there may be more") {
    Fixture f;
    const Header one = header_with(1);
    for (int i = 0; i < 5; ++i) f.deliver(std::string(60, 'x'), &one);
    CHECK(f.net->poll(3));
    CHECK(f.stack.frames.size() == 3);
    CHECK_FALSE(f.net->poll(3));
    CHECK(f.stack.frames.size() == 5);
}

TEST_CASE("net: more buffers are posted when they are used up") {
    Fixture f;
    const Header one = header_with(1);
    for (int i = 0; i < 32; ++i) f.deliver(std::string(60, 'x'), &one);
    CHECK_FALSE(f.net->poll(64));
    CHECK(f.posted() == 64);
}

TEST_CASE("net: frames that cannot be are counted, and their buffers go back") {
    Fixture f;
    Header header = header_with(1);
    SECTION("shorter than the headers") { f.deliver(std::string(13, 'x'), &header); }
    SECTION("shorter than the device's own header") { f.deliver("", &header, 1); }
    SECTION("no buffer at all") {
        header = header_with(0);
        f.deliver(std::string(60, 'x'), &header);
    }
    SECTION("buffers that are not there") {
        header = header_with(3);
        f.deliver(std::string(60, 'x'), &header);
        f.deliver(std::string(60, 'x'), nullptr);
    }
    SECTION("65535 buffers") {
        header = header_with(0xFFFF);
        f.deliver(std::string(60, 'x'), &header);
    }
    CHECK_FALSE(f.net->poll(64));
    CHECK(f.stack.frames.empty());
    CHECK(f.net->statistics().rx_errors == 1);
    CHECK(f.posted() == 32);
}

TEST_CASE("net: a lie in the receive ring restarts the device, and everything comes back") {
    Fixture f;
    OutFrame lost;
    REQUIRE(f.net->transmit(lost.frame()));
    f.net->flush();
    const auto chain = f.receive->take();
    SECTION("more than fits into the buffer") { f.receive->use(chain.head, 5000); }
    SECTION("a buffer that is not out") { f.receive->use(200, 100); }
    f.net->poll(64);
    f.net->poll(64);
    CHECK(f.stack.frames.empty());
    CHECK(f.stack.sent == std::vector<void*>{&lost});
    CHECK(f.net->statistics().restarts == 1);
    CHECK(f.model.status == 15);
    f.find_rings();
    CHECK(f.posted() == 32);
    const Header one = header_with(1);
    f.deliver(std::string(60, 'a'), &one);
    f.net->poll(64);
    CHECK(f.stack.frames.size() == 1);
}

TEST_CASE("net: DEVICE_NEEDS_RESET restarts the device; again and again, it stays off") {
    Fixture f;
    const auto break_it = [&] {
        f.model.status |= VIRTIO_CONFIG_S_NEEDS_RESET;
        f.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
        f.transport.interrupt();
    };
    break_it();
    CHECK(f.stack.wakes > 0);
    f.net->poll(64);
    CHECK(f.net->link_up());
    CHECK(f.net->statistics().restarts == 1);
    for (int i = 0; i < 40; ++i) {
        break_it();
        f.net->poll(64);
    }
    CHECK_FALSE(f.net->link_up());
    CHECK_FALSE(f.net->poll(64));
    OutFrame frame;
    CHECK_FALSE(f.net->transmit(frame.frame()));
}

TEST_CASE("net: the link is followed") {
    Fixture f;
    f.model.config[6] = 0;
    f.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
    f.transport.interrupt();
    f.net->poll(64);
    CHECK_FALSE(f.net->link_up());
    f.model.config[6] = VIRTIO_NET_S_LINK_UP;
    f.model.interrupt = VIRTIO_MMIO_INT_CONFIG;
    f.transport.interrupt();
    f.net->poll(64);
    CHECK(f.net->link_up());
}

TEST_CASE("net: a frame goes out with its header in front, and is given back when it was sent") {
    Fixture f;
    OutFrame out;
    REQUIRE(f.net->transmit(out.frame(34)));
    CHECK_FALSE(f.transmit->has_available());  // not before flush
    f.net->flush();
    const auto chain = f.transmit->take();
    REQUIRE(chain.pieces.size() == 1);
    CHECK(chain.pieces[0].size == sizeof(Header) + 40);
    CHECK_FALSE(chain.pieces[0].write);
    const auto* header = to_pointer<Header>(PhysicalAddress{chain.pieces[0].address});
    CHECK(header->flags == VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CHECK((header->csum_start == 34 && header->csum_offset == 16 && header->gso_type == VIRTIO_NET_HDR_GSO_NONE));
    CHECK(f.net->reclaim());
    f.transmit->use(chain.head, 0);
    CHECK_FALSE(f.net->reclaim());
    CHECK(f.stack.sent == std::vector<void*>{&out});
}

TEST_CASE("net: a large segment is one chain, and its header says how to cut it") {
    Fixture f;
    CHECK(f.net->segmentation_offload(false));
    CHECK_FALSE(f.net->segmentation_offload(true));  // not offered
    OutFrame out;
    std::array<char, 3000> more{};
    const std::array<FramePart, 3> parts{out.part, FramePart{more.data(), 1460}, FramePart{more.data() + 1460, 100}};
    TransmitFrame frame = out.frame(34);
    frame.parts = parts;
    frame.segment_size = 1460;
    frame.header_size = 54;
    REQUIRE(f.net->transmit(frame));
    f.net->flush();
    const auto chain = f.transmit->take();
    REQUIRE(chain.pieces.size() == 3);
    CHECK((chain.pieces[1].size == 1460 && chain.pieces[2].size == 100));
    const auto* header = to_pointer<Header>(PhysicalAddress{chain.pieces[0].address});
    CHECK(header->gso_type == VIRTIO_NET_HDR_GSO_TCPV4);
    CHECK((header->gso_size == 1460 && header->hdr_len == 54));
    CHECK((header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0);
    const std::array<FramePart, 17> too_many{};
    frame.parts = too_many;
    CHECK_FALSE(f.net->transmit(frame));
}

TEST_CASE("net: a full ring refuses, and takes again when the device has sent") {
    Fixture f(8);
    OutFrame out;
    int taken = 0;
    while (f.net->transmit(out.frame())) ++taken;
    CHECK(taken == 8);
    CHECK(f.net->statistics().tx_dropped == 1);
    f.net->flush();
    f.transmit->use(f.transmit->take().head, 0);
    CHECK(f.net->transmit(out.frame()));
}

TEST_CASE("net: who holds many buffers is told, and a hungry driver is woken") {
    Fixture f(256);
    const Header one = header_with(1);
    for (int round = 0; round < 40 && f.receive->has_available(); ++round) {
        while (f.receive->has_available()) f.deliver(std::string(60, 'x'), &one);
        while (f.net->poll(64)) {
        }
    }
    REQUIRE(f.stack.frames.size() == 256);
    CHECK_FALSE(f.stack.frames[0].scarce);
    CHECK(f.stack.frames[255].scarce);
    CHECK(f.posted() == 0);
    const int before = f.stack.wakes;
    f.stack.release_all();
    CHECK(f.stack.wakes == before + 1);
    CHECK_FALSE(f.net->poll(64));
    CHECK(f.posted() > 0);
}
