# SPDX-License-Identifier: Apache-2.0
"""IPv4 and IPv6: headers, extension headers, fragments."""
import random
import struct

from scapy.all import (ICMP, IP, ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6PacketTooBig,
                       ICMPv6ParamProblem, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                       IPv6ExtHdrRouting, PadN, Pad1, RouterAlert, fragment, fragment6, raw, HBHOptUnknown)

from peer import ADDRESS, ADDRESS6, GUEST, GUEST6, number, require

IPV4, IPV6 = 0x0800, 0x86DD


def echo_request(data=b"ping"):
    return ICMP(type=8, id=7, seq=number()) / data


def answers(request):
    return lambda frame: frame[ICMP].type == 0 and frame[ICMP].seq == request[ICMP].seq


def is_answered(peer, packet, what):
    return peer.ask(packet, ICMP, answers(packet), f"an answer to {what}")


def echo_request6(data=b"ping"):
    return ICMPv6EchoRequest(id=7, seq=number(), data=data)


def is_answered6(peer, headers, what, request=None):
    request = request or echo_request6()
    return peer.ask(headers / request, ICMPv6EchoReply, lambda frame: frame[ICMPv6EchoReply].seq == request.seq,
                    f"an answer to {what}")


def own(**fields):
    return IP(src=ADDRESS, dst=GUEST, **fields)


def own6(**fields):
    return IPv6(src=ADDRESS6, dst=GUEST6, **fields)


def packet6(kind, rest, size=None):
    """A header that says `kind` comes next, and `size` bytes in all; then any bytes."""
    return IPV6, raw(own6(nh=kind, plen=len(rest) if size is None else size))[:40] + rest


def ipv4_headers(peer):
    is_answered(peer, own() / echo_request(), "a ping")
    for field, value in (("version", 5), ("ihl", 4), ("ihl", 15), ("len", 10), ("len", 2000), ("chksum", 1),
                         ("dst", "10.0.0.3"), ("src", "255.255.255.255"), ("src", "224.0.0.1")):
        packet = own() / echo_request()
        setattr(packet[IP], field, value)
        peer.silence(packet, ICMP, answers(packet), f"a ping whose {field} is {value}")
    for options in (b"\x07\x07\x04\0\0\0\0\0", b"\x44\x08\x05\0\0\0\0\0", b"\x83\x00\0\0", b"\x07\xff\x04\0",
                    b"\xff" * 40, b"\x01" * 40):
        packet = own() / echo_request()
        body = raw(packet)[20:]
        header = raw(own(proto=1, ihl=5 + len(options) // 4, len=20 + len(options) + len(body)))[:20]
        peer.send((IPV4, header + options + body))
    for size in range(0, 40):
        peer.send((IPV4, raw(own() / echo_request())[:size]))
    is_answered(peer, own() / echo_request(), "a ping after malformed headers")


def ipv4_fragments(peer):
    for size in (9, 1400, 4000, 20000):
        packet = own(id=number()) / echo_request(b"f" * size)
        for _ in range(3):
            for piece in fragment(packet, 1400 if size > 1400 else size // 3 // 8 * 8 or 8):
                peer.send(piece)
            if peer.wait(lambda frame: ICMP in frame and frame[ICMP].type == 0, 2):
                break
        else:
            require(False, f"a ping of {size} bytes in fragments was not answered")
    chance = random.Random(3)
    for _ in range(500):
        # Overlaps, gaps, ends before the start, more than 65,535 bytes.
        peer.send(own(id=chance.randrange(4), flags=chance.choice(("MF", 0)), frag=chance.randrange(8192), proto=1) /
                  bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 7, 8, 24, 1400)))))
    # Teardrop, and a datagram that grows over its limit.
    for offset, size, more in ((0, 40, "MF"), (3, 8, 0), (8189, 1400, 0)):
        peer.send(own(id=4000, flags=more, frag=offset, proto=17) / (b"t" * size))
    is_answered(peer, own() / echo_request(), "a ping after malformed fragments")


def ipv6_extension_headers(peer):
    pad = [PadN(optdata=b"\0" * 4)]
    is_answered6(peer, own6(), "a ping")
    is_answered6(peer, own6() / IPv6ExtHdrHopByHop(options=pad), "hop-by-hop options")
    is_answered6(peer, own6() / IPv6ExtHdrDestOpt(options=pad), "destination options")
    alert = IPv6ExtHdrHopByHop(options=[RouterAlert(), Pad1(), Pad1()])
    is_answered6(peer, own6() / alert / IPv6ExtHdrDestOpt(options=pad), "both")
    is_answered6(peer, own6() / IPv6ExtHdrRouting(type=0, segleft=0, addresses=[]), "a routing header that is used up")
    # With segments left it would have the guest forward (RFC 5095).
    request = echo_request6()
    peer.silence(own6() / IPv6ExtHdrRouting(type=0, segleft=1, addresses=["fd00::1"]) / request, ICMPv6EchoReply,
                 what="a routing header of type 0")


def ipv6_options(peer):
    """Options that are not known: by the two upper bits of their types (RFC 8200, section 4.2)."""

    def unknown(kind):
        return own6() / IPv6ExtHdrDestOpt(options=[HBHOptUnknown(otype=kind, optdata=b"\0" * 4)])

    is_answered6(peer, unknown(0x1E), "an option to skip")
    request = echo_request6()
    peer.silence(unknown(0x5E) / request, ICMPv6EchoReply, what="an option for which the packet is dropped")
    for kind in (0x9E, 0xDE):
        peer.ask(unknown(kind) / echo_request6(), ICMPv6ParamProblem, lambda frame: frame[ICMPv6ParamProblem].code == 2,
                 f"a parameter problem for the option {kind:#x}")
    peer.ask(own6(nh=253) / b"nothing", ICMPv6ParamProblem, lambda frame: frame[ICMPv6ParamProblem].code == 1,
             "a parameter problem for an unknown header")


def ipv6_malformed(peer):
    body = raw(echo_request6())
    kinds = (0, 43, 44, 60, 59, 50, 51, 135)
    chance = random.Random(5)
    for kind in kinds:
        for length in (0, 1, 2, 31, 255):
            header = struct.pack("!BB", chance.choice(kinds), length) + b"\xff" * 6
            peer.send(packet6(kind, header + body))
            peer.send(packet6(kind, header[:4]))
    # A chain that is longer than any real one, and one of nothing but hop-by-hop headers, which may stand first only.
    padding = b"\x01\x04\0\0\0\0"
    peer.send(packet6(60, (b"\x3c\0" + padding) * 150 + b"\x3a\0" + padding + body))
    peer.send(packet6(0, (b"\0\0" + padding) * 100))
    for size in range(0, 64):
        peer.send((IPV6, packet6(60, b"\x3a\0" + padding + body)[1][:size]))
    for _ in range(1000):
        rest = bytes(chance.choice(kinds + (1, 4, 255)) for _ in range(chance.randrange(200)))
        peer.send(packet6(chance.choice(kinds), rest, chance.randrange(65536)))
    peer.send(peer.solicitation())
    is_answered6(peer, own6(), "a ping after malformed headers")


def ipv6_fragments(peer):
    request = echo_request6(b"g" * 4000)
    pieces = fragment6(own6() / IPv6ExtHdrFragment(id=number()) / request, 1400)
    for _ in range(3):
        for piece in reversed(pieces):
            peer.send(piece)
        if peer.wait(lambda frame: ICMPv6EchoReply in frame or IPv6ExtHdrFragment in frame, 2):
            break
    else:
        require(False, "a ping in fragments was not answered")
    # One fragment that is the whole (RFC 6946).
    is_answered6(peer, own6() / IPv6ExtHdrFragment(id=number(), offset=0, m=0), "an atomic fragment")
    # Fragments that overlap are no datagram (RFC 5722).
    request = echo_request6(b"h" * 64)
    whole, label = raw(own6() / request)[40:], number()
    for offset, data, more in ((0, whole[:40], 1), (4, whole[32:], 0)):
        peer.send(own6(nh=44) / IPv6ExtHdrFragment(nh=58, id=label, offset=offset, m=more) / data)
    peer.silence(own6(nh=59), ICMPv6EchoReply, what="a ping in fragments that overlap")
    chance = random.Random(9)
    for _ in range(500):
        header = IPv6ExtHdrFragment(nh=chance.choice((58, 17, 6, 0, 44)), id=chance.randrange(4),
                                    offset=chance.randrange(8192), m=chance.randrange(2))
        data = bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 7, 8, 24, 1400))))
        peer.send(own6(nh=44) / header / data)
    is_answered6(peer, own6(), "a ping after malformed fragments")


def icmpv6_errors(peer):
    theirs = raw(IPv6(src=GUEST6, dst=ADDRESS6, nh=6, plen=20) / (b"\0" * 20))
    for size in (0, 1, 8, 39, 40, 48, 60):
        for error in (ICMPv6DestUnreach(code=1), ICMPv6DestUnreach(code=4), ICMPv6ParamProblem(code=0, ptr=2**32 - 1)):
            peer.send(own6() / error / theirs[:size])
        for mtu in (0, 1, 68, 1279, 1280, 65535, 2**32 - 1):
            peer.send(own6() / ICMPv6PacketTooBig(mtu=mtu) / theirs[:size])
    is_answered6(peer, own6(), "a ping after errors")
    is_answered6(peer, own6(), "a ping that is larger than the smallest link", echo_request6(b"l" * 1400))


CASES = [ipv4_headers, ipv4_fragments, ipv6_extension_headers, ipv6_options, ipv6_malformed, ipv6_fragments,
         icmpv6_errors]
