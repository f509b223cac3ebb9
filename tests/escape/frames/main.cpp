// SPDX-License-Identifier: Apache-2.0
// raw_frames HV-SLIRP CASE: a guest that sends arbitrary frames. Prints the reason on standard error when a frame got
// through, or when the helper used more of the host than it may.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>
#include <utility>

#include "hv/devices/slirp/protocol.h"
#include "tests/escape/frames/helper.h"

namespace frames {
namespace {

using namespace hv::slirp;

constexpr std::uint8_t syn = 2, rst = 4, push = 8, ack = 16;
constexpr long kib_per_mib = 1024;

Ipv4Address v4(const char* text) {
    in_addr address{};
    inet_pton(AF_INET, text, &address);
    return ntohl(address.s_addr);
}
in6_addr v6(const char* text) {
    in6_addr address{};
    inet_pton(AF_INET6, text, &address);
    return address;
}

Frame syn_frame(Ipv4Address to, std::uint16_t from_port, std::uint16_t to_port) {
    return ipv4_frame(to, protocol_tcp, tcp_segment(to, from_port, to_port, 1000, 0, syn));
}

Frame tagged(Frame frame) {
    frame.insert(frame.begin() + 12, 4, std::byte{});
    put_16(frame, 12, 0x8100);
    return frame;
}

/// With a timestamp option in IPv4's header.
Frame with_options(const Frame& frame) {
    Frame longer = frame;
    longer.insert(longer.begin() + ethernet_size + ipv4_size, 4, std::byte{1});
    const auto packet = std::span(longer).subspan(ethernet_size);
    put_16(packet, 0, 0x4600);
    put_16(packet, 2, static_cast<std::uint16_t>(get_16(packet, 2) + 4));
    put_16(packet, 10, 0);
    put_16(packet, 10, internet_checksum(packet.first(24)));
    return longer;
}

/// Behind an IPv6 extension header of eight bytes: hop-by-hop options, routing, a fragment that is the whole, options.
Frame behind_extension(const Frame& frame, std::uint8_t kind) {
    Frame longer = frame;
    constexpr std::size_t next_header = ethernet_size + 6, extension = ethernet_size + ipv6_size;
    longer.insert(longer.begin() + extension, 8, std::byte{});
    longer[extension] = std::exchange(longer[next_header], std::byte{kind});
    // Padding is an option, and in the other two headers no bit that matters.
    if (kind == 0 || kind == 60) longer[extension + 2] = std::byte{1}, longer[extension + 3] = std::byte{4};
    const auto packet = std::span(longer).subspan(ethernet_size);
    put_16(packet, 4, static_cast<std::uint16_t>(get_16(packet, 4) + 8));
    return longer;
}

/// Without host-loopback the host's loopback is out of reach, in every spelling.
void loopback(const std::string& program) {
    HostSocket tcp4(AF_INET, SOCK_STREAM, "127.0.0.1"), udp4(AF_INET, SOCK_DGRAM, "127.0.0.1");
    HostSocket any4(AF_INET, SOCK_STREAM, "0.0.0.0"), any_udp4(AF_INET, SOCK_DGRAM, "0.0.0.0");
    HostSocket tcp6(AF_INET6, SOCK_STREAM, "::1"), udp6(AF_INET6, SOCK_DGRAM, "::1");
    Helper helper(program, {});
    std::uint16_t from = 20'000;
    for (const char* name :
         {"127.0.0.1", "127.0.0.2", "127.1.2.3", "0.0.0.0", "0.0.0.1", "10.0.2.2", "255.255.255.255"}) {
        const Ipv4Address to = v4(name);
        for (const std::uint16_t port : {tcp4.port(), any4.port()})
            for (const Frame& frame : {syn_frame(to, ++from, port), tagged(syn_frame(to, ++from, port)),
                                       with_options(syn_frame(to, ++from, port))})
                helper.send(frame);
        for (const std::uint16_t port : {udp4.port(), any_udp4.port()}) {
            const Frame datagram = udp_datagram(to, ++from, port, "let me in, please");
            const Frame whole = ipv4_frame(to, protocol_udp, datagram);
            for (const Frame& frame : {whole, tagged(whole), with_options(whole)}) helper.send(frame);
            helper.send(ipv4_frame(to, protocol_udp, Bytes(datagram).first(16), from, 0, true));
            helper.send(ipv4_frame(to, protocol_udp, Bytes(datagram).subspan(16), from, 16));
        }
    }
    for (const char* name :
         {"::1", "::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1",
          "64:ff9b:1::127.0.0.1", "2002:7f00:1::1", "fec0::2", "ff01::1", "ff02::1"})
        for (const HostSocket* socket : {&tcp4, &any4, &tcp6})
            for (const bool tag : {false, true}) {
                const Frame frame = ipv6_frame(v6(name), protocol_tcp, ++from, socket->port());
                helper.send(tag ? tagged(frame) : frame);
                const Frame datagram = ipv6_frame(v6(name), protocol_udp, ++from, udp6.port());
                helper.send(tag ? tagged(datagram) : datagram);
                for (const std::uint8_t kind : {0, 43, 44, 60})
                    for (const Frame& behind : {behind_extension(frame, kind), behind_extension(datagram, kind)})
                        helper.send(tag ? tagged(behind) : behind);
            }
    require(helper.settle(), "hv-slirp is gone");
    for (HostSocket* socket : {&tcp4, &udp4, &any4, &any_udp4, &tcp6, &udp6})
        require(socket->arrived() == 0, "the guest reached the host's loopback");

    // The same test where it is allowed, to show that the test can fail.
    Helper open(program, {"host-loopback"});
    open.send(syn_frame(gateway_address, 30'000, tcp4.port()));
    open.send(ipv4_frame(gateway_address, protocol_udp, udp_datagram(gateway_address, 30'000, udp4.port(), "hello")));
    require(open.settle(), "hv-slirp is gone");
    require(tcp4.arrived() == 1 && udp4.arrived() == 1, "with host-loopback the guest does not reach it");
}

/// Sends `count` of what `frame` makes of a number, and reads the answers.
template <typename Make>
void flood(Helper& helper, unsigned count, Make&& frame) {
    for (unsigned i = 0; i < count; ++i) {
        helper.send(frame(i));
        if (i % 64 == 63) require(helper.settle(), "hv-slirp is gone");
    }
    require(helper.settle(), "hv-slirp is gone");
}

void memory_is_bounded(const Helper& helper, const char* what) {
    const long resident = helper.status("VmRSS"), most = static_cast<long>(default_memory / 1024) + 24 * kib_per_mib;
    std::printf("%s: %ld MiB resident\n", what, resident / kib_per_mib);
    require(resident > 0 && resident < most, std::string(what) + ": hv-slirp takes too much memory");
}

/// Resets the guest's `count` connections to the port, whose own ports begin with `first`.
void reset_connections(Helper& helper, std::size_t count, std::uint16_t first, std::uint16_t port) {
    for (std::size_t i = 0; i < count; ++i)
        helper.send(
            ipv4_frame(gateway_address, protocol_tcp,
                       tcp_segment(gateway_address, static_cast<std::uint16_t>(first + i), port, 1001, 0, rst)));
    require(helper.settle(), "hv-slirp is gone");
}

void connections(const std::string& program) {
    HostSocket listener(AF_INET, SOCK_STREAM, "127.0.0.1");
    Helper helper(program, {"host-loopback"});
    constexpr unsigned count = 20'000;
    std::size_t arrived = 0;
    flood(helper, count, [&](unsigned i) {
        arrived += listener.arrived();
        return syn_frame(gateway_address, static_cast<std::uint16_t>(2000 + i), listener.port());
    });
    arrived += listener.arrived();
    std::printf("%zu of %u connections\n", arrived, count);
    require(arrived >= 128 && arrived <= 1024, "the number of connections is not bounded as it should be");
    memory_is_bounded(helper, "connections");
    // Connections that end make room.
    reset_connections(helper, 2000, 2000, listener.port());
    helper.send(syn_frame(gateway_address, 1500, listener.port()));
    require(helper.settle(), "hv-slirp is gone");
    require(listener.arrived() >= 1, "after connections have ended there is no room for another one");
}

void datagrams(const std::string& program) {
    HostSocket listener(AF_INET, SOCK_DGRAM, "127.0.0.1");
    Helper helper(program, {"host-loopback"});
    constexpr unsigned count = 20'000;
    std::size_t arrived = 0;
    flood(helper, count, [&](unsigned i) {
        arrived += listener.arrived();
        return ipv4_frame(gateway_address, protocol_udp,
                          udp_datagram(gateway_address, static_cast<std::uint16_t>(2000 + i), listener.port(), "x"));
    });
    arrived += listener.arrived();
    std::printf("%zu of %u ports\n", arrived, count);
    require(arrived >= 64 && arrived <= 512, "the number of ports is not bounded as it should be");
    memory_is_bounded(helper, "datagrams");
    // Ports that are open go on, and connections have a share of their own.
    helper.send(ipv4_frame(gateway_address, protocol_udp, udp_datagram(gateway_address, 2000, listener.port(), "y")));
    HostSocket stream(AF_INET, SOCK_STREAM, "127.0.0.1");
    helper.send(syn_frame(gateway_address, 1500, stream.port()));
    require(helper.settle(), "hv-slirp is gone");
    require(listener.arrived() == 1, "an open port does not go on");
    require(stream.arrived() == 1, "datagrams leave no room for a connection");
}

void fragments(const std::string& program) {
    HostSocket listener(AF_INET, SOCK_DGRAM, "127.0.0.1");
    Helper helper(program, {"host-loopback"});
    const Frame part(1480);
    flood(helper, 200'000, [&](unsigned i) {
        return ipv4_frame(gateway_address, protocol_udp, part, static_cast<std::uint16_t>(i), 1480 * (i / 65536), true);
    });
    memory_is_bounded(helper, "fragments");
    // One that is whole still comes through.
    const std::string text(5000, 't');
    const Frame datagram = udp_datagram(gateway_address, 1500, listener.port(), text);
    for (std::size_t at = 0; at < datagram.size(); at += 1480) {
        const std::size_t size = std::min<std::size_t>(1480, datagram.size() - at);
        helper.send(ipv4_frame(gateway_address, protocol_udp, Bytes(datagram).subspan(at, size), 9, at,
                               at + size < datagram.size()));
    }
    require(helper.settle(), "hv-slirp is gone");
    require(listener.arrived() == 1 && listener.last_size() == text.size(), "a datagram in fragments does not arrive");
}

/// The acknowledgement by which the connection from `port` stands; nothing: it is refused.
std::optional<std::uint32_t> establish(Helper& helper, std::uint16_t port, std::uint16_t to_port) {
    helper.send(syn_frame(gateway_address, port, to_port));
    while (const auto frame = helper.receive(3000)) {
        const auto packet = read_ipv4(*frame);
        if (!packet || packet->protocol != protocol_tcp) continue;
        const Bytes segment = packet->payload(*frame);
        const auto flags = static_cast<std::uint8_t>(segment[13]);
        if (get_16(segment, 2) != port || (flags & (syn | ack)) != (syn | ack)) continue;
        const std::uint32_t theirs = get_32(segment, 4) + 1;
        helper.send(
            ipv4_frame(gateway_address, protocol_tcp, tcp_segment(gateway_address, port, to_port, 1001, theirs, ack)));
        return theirs;
    }
    return std::nullopt;
}

/// Bytes with gaps between them, which libslirp keeps one by one: first until there is no room for more connections,
/// then in the open ones.
void gaps(const std::string& program) {
    HostSocket listener(AF_INET, SOCK_STREAM, "127.0.0.1");
    Helper helper(program, {"host-loopback"});
    constexpr unsigned each = 3000, rounds = 3;
    constexpr std::uint16_t first_port = 3000, most = 40;
    std::vector<std::uint32_t> connections;
    const auto send_gaps = [&](std::size_t connection, unsigned round) {
        const auto port = static_cast<std::uint16_t>(first_port + connection);
        flood(helper, each, [&](unsigned i) {
            const std::uint32_t sequence = 1001 + 2 * (round * each + i + 1);
            return ipv4_frame(gateway_address, protocol_tcp,
                              tcp_segment(gateway_address, port, listener.port(), sequence, connections[connection],
                                          ack | push, "x"));
        });
    };
    while (connections.size() < most) {
        const auto port = static_cast<std::uint16_t>(first_port + connections.size());
        const auto theirs = establish(helper, port, listener.port());
        if (!theirs) break;
        connections.push_back(*theirs);
        send_gaps(connections.size() - 1, 0);
    }
    std::printf("%zu connections\n", connections.size());
    require(connections.size() >= 2 && connections.size() < most, "connections are not refused as they should be");
    memory_is_bounded(helper, "gaps in new connections");
    for (unsigned round = 1; round < rounds; ++round)
        for (std::size_t i = 0; i < connections.size(); ++i) send_gaps(i, round);
    memory_is_bounded(helper, "gaps in old connections");
    // When they are gone a new one gets through, as soon as the helper has given their memory back: it looks ten times
    // a second.
    reset_connections(helper, connections.size(), first_port, listener.port());
    bool through = false;
    for (std::uint16_t attempt = 0; attempt < 100 && !through; ++attempt) {
        if (attempt != 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        through = establish(helper, static_cast<std::uint16_t>(2500 + attempt), listener.port()).has_value();
    }
    require(through, "afterwards no connection gets through");
}

/// A datagram to a published port, and back.
void published(const std::string& program) {
    Helper helper(program, {"udp/127.0.0.2:0:53", "tcp/127.0.0.2:0:80"});
    const auto port = static_cast<std::uint16_t>(std::atoi(helper.ready().c_str() + sizeof ready_word));
    require(helper.settle(), "hv-slirp is gone");
    HostSocket client(AF_INET, SOCK_DGRAM, "127.0.0.1");
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(v4("127.0.0.2"));
    to.sin_port = htons(port);
    require(connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 && send(socket, "ask", 3, 0) == 3,
            "send");
    const auto frame = helper.receive(10'000);
    require(frame.has_value(), "the datagram does not arrive");
    const auto packet = read_ipv4(*frame);
    require(packet && packet->source == gateway_address && packet->destination == guest_address,
            "it is not for the guest");
    const Bytes datagram = packet->payload(*frame);
    helper.send(
        ipv4_frame(gateway_address, protocol_udp, udp_datagram(gateway_address, 53, get_16(datagram, 0), "answer")));
    // No other port of the loopback can be reached that way.
    helper.send(ipv4_frame(gateway_address, protocol_udp, udp_datagram(gateway_address, 53, client.port(), "hello")));
    require(helper.settle(), "hv-slirp is gone");
    char answer[16]{};
    require(recv(socket, answer, sizeof answer, MSG_DONTWAIT) == 6 && std::string(answer) == "answer", "no answer");
    require(client.arrived() == 0, "the guest reached the host's loopback");
}

/// Random frames of every length; the helper survives.
void nonsense(const std::string& program) {
    Helper helper(program, {});
    std::uint32_t state = 1;
    flood(helper, 50'000, [&](unsigned i) {
        Frame frame(i % 1600);
        for (std::byte& byte : frame) byte = static_cast<std::byte>((state = state * 1664525 + 1013904223) >> 24);
        if (frame.size() > 14)
            put_16(frame, 12, i % 3 == 0 ? ethertype_ipv4 : i % 3 == 1 ? ethertype_ipv6 : ethertype_arp);
        if (frame.size() > 20 && i % 2 == 0) frame[14] = static_cast<std::byte>(i % 3 == 0 ? 0x45 : 0x60);
        return frame;
    });
    memory_is_bounded(helper, "nonsense");
}

struct Case {
    const char* name;
    void (*run)(const std::string& program);
};
constexpr Case cases[] = {
    {"loopback", loopback}, {"connections", connections}, {"datagrams", datagrams}, {"fragments", fragments},
    {"gaps", gaps},         {"published", published},     {"nonsense", nonsense}};

}  // namespace
}  // namespace frames

int main(int argc, char** argv) {
    for (const frames::Case& known : frames::cases)
        if (argc == 3 && std::string_view(known.name) == argv[2]) return known.run(argv[1]), 0;
    std::fprintf(stderr, "raw_frames HV-SLIRP CASE\n");
    return 2;
}
