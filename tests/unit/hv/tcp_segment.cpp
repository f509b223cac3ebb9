// SPDX-License-Identifier: Apache-2.0
// TCP segments in frames, and the resets of connections that are over.
#include "hv/devices/slirp/tcp_segment.h"

#include <catch2/catch.hpp>

#include "tests/unit/hv/frames.h"

using namespace hv::slirp;
using namespace hv::test;

namespace {

constexpr Ipv4Address guest = 0x0A00'020F, other = 0x5DB8'D822;

Frame segment(bool from_guest, std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgement,
              std::size_t data = 0, std::uint16_t guest_port = 40000) {
    Frame tcp(20 + data);
    put_16(tcp, 0, from_guest ? guest_port : 80);
    put_16(tcp, 2, from_guest ? 80 : guest_port);
    put_32(tcp, 4, sequence);
    put_32(tcp, 8, acknowledgement);
    put_16(tcp, 12, static_cast<std::uint16_t>(5 << 12 | flags));
    return Ipv4Frame{.source = from_guest ? guest : other,
                     .destination = from_guest ? other : guest,
                     .protocol = protocol_tcp,
                     .payload = tcp}
        .frame();
}

TcpSegment read(const Frame& frame, FrameKind kind = FrameKind::ipv4) {
    const auto segment = read_tcp(frame, kind);
    REQUIRE(segment);
    return *segment;
}

}  // namespace

TEST_CASE("a segment is read from its frame, or is none", "[tcp_segment]") {
    const TcpSegment data = read(segment(true, tcp_ack | tcp_fin, 100, 7, 30));
    CHECK(data.at == ethernet_size + ipv4_size);
    CHECK(data.from_port == 40000);
    CHECK(data.to_port == 80);
    CHECK(data.data_size == 30);
    CHECK(data.end() == 131);
    CHECK(data.has(tcp_fin));
    CHECK_FALSE(data.has(tcp_rst));
    CHECK_FALSE(read_tcp(Ipv4Frame{}.frame(), FrameKind::ipv4));
    CHECK_FALSE(read_tcp(Ipv4Frame{.protocol = protocol_tcp, .payload = Frame(19)}.frame(), FrameKind::ipv4));
    CHECK_FALSE(read_tcp(ipv6_frame({1}, protocol_tcp, 19), FrameKind::ipv6));
    CHECK_FALSE(read_tcp(ipv6_frame({1}, protocol_udp, 40), FrameKind::ipv6));
    CHECK_FALSE(read_tcp({}, FrameKind::ipv6));
    // Headers that are longer than the segment, or shorter than can be.
    for (const auto words : std::initializer_list<std::uint16_t>{0, 4, 6, 15}) {
        Frame wrong = segment(true, tcp_ack, 1, 1);
        put_16(wrong, ethernet_size + ipv4_size + 12, static_cast<std::uint16_t>(words << 12 | tcp_ack));
        CHECK_FALSE(read_tcp(wrong, FrameKind::ipv4));
    }
}

TEST_CASE("a reset is in the name of its segment's sender, with sums that are right", "[tcp_segment]") {
    const Frame frame = segment(true, tcp_ack, 1234567, 1, 40);
    const Frame reset = make_reset(frame, FrameKind::ipv4, read(frame), 1234567);
    REQUIRE(reset.size() == ethernet_size + ipv4_size + 20);
    const auto packet = read_ipv4(reset);
    REQUIRE(packet);
    CHECK(packet->source == guest);
    CHECK(packet->destination == other);
    CHECK(internet_checksum(Bytes(reset).subspan(ethernet_size, ipv4_size)) == 0);
    CHECK(internet_checksum(packet->payload(reset), pseudo_header_sum(guest, other, protocol_tcp, 20)) == 0);
    CHECK(read(reset).sequence == 1234567);
    CHECK(read(reset).flags == tcp_rst);
    CHECK(admit(reset) == FrameKind::ipv4);

    Frame six = ipv6_frame({0x2001, 0xDB8, 0, 0, 0, 0, 0, 1}, protocol_tcp, 32);
    put_16(six, ethernet_size + ipv6_size + 12, 5 << 12 | tcp_ack);
    const Frame six_reset = make_reset(six, FrameKind::ipv6, read(six, FrameKind::ipv6), 9);
    REQUIRE(six_reset.size() == ethernet_size + ipv6_size + 20);
    CHECK(admit(six_reset) == FrameKind::ipv6);
    std::uint64_t sum = protocol_tcp + 20;
    for (std::size_t at = 8; at < ipv6_size; at += 2) sum += get_16(six_reset, ethernet_size + at);
    CHECK(internet_checksum(Bytes(six_reset).subspan(ethernet_size + ipv6_size), sum) == 0);
}

TEST_CASE("a connection that the other side has closed first is over with the guest's last segment", "[tcp_segment]") {
    ClosingConnections closing;
    closing.sent_to_guest(segment(false, tcp_fin | tcp_ack, 500, 100, 10));
    const auto take = [&closing](const Frame& frame) {
        closing.taken_from_guest(frame, FrameKind::ipv4, read(frame), 50);
    };
    // Not yet: no end of the guest's, another connection, an end that is not acknowledged.
    take(segment(true, tcp_ack, 100, 511));
    take(segment(true, tcp_fin | tcp_ack, 100, 511, 0, 40001));
    take(segment(true, tcp_fin | tcp_ack, 100, 510));
    CHECK(closing.forget_one(5000).empty());
    take(segment(true, tcp_fin | tcp_ack, 100, 511, 5));
    // Data that libslirp still has for the host gets some time.
    CHECK(closing.forget_one(50 + ClosingConnections::least_ms - 1).empty());
    const Frame reset = closing.forget_one(50 + ClosingConnections::least_ms);
    REQUIRE_FALSE(reset.empty());
    CHECK(read(reset).sequence == 106);
    CHECK(read(reset).flags == tcp_rst);
    // Once.
    take(segment(true, tcp_fin | tcp_ack, 100, 511, 5));
    CHECK(closing.forget_one(5000).empty());
}

TEST_CASE("the guest's own end comes first: libslirp still has to say the other's", "[tcp_segment]") {
    ClosingConnections closing;
    const auto take = [&closing](const Frame& frame) {
        closing.taken_from_guest(frame, FrameKind::ipv4, read(frame), 0);
    };
    take(segment(true, tcp_fin | tcp_ack, 100, 500));
    closing.sent_to_guest(segment(false, tcp_fin | tcp_ack, 500, 101));
    take(segment(true, tcp_ack, 101, 501));
    CHECK(closing.forget_one(5000).empty());
    // The memory of connections is bounded; the newest stay. After ten seconds libslirp has forgotten them by itself.
    for (std::uint16_t port = 1000; port < 10'000; ++port)
        closing.sent_to_guest(segment(false, tcp_fin | tcp_ack, 1, 1, 0, port));
    for (std::uint16_t port = 1000; port < 10'000; ++port) take(segment(true, tcp_fin | tcp_ack, 1, 2, 0, port));
    std::size_t count = 0;
    while (!closing.forget_one(5000).empty()) ++count;
    CHECK(count == ClosingConnections::most);
    closing.sent_to_guest(segment(false, tcp_fin | tcp_ack, 1, 1));
    take(segment(true, tcp_fin | tcp_ack, 1, 2));
    CHECK(closing.forget_one(ClosingConnections::most_ms).empty());
    closing.sent_to_guest({});
    closing.sent_to_guest(Ipv4Frame{}.frame());
}
