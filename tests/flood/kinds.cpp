// SPDX-License-Identifier: Apache-2.0
#include "kinds.h"

#include <random>

namespace flood {
namespace {

constexpr unsigned ip = 0x0800, arp = 0x0806, ip6 = 0x86DD;
constexpr unsigned icmp = 1, igmp = 2, tcp = 6, udp = 17, fragment_header = 44, icmp6 = 58;
constexpr std::uint32_t guest4 = 0x0A00'0002, neighbour4 = 0x0A00'0001;
const in6_addr guest6 = address6("fd00::2"), neighbour6 = address6("fd00::1"), all_nodes = address6("ff02::1");
constexpr unsigned known_hop_limit = 255;  // of neighbour discovery (RFC 4861)

std::minstd_rand chance(1);
unsigned below(unsigned limit) { return static_cast<unsigned>(chance() % limit); }

/// One of 60,000 addresses on the guest's link that no host has: the guest asks for them in vain.
std::uint32_t stranger4() { return 0x0A00'1000 + below(60'000); }
in6_addr stranger6() { return address6("fd00::", 0x1'0000 + below(60'000)); }
in6_addr stranger_on_link6() { return address6("fe80::", 0x1'0000 + below(60'000)); }

Bytes to_guest4(const Mac& guest, const Ipv4Header& header, const Bytes& payload) {
    return ethernet(mac_of(below(60'000)), guest, ip, ipv4(header, payload));
}
Bytes to_guest6(const Mac& guest, const Ipv6Header& header, const Bytes& payload, std::size_t place) {
    return ethernet(mac_of(below(60'000)), guest, ip6, ipv6_checked(header, payload, place));
}

Bytes datagram(unsigned port, std::size_t size) {
    return Writer().u16(1024 + below(60'000)).u16(port).u16(static_cast<unsigned>(8 + size)).u16(0).fill(size).done();
}
Bytes udp_to(const Mac& guest, std::uint32_t from, unsigned port) {
    return to_guest4(guest, {.from = from, .to = guest4, .protocol = udp}, datagram(port, 1000));
}
Bytes udp_deaf(std::uint32_t, const Mac& guest) { return udp_to(guest, stranger4(), 82); }
Bytes udp_echo(std::uint32_t, const Mac& guest) { return udp_to(guest, stranger4(), 83); }
Bytes udp_closed(std::uint32_t, const Mac& guest) { return udp_to(guest, stranger4(), 9); }
Bytes udp6_closed(std::uint32_t, const Mac& guest) {
    return to_guest6(guest, {.from = stranger6(), .to = guest6, .next = udp}, datagram(9, 1000), 6);
}
/// All from one host that does not answer: packets for it wait.
Bytes udp6_silent(std::uint32_t, const Mac& guest) {
    return to_guest6(guest, {.from = address6("fd00::66"), .to = guest6, .next = udp}, datagram(83, 1000), 6);
}

Bytes connection_request(std::uint32_t number, unsigned port, std::uint16_t sum = 0) {
    constexpr unsigned syn = 0x5002;
    return Writer().u16(1024 + number % 60'000).u16(port).u32(number).u32(0).u16(syn).u16(65535).u16(sum).u16(0).done();
}
Bytes syn_to(const Mac& guest, std::uint32_t number, unsigned port) {
    // 198.18.0.0/15 is for benchmarks (RFC 2544): no host has it, and answers go to the gateway.
    const std::uint32_t from = 0xC612'0000 + below(0x20000);
    const Bytes request = connection_request(number, port);
    const Bytes pseudo = Writer().u32(from).u32(guest4).u16(tcp).u16(static_cast<unsigned>(request.size())).done();
    const std::uint16_t sum = checksum(request, static_cast<std::uint16_t>(~checksum(pseudo)));
    return to_guest4(guest, {.from = from, .to = guest4, .protocol = tcp}, connection_request(number, port, sum));
}
Bytes syn(std::uint32_t number, const Mac& guest) { return syn_to(guest, number, 80); }
Bytes syn_closed(std::uint32_t number, const Mac& guest) { return syn_to(guest, number, 9); }
Bytes syn6(std::uint32_t number, const Mac& guest) {
    return to_guest6(guest, {.from = stranger6(), .to = guest6, .next = tcp}, connection_request(number, 80), 16);
}

/// Parts of datagrams that never get whole.
Bytes fragments(std::uint32_t number, const Mac& guest) {
    constexpr unsigned more = 0x2000;
    return to_guest4(guest,
                     {.from = stranger4(),
                      .to = guest4,
                      .protocol = udp,
                      .identification = number,
                      .fragment = number % 2 == 0 ? more : more | (1 + below(7000))},
                     datagram(83, 1000));
}
Bytes fragments6(std::uint32_t number, const Mac& guest) {
    const Bytes rest = datagram(83, 1000);
    const Bytes payload = Writer()
                              .u8(udp)
                              .u8(0)
                              .u16((number % 2 == 0 ? 0 : (1 + below(7000)) << 3) | 1)
                              .u32(number)
                              .bytes(rest.data(), rest.size())
                              .done();
    return ethernet(mac_of(below(60'000)), guest, ip6,
                    ipv6({.from = stranger6(), .to = guest6, .next = fragment_header}, payload));
}

Bytes arp_message(unsigned operation, const Mac& mac, std::uint32_t from, std::uint32_t to, const Mac& guest) {
    const Bytes message = Writer()
                              .u16(1)
                              .u16(ip)
                              .u8(6)
                              .u8(4)
                              .u16(operation)
                              .bytes(mac.data(), mac.size())
                              .u32(from)
                              .bytes(guest.data(), guest.size())
                              .u32(to)
                              .fill(18)
                              .done();
    return ethernet(mac, guest, arp, message);
}
Bytes arp_requests(std::uint32_t, const Mac& guest) {
    return arp_message(1, mac_of(below(60'000)), stranger4(), guest4, guest);
}
Bytes arp_replies(std::uint32_t, const Mac& guest) {
    return arp_message(2, mac_of(below(60'000)), stranger4(), guest4, guest);
}
/// Claims the real neighbour's address, by requests, replies and announcements.
Bytes arp_claims(std::uint32_t number, const Mac& guest) {
    return arp_message(1 + number % 2, mac_of(below(60'000)), neighbour4, number % 3 == 0 ? neighbour4 : guest4, guest);
}

Bytes solicitation(const in6_addr& target, const Mac& mac) {
    return Writer().u8(135).u8(0).u16(0).u32(0).bytes(&target, 16).u8(1).u8(1).bytes(mac.data(), 6).done();
}
Bytes advertisement(unsigned flags, const in6_addr& target, const Mac& mac) {
    return Writer().u8(136).u8(0).u16(0).u8(flags).fill(3).bytes(&target, 16).u8(2).u8(1).bytes(mac.data(), 6).done();
}
Bytes discovery(const Mac& guest, const in6_addr& from, const in6_addr& to, const Bytes& message) {
    return to_guest6(guest, {.from = from, .to = to, .next = icmp6, .hop_limit = known_hop_limit}, message, 2);
}
Bytes solicitations(std::uint32_t, const Mac& guest) {
    return discovery(guest, stranger6(), guest6, solicitation(guest6, mac_of(below(60'000))));
}
Bytes advertisements(std::uint32_t, const Mac& guest) {
    const in6_addr from = stranger6();
    return discovery(guest, from, below(2) == 0 ? guest6 : all_nodes,
                     advertisement(below(8) << 5, from, mac_of(below(60'000))));
}
/// Claims the real neighbour's address: solicited or not, to all or to the guest.
Bytes na_claims(std::uint32_t, const Mac& guest) {
    return discovery(guest, neighbour6, below(2) == 0 ? guest6 : all_nodes,
                     advertisement(below(8) << 5 | 0x20, neighbour6, mac_of(below(60'000))));
}
/// Claims the guest's own address.
Bytes na_own(std::uint32_t, const Mac& guest) {
    return discovery(guest, guest6, all_nodes, advertisement(below(8) << 5, guest6, mac_of(below(60'000))));
}

/// Routers without number, with prefixes, lifetimes, sizes and name servers of every kind.
Bytes router_advertisements(std::uint32_t number, const Mac& guest) {
    constexpr unsigned hop_limits[] = {0, 1, 64, 255}, lifetimes[] = {0, 1, 1800, 65535};
    constexpr std::uint32_t long_lifetimes[] = {0, 1, 3600, 0xFFFF'FFFF},
                            sizes[] = {0, 68, 1279, 1280, 1500, 65535, 0xFFFF'FFFF};
    const in6_addr prefix = address6("2001:db8::", 0), server = stranger6();
    const Mac mac = mac_of(below(60'000));
    Writer message;
    message.u8(134).u8(0).u16(0).u8(hop_limits[below(4)]).u8(below(4) << 6).u16(lifetimes[below(4)]);
    message.u32(long_lifetimes[below(4)]).u32(long_lifetimes[below(4)]);
    if (number % 2 == 0) message.u8(1).u8(1).bytes(mac.data(), 6);
    message.u8(5).u8(1).u16(0).u32(sizes[below(7)]);
    const std::uint32_t valid = long_lifetimes[below(4)];
    message.u8(3).u8(4).u8(64).u8(0xC0).u32(valid).u32(below(2) == 0 ? valid : 0).u32(0);
    message.bytes(&prefix, 4).u32(below(60'000)).fill(8);
    message.u8(25).u8(3).u16(0).u32(long_lifetimes[below(4)]).bytes(&server, 16);
    return discovery(guest, stranger_on_link6(), all_nodes, message.done());
}

Bytes igmp_messages(std::uint32_t number, const Mac& guest) {
    constexpr std::uint32_t all_systems = 0xE000'0001, joined = 0xE001'0203;
    const std::uint32_t group = number % 3 == 0 ? 0 : number % 3 == 1 ? joined : 0xE002'0000 + below(60'000);
    const unsigned kind = number % 2 == 0 ? 0x11 : 0x16;  // a query, a report
    const Bytes empty = Writer().u8(kind).u8(below(256)).u16(0).u32(group).done();
    const Bytes message = Writer().u8(kind).u8(empty[1]).u16(checksum(empty)).u32(group).done();
    const std::uint32_t to = group == 0 || kind == 0x11 ? all_systems : group;
    return to_guest4(guest, {.from = stranger4(), .to = to, .protocol = igmp, .lifetime = 1}, message);
}
Bytes mld_messages(std::uint32_t number, const Mac& guest) {
    const in6_addr joined = address6("ff15::123"), none{};
    const in6_addr& group = number % 3 == 0 ? none : joined;
    const Bytes message =
        Writer().u8(number % 2 == 0 ? 130 : 131).u8(0).u16(0).u16(below(65536)).u16(0).bytes(&group, 16).done();
    return to_guest6(
        guest, {.from = stranger_on_link6(), .to = number % 3 == 0 ? all_nodes : joined, .next = icmp6, .hop_limit = 1},
        message, 2);
}

Bytes echo_requests(std::uint32_t number, const Mac& guest) {
    const Bytes empty = Writer().u8(8).u8(0).u16(0).u32(number).fill(1000).done();
    const Bytes message = Writer().u8(8).u8(0).u16(checksum(empty)).u32(number).fill(1000).done();
    return to_guest4(guest, {.from = stranger4(), .to = guest4, .protocol = icmp}, message);
}
Bytes echo_requests6(std::uint32_t number, const Mac& guest) {
    return to_guest6(guest, {.from = stranger6(), .to = guest6, .next = icmp6},
                     Writer().u8(128).u8(0).u16(0).u32(number).fill(1000).done(), 2);
}

constexpr Kind all[] = {
    {"udp-deaf", udp_deaf},       {"udp-echo", udp_echo},
    {"udp-closed", udp_closed},   {"udp6-closed", udp6_closed},
    {"udp6-silent", udp6_silent}, {"syn", syn},
    {"syn-closed", syn_closed},   {"syn6", syn6},
    {"fragments", fragments},     {"fragments6", fragments6},
    {"arp", arp_requests},        {"arp-replies", arp_replies},
    {"arp-claims", arp_claims},   {"ns", solicitations},
    {"na", advertisements},       {"na-claims", na_claims},
    {"na-own", na_own},           {"ra", router_advertisements},
    {"igmp", igmp_messages},      {"mld", mld_messages},
    {"echo", echo_requests},      {"echo6", echo_requests6},
};

}  // namespace

std::span<const Kind> kinds() { return all; }

}  // namespace flood
