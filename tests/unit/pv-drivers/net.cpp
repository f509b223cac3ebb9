// SPDX-License-Identifier: Apache-2.0
// The network driver against an obedient device and against hostile ones.
#include "net_fixture.h"

using namespace tenon;
using namespace tenon::test;

TEST_CASE("net: identity comes from the configuration") {
    NetFixture f;
    CHECK(f.net->mac() == MacAddress{2, 1, 2, 3, 4, 5});
    CHECK(f.net->mtu() == 1500);
    CHECK(f.net->link_up());
    CHECK(f.net->checksum_offload());
    CHECK(f.posted() == 32);  // few at first
    CHECK_FALSE(f.model.notified.empty());
}

TEST_CASE("net: frames come up whole, and buffers go back") {
    NetFixture f;
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
    NetFixture f;
    const Header one = header_with(1);
    for (int i = 0; i < 5; ++i) f.deliver(std::string(60, 'x'), &one);
    CHECK(f.net->poll(3));
    CHECK(f.stack.frames.size() == 3);
    CHECK_FALSE(f.net->poll(3));
    CHECK(f.stack.frames.size() == 5);
}

TEST_CASE("net: more buffers are posted when they are used up") {
    NetFixture f;
    const Header one = header_with(1);
    for (int i = 0; i < 32; ++i) f.deliver(std::string(60, 'x'), &one);
    CHECK_FALSE(f.net->poll(64));
    CHECK(f.posted() == 64);
}

TEST_CASE("net: frames that cannot be are counted, and their buffers go back") {
    NetFixture f;
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
    NetFixture f;
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
    NetFixture f;
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
    NetFixture f;
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
    NetFixture f;
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
    NetFixture f;
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
    const std::array<FramePart, 65> too_many{};
    frame.parts = too_many;
    CHECK_FALSE(f.net->transmit(frame));
}

TEST_CASE("net: a full ring refuses, and takes again when the device has sent") {
    NetFixture f(8);
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
    NetFixture f(256);
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

TEST_CASE("net: receive buffers take at most a third of the DMA zone, and are a power of two") {
    constexpr std::uint64_t mib = 1 << 20;
    CHECK(ReceivePool::count_for(0) == 32);
    CHECK(ReceivePool::count_for(mib) == 64);
    CHECK(ReceivePool::count_for(2 * mib) == 128);
    CHECK(ReceivePool::count_for(3 * mib - 1) == 128);
    CHECK(ReceivePool::count_for(3 * mib) == 256);
    CHECK(ReceivePool::count_for(16 * mib) == 256);
    CHECK(ReceivePool::count_for(UINT64_MAX) == 256);
}
