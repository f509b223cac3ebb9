// SPDX-License-Identifier: Apache-2.0
// Published UDP ports.
#include "hv/devices/slirp/datagram_relay.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "hv/devices/slirp/reassembly.h"
#include "tests/unit/hv/frames.h"

using namespace hv::slirp;
using namespace hv::test;
using hv::FileDescriptor;

namespace {

constexpr Ipv4Address guest = 0x0A00'020F, gateway = 0x0A00'0202;

FileDescriptor bound_socket() {
    FileDescriptor fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
}

sockaddr_in address_of(const FileDescriptor& fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    REQUIRE(getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    return address;
}

void say(const FileDescriptor& from, const sockaddr_in& to, std::string_view text) {
    REQUIRE(sendto(from.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) ==
            static_cast<ssize_t>(text.size()));
}

std::string heard(const FileDescriptor& fd) {
    std::string text(70'000, '\0');
    const ssize_t size = recv(fd.get(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
}

struct Fixture {
    std::vector<Frame> to_guest;
    DatagramRelay relay{{.guest = guest,
                         .gateway = gateway,
                         .gateway_mac = {std::byte{0x52}},
                         .mtu = 1500,
                         .send = [this](Bytes frame) { to_guest.emplace_back(frame.begin(), frame.end()); }}};
    sockaddr_in published{};

    Fixture() {
        FileDescriptor socket = bound_socket();
        published = address_of(socket);
        relay.publish(std::move(socket), 53);
    }
    void serve(std::uint64_t now_ms = 0) {
        std::vector<pollfd> polls(1);
        relay.add_polls(polls);
        poll(polls.data() + 1, polls.size() - 1, 1000);
        relay.serve(polls, now_ms);
    }
    static Frame answer(std::uint16_t to_port, std::string_view text, Ipv4Address to = gateway,
                        std::uint16_t from_port = 53, Ipv4Address from = guest) {
        Frame payload(udp_size);
        put_16(payload, 0, from_port);
        put_16(payload, 2, to_port);
        put_16(payload, 4, static_cast<std::uint16_t>(udp_size + text.size()));
        for (const std::byte byte : bytes_of(text)) payload.push_back(byte);
        return Ipv4Frame{.source = from, .destination = to, .payload = payload}.frame();
    }
};

}  // namespace

TEST_CASE("a client's datagram reaches the guest, and the answer the client", "[relay]") {
    Fixture f;
    const FileDescriptor client = bound_socket();
    const std::uint16_t port = ntohs(address_of(client).sin_port);
    // The guest's address is not known yet.
    say(client, f.published, "lost");
    f.serve();
    CHECK(f.to_guest.empty());
    f.relay.learn(Ipv4Frame{}.frame());
    say(client, f.published, "question");
    f.serve();
    REQUIRE(f.to_guest.size() == 1);
    const Frame& frame = f.to_guest.front();
    CHECK(frame[0] == std::byte{2});
    CHECK(frame[6] == std::byte{0x52});
    const auto packet = read_ipv4(frame);
    REQUIRE(packet);
    CHECK(packet->source == gateway);
    CHECK(packet->destination == guest);
    const Bytes datagram = packet->payload(frame);
    CHECK(get_16(datagram, 0) == port);
    CHECK(get_16(datagram, 2) == 53);
    CHECK(internet_checksum(datagram, pseudo_header_sum(gateway, guest, protocol_udp, datagram.size())) == 0);
    const Frame text = bytes_of("question");
    CHECK(std::ranges::equal(datagram.subspan(udp_size), text));

    CHECK(f.relay.take(Fixture::answer(port, "answer"), 0));
    CHECK(heard(client) == "answer");
}

TEST_CASE("only what answers a client is taken", "[relay]") {
    Fixture f;
    const FileDescriptor client = bound_socket();
    const std::uint16_t port = ntohs(address_of(client).sin_port);
    CHECK_FALSE(f.relay.take(Fixture::answer(port, "x"), 0));
    f.relay.learn(Ipv4Frame{}.frame());
    say(client, f.published, "hello");
    f.serve();
    for (const Frame& other :
         {Fixture::answer(static_cast<std::uint16_t>(port + 1), "x"), Fixture::answer(port, "x", address(10, 0, 2, 3)),
          Fixture::answer(port, "x", gateway, 54), Fixture::answer(port, "x", gateway, 53, address(10, 0, 2, 16)),
          Ipv4Frame{.source = guest, .destination = gateway, .payload = Frame(7)}.frame(),
          Ipv4Frame{.source = guest, .destination = gateway, .protocol = protocol_tcp}.frame(), Frame{}})
        CHECK_FALSE(f.relay.take(other, 0));
    CHECK(heard(client).empty());
    // Lengths that the guest lies about send nothing.
    Frame lie = Fixture::answer(port, "x");
    for (const auto size : std::initializer_list<std::uint16_t>{0, 7, 10, 65535}) {
        put_16(lie, ethernet_size + ipv4_size + 4, size);
        CHECK(f.relay.take(lie, 0));
    }
    CHECK(heard(client).empty());
    // A client that is silent for long is forgotten; one that is answered is not.
    CHECK(f.relay.take(Fixture::answer(port, "a"), DatagramRelay::client_life_ms - 1));
    CHECK(f.relay.take(Fixture::answer(port, "b"), 2 * DatagramRelay::client_life_ms - 2));
    CHECK_FALSE(f.relay.take(Fixture::answer(port, "c"), 3 * DatagramRelay::client_life_ms));
}

TEST_CASE("large datagrams come in fragments, and clients are bounded", "[relay]") {
    Fixture f;
    f.relay.learn(Ipv4Frame{}.frame());
    const FileDescriptor client = bound_socket();
    say(client, f.published, std::string(20'000, 'x'));
    f.serve();
    CHECK(f.to_guest.size() == 14);
    Reassembly reassembly;
    Frame whole;
    for (const Frame& frame : f.to_guest) {
        CHECK(frame.size() <= ethernet_size + 1500);
        whole = reassembly.add(frame, 0);
    }
    const auto packet = read_ipv4(whole);
    REQUIRE(packet);
    CHECK(packet->payload(whole).size() == udp_size + 20'000);

    // The one that was silent for longest makes room.
    std::vector<FileDescriptor> many;
    for (std::size_t i = 0; i < DatagramRelay::most_clients; ++i) {
        many.push_back(bound_socket());
        say(many.back(), f.published, "me too");
        f.serve();
    }
    CHECK_FALSE(f.relay.take(Fixture::answer(ntohs(address_of(client).sin_port), "x"), 0));
    CHECK(f.relay.take(Fixture::answer(ntohs(address_of(many.front()).sin_port), "x"), 0));
}
