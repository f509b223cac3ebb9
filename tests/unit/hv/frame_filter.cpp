// SPDX-License-Identifier: Apache-2.0
// The guest's frames that libslirp may see.
#include "hv/devices/slirp/frame_filter.h"

#include <catch2/catch.hpp>

#include "hv/devices/slirp/host_address.h"
#include "tests/unit/hv/frames.h"

using namespace hv::slirp;
using namespace hv::test;

namespace {

bool admitted_to(Ipv4Address destination, std::uint8_t protocol) {
    return admit(Ipv4Frame{.destination = destination, .protocol = protocol}.frame()).has_value();
}

}  // namespace

TEST_CASE("frames to addresses that mean the host are dropped, whatever the protocol", "[frame_filter]") {
    for (const std::uint8_t protocol : {protocol_tcp, protocol_udp, protocol_icmp}) {
        for (const Ipv4Address host :
             {address(127, 0, 0, 1), address(127, 0, 0, 2), address(127, 255, 255, 255), address(127, 0, 0, 53),
              address(0, 0, 0, 0), address(0, 0, 0, 1), address(0, 255, 1, 2)})
            CHECK_FALSE(admitted_to(host, protocol));
        for (const Ipv4Address other :
             {address(10, 0, 2, 2), address(10, 0, 2, 3), address(126, 255, 255, 255), address(128, 0, 0, 1),
              address(1, 0, 0, 0), address(255, 255, 255, 255), address(224, 0, 0, 251)})
            CHECK(admitted_to(other, protocol));
    }
}

TEST_CASE("every spelling of the host in IPv6 is dropped", "[frame_filter]") {
    using Words = std::array<std::uint16_t, 8>;
    for (const std::uint8_t next : {protocol_tcp, protocol_udp, protocol_icmpv6}) {
        for (const Words& host : {
                 Words{0, 0, 0, 0, 0, 0, 0, 1},                              // ::1
                 Words{0, 0, 0, 0, 0, 0, 0, 0},                              // ::
                 Words{0, 0, 0, 0, 0, 0, 0x7F00, 1},                         // ::127.0.0.1
                 Words{0, 0, 0, 0, 0, 0, 0x0A00, 0x0202},                    // ::10.0.2.2
                 Words{0, 0, 0, 0, 0, 0xFFFF, 0x7F00, 1},                    // ::ffff:127.0.0.1
                 Words{0, 0, 0, 0, 0, 0xFFFF, 0, 0},                         // ::ffff:0.0.0.0
                 Words{0, 0, 0, 0, 0, 0xFFFF, 0x5DB8, 0xD822},               // ::ffff:93.184.216.34
                 Words{0, 0, 0, 0, 0xFFFF, 0, 0x7F12, 0x3456},               // ::ffff:0:127.18.52.86
                 Words{0x64, 0xFF9B, 0, 0, 0, 0, 0x7F00, 1},                 // 64:ff9b::127.0.0.1
                 Words{0x64, 0xFF9B, 0, 0, 0, 0, 0, 0},                      // 64:ff9b::0.0.0.0
                 Words{0x64, 0xFF9B, 1, 0x7F00, 0, 0x0100, 0x0102, 0x0304},  // in the middle (RFC 6052, section 2.2)
                 Words{0x64, 0xFF9B, 1, 0x0808, 0x0008, 0x0800, 0x7F00, 1},  // at the end
                 Words{0x2002, 0x7F00, 1, 0, 0, 0, 0, 1},                    // 2002:7f00:1::1
                 Words{0x2002, 0, 0, 1, 2, 3, 4, 5},                         // 2002:0:0::
                 Words{0xFF01, 0, 0, 0, 0, 0, 0, 1},                         // all nodes of the interface
                 Words{0xFF31, 0, 0, 0, 0, 0, 0, 1},
             })
            CHECK_FALSE(admit(ipv6_frame(host, next)));
        for (const Words& other : {
                 Words{0xFEC0, 0, 0, 0, 0, 0, 0, 2},
                 Words{0xFE80, 0, 0, 0, 0, 0, 0, 1},
                 Words{0xFF02, 0, 0, 0, 0, 1, 0xFF00, 2},
                 Words{0x2001, 0xDB8, 0, 0, 0, 0, 0, 1},
                 Words{0x64, 0xFF9B, 0, 0, 0, 0, 0x0808, 0x0808},
                 Words{0x2002, 0x0808, 0x0808, 0, 0, 0, 0, 1},
                 Words{0, 0, 0, 0, 0, 0xFFFE, 0x7F00, 1},
                 Words{0x100, 0, 0, 0, 0, 0, 0, 1},
             })
            CHECK(admit(ipv6_frame(other, next)) == FrameKind::ipv6);
    }
}

TEST_CASE("what libslirp does not look behind is dropped as a whole", "[frame_filter]") {
    const Frame plain = Ipv4Frame{}.frame(), host = Ipv4Frame{.destination = address(127, 0, 0, 1)}.frame();
    REQUIRE(admit(plain));
    for (const auto tag : std::initializer_list<std::uint16_t>{0x8100, 0x88A8, 0x9100})
        for (const Frame& frame : {plain, host}) {
            CHECK_FALSE(admit(tagged(frame, tag)));
            CHECK_FALSE(admit(tagged(tagged(frame, 0x8100), tag)));
        }
    // Extension headers of IPv6: hop-by-hop, routing, fragment, destination options, and others.
    for (const auto next : std::initializer_list<std::uint8_t>{0, 43, 44, 50, 51, 59, 60, 135, 1, 2, 4, 41, 132})
        CHECK_FALSE(admit(ipv6_frame({0x2001, 0xDB8, 0, 0, 0, 0, 0, 1}, next)));
    // Tunnels and the rest of IPv4's protocols.
    for (const auto protocol : std::initializer_list<std::uint8_t>{0, 2, 4, 41, 47, 50, 58, 132, 255})
        CHECK_FALSE(admit(Ipv4Frame{.protocol = protocol}.frame()));
    Frame other = plain;
    for (const auto type : std::initializer_list<std::uint16_t>{0, 46, 0x88F8, 0x8864, 0x86DC, 0xFFFF}) {
        put_16(other, 12, type);
        CHECK_FALSE(admit(other));
    }
    put_16(other, 12, ethertype_arp);
    CHECK(admit(other) == FrameKind::arp);
}

TEST_CASE("options, fragments and wrong lengths do not hide a destination", "[frame_filter]") {
    // A header with options, one of them a source route to elsewhere.
    Frame with_options = Ipv4Frame{.destination = address(127, 0, 0, 1), .payload = Frame(48)}.frame();
    with_options[ethernet_size] = std::byte{0x4F};
    CHECK_FALSE(admit(with_options));
    put_32(with_options, ethernet_size + 16, address(8, 8, 8, 8));
    CHECK(admit(with_options) == FrameKind::ipv4);
    // Each fragment has the destination.
    CHECK_FALSE(admit(Ipv4Frame{.destination = address(127, 0, 0, 1), .offset = 1480}.frame()));
    CHECK_FALSE(admit(Ipv4Frame{.destination = address(0, 0, 0, 0), .more_fragments = true}.frame()));
    CHECK(admit(Ipv4Frame{.more_fragments = true}.frame()) == FrameKind::ipv4_fragment);
    CHECK(admit(Ipv4Frame{.offset = 8}.frame()) == FrameKind::ipv4_fragment);

    const Frame plain = Ipv4Frame{.payload = Frame(100)}.frame();
    for (std::size_t size = 0; size < plain.size(); ++size) CHECK_FALSE(admit(Bytes(plain).first(size)));
    const Frame six = ipv6_frame({0x2001, 0xDB8, 0, 0, 0, 0, 0, 1});
    for (std::size_t size = 0; size < six.size(); ++size) CHECK_FALSE(admit(Bytes(six).first(size)));
    struct Wrong {
        std::size_t at;
        std::uint16_t value;
    };
    for (const Wrong& wrong : {Wrong{ethernet_size, 0x4400}, Wrong{ethernet_size, 0x6500}, Wrong{ethernet_size, 0x0500},
                               Wrong{ethernet_size + 2, 19}, Wrong{ethernet_size + 2, 0xFFFF}}) {
        Frame frame = plain;
        put_16(frame, wrong.at, wrong.value);
        CHECK_FALSE(admit(frame));
    }
    Frame version = six;
    version[ethernet_size] = std::byte{0x40};
    CHECK_FALSE(admit(version));
    put_16(version, ethernet_size, 0x6000);
    put_16(version, ethernet_size + 4, 21);
    CHECK_FALSE(admit(version));
    // Padding behind a packet does not matter.
    Frame padded = plain;
    padded.resize(plain.size() + 30);
    CHECK(admit(padded) == FrameKind::ipv4);
}

TEST_CASE("the Internet checksum of RFC 1071's example", "[frame_filter]") {
    const Frame bytes = bytes_of(std::string_view("\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8));
    CHECK(internet_checksum(bytes) == 0x220D);
    CHECK(internet_checksum(Bytes(bytes).first(7)) == static_cast<std::uint16_t>(~(0xDDF2 - 0xF7)));
}
