# SPDX-License-Identifier: Apache-2.0
"""Neighbours and routers: ARP, neighbour discovery (RFC 4861), router advertisements, redirects, path MTU."""
import time

from scapy.all import (ARP, ICMP, IP, Ether, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6ND_RA,
                       ICMPv6ND_Redirect, ICMPv6NDOptDstLLAddr, ICMPv6NDOptMTU, ICMPv6NDOptPrefixInfo,
                       ICMPv6NDOptRDNSS, ICMPv6NDOptSrcLLAddr, ICMPv6PacketTooBig, IPv6, IPv6ExtHdrFragment, raw)

from peer import ADDRESS, ADDRESS6, GUEST, GUEST6, MAC, Failure, number, require

ALL_NODES = "ff02::1"
ROUTER, ROUTER_MAC = "fe80::99", "02:00:00:00:00:98"
FAR = "2001:db8:ffff::1"
OTHER_MAC = "02:00:00:00:00:66"
# Addresses beside the peer's own for which solicitations are answered.
HOLDERS = {ROUTER: ROUTER_MAC}


def from_router(message, source=ROUTER):
    return IPv6(src=source, dst=ALL_NODES, hlim=255) / message


def advertisement(lifetime=1800, mac=ROUTER_MAC, **fields):
    return ICMPv6ND_RA(routerlifetime=lifetime, **fields) / ICMPv6NDOptSrcLLAddr(lladdr=mac)


def answer_to(peer, source, size=4, seconds=5):
    """The frame with the guest's answer, or a part of it, to an echo request from there; None: none came."""
    request = ICMPv6EchoRequest(id=8, seq=number(), data=b"n" * size)
    peer.send(IPv6(src=source, dst=GUEST6) / request)
    for frame in peer.frames(seconds):
        answer_as_holder(peer, frame)
        if IPv6 in frame and frame[IPv6].dst == source and (ICMPv6EchoReply in frame or IPv6ExtHdrFragment in frame):
            return frame
    return None


def answer_as_holder(peer, frame):
    if ICMPv6ND_NS in frame and (mac := HOLDERS.get(frame[ICMPv6ND_NS].tgt)):
        target = frame[ICMPv6ND_NS].tgt
        peer.send(IPv6(src=target, dst=frame[IPv6].src, hlim=255) / ICMPv6ND_NA(tgt=target, R=1, S=1, O=1) /
                  ICMPv6NDOptDstLLAddr(lladdr=mac))


def listen(peer, seconds):
    for frame in peer.frames(seconds):
        answer_as_holder(peer, frame)


def reaches_far(peer, mac, what):
    """The guest answers a host that is not on its link by the router of this address."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        frame = answer_to(peer, FAR, seconds=1)
        if frame is not None and frame[Ether].dst == mac:
            return
    raise Failure(what)


def router_advertisements(peer):
    """Other routers, lifetimes of nothing and sizes below the least do not take away a router that answers."""
    peer.send(from_router(advertisement() / ICMPv6NDOptPrefixInfo(prefix="2001:db8:1::", prefixlen=64)))
    reaches_far(peer, ROUTER_MAC, "the router is not used")
    for host in range(0x100, 0x200):
        peer.send(from_router(advertisement(65535, OTHER_MAC), f"fe80::{host:x}"))
    reaches_far(peer, ROUTER_MAC, "the router is not used any more after 256 others")
    for limit in (0, 1, 255):
        peer.send(from_router(advertisement(chlim=limit)))
    reaches_far(peer, ROUTER_MAC, "the router is not used any more after hop limits")
    peer.send(from_router(advertisement(0), "fe80::300"))
    reaches_far(peer, ROUTER_MAC, "the router is not used any more after another's end")
    # Its own word ends it.
    peer.send(from_router(advertisement(0)))
    listen(peer, 2)
    frame = answer_to(peer, FAR, seconds=1)
    require(frame is None or frame[Ether].dst != ROUTER_MAC, "a router that has ended is used")
    # The others do not answer: their places are given to one that advertises itself.
    listen(peer, 5)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        peer.send(from_router(advertisement()))
        frame = answer_to(peer, FAR, seconds=1)
        if frame is not None and frame[Ether].dst == ROUTER_MAC:
            return
        listen(peer, 1)
    raise Failure("a router that answers gets no place among those that do not")


def malformed_advertisements(peer):
    whole = raw(from_router(advertisement() / ICMPv6NDOptMTU(mtu=1500) /
                            ICMPv6NDOptPrefixInfo(prefix="2001:db8:2::", prefixlen=64) /
                            ICMPv6NDOptRDNSS(dns=["2001:db8::53"])))
    for size in range(40, len(whole)):
        message = IPv6(src=ROUTER, dst=ALL_NODES, hlim=255, nh=58) / whole[40:size]
        peer.send(message)
    for kind in (ICMPv6ND_RA(), ICMPv6ND_NS(tgt=GUEST6), ICMPv6ND_NA(tgt=ADDRESS6)):
        for option in (b"\1\0", b"\2\0\0\0\0\0\0\0", b"\1\xff" + b"\0" * 6, b"\3\4", b"\x19\1" + b"\0" * 6):
            peer.send(IPv6(src=ROUTER, dst=GUEST6, hlim=255) / kind / option)
    for size in range(0, 28):
        peer.send((0x806, raw(ARP(hwsrc=OTHER_MAC, psrc=ADDRESS, pdst=GUEST))[:size]))
    require(answer_to(peer, ADDRESS6) is not None, "no answer after malformed advertisements")


def link_size(peer):
    """The last valid size that a router advertises counts, at most the device's."""
    for mtu, whole in ((1280, False), (1500, True), (1279, True), (68, True), (0, True), (9000, True)):
        peer.send(from_router(advertisement() / ICMPv6NDOptMTU(mtu=mtu)))
        # A destination keeps the size that was known when it was first used.
        source = f"fd00::5{number()}"
        HOLDERS[source] = MAC
        frame = answer_to(peer, source, 1400)
        require(frame is not None, "no answer to a large echo request")
        require((IPv6ExtHdrFragment not in frame) == whole, f"after an advertised size of {mtu}: {frame.summary()}")
        frame = answer_to(peer, source, 1452)
        require(frame is not None and len(frame) <= 1514, f"after an advertised size of {mtu}: frames too large")


def path_size(peer):
    """What is too big lowers the path's MTU, and never raises it or takes it below 1280 (RFC 8201, section 4)."""
    theirs = raw(IPv6(src=GUEST6, dst=ADDRESS6, nh=17) / (b"\0" * 1200))
    for mtu in (0, 68, 1279, 2**32 - 1, 65535):
        peer.send(IPv6(src=ADDRESS6, dst=GUEST6) / ICMPv6PacketTooBig(mtu=mtu) / theirs)
    frame = answer_to(peer, ADDRESS6, 1400)
    require(frame is not None and IPv6ExtHdrFragment not in frame, "the MTU was lowered below 1280")
    frame = answer_to(peer, ADDRESS6, 1440)
    require(frame is not None and len(frame) <= 1514, "the MTU was raised")


def redirects(peer):
    """Only the first hop redirects."""
    peer.send(from_router(advertisement()))
    reaches_far(peer, ROUTER_MAC, "the router is not used")
    message = (ICMPv6ND_Redirect(tgt="fe80::666", dst=FAR) / ICMPv6NDOptDstLLAddr(lladdr=OTHER_MAC))
    peer.send(IPv6(src="fe80::667", dst=GUEST6, hlim=255) / message)
    frame = answer_to(peer, FAR)
    require(frame is not None and frame[Ether].dst == ROUTER_MAC, "another than the first hop has redirected")
    peer.send(IPv6(src=ROUTER, dst=GUEST6, hlim=255) / message)
    frame = answer_to(peer, FAR)
    require(frame is not None and frame[Ether].dst == OTHER_MAC, "the first hop has not redirected")
    peer.send(from_router(advertisement(0)))


def claims(peer):
    """Who claims an address in use does not get it while its holder answers."""
    require(answer_to(peer, ADDRESS6) is not None, "no answer")
    for flags in ({"O": 1, "S": 0}, {"O": 1, "S": 1}, {"O": 0, "S": 1}):
        for to in (GUEST6, ALL_NODES):
            peer.send(IPv6(src=ADDRESS6, dst=to, hlim=255) / ICMPv6ND_NA(tgt=ADDRESS6, R=0, **flags) /
                      ICMPv6NDOptDstLLAddr(lladdr=OTHER_MAC))
            frame = answer_to(peer, ADDRESS6)
            require(frame is not None and frame[Ether].dst == MAC, "a claim was believed at once")
    listen(peer, 5)
    frame = answer_to(peer, ADDRESS6)
    require(frame is not None and frame[Ether].dst == MAC, "a claim was believed though the holder answers")
    peer.send(IPv6(src=GUEST6, dst=ALL_NODES, hlim=255) / ICMPv6ND_NA(tgt=GUEST6, R=0, S=0, O=1) /
              ICMPv6NDOptDstLLAddr(lladdr=OTHER_MAC))
    require(answer_to(peer, ADDRESS6) is not None, "a claim to its own address has silenced the guest")


def moved_neighbours(peer):
    """A neighbour that has another interface now is found: the former one does not answer."""
    former, present = "02:00:00:00:00:71", "02:00:00:00:00:72"
    address = "10.0.0.98"

    def destination(claimant):
        """Where the guest sends what is for the address, after a claim to it."""
        peer.socket.send(Ether(src=claimant, dst=peer.guest_mac) / ARP(op=1, hwsrc=claimant, psrc=address, pdst=GUEST))
        peer.send(IP(src=address, dst=GUEST) / ICMP(type=8, id=9, seq=number()))
        frame = peer.wait(lambda frame: IP in frame and frame[IP].dst == address, 1)
        return frame[Ether].dst if frame is not None else None

    require(destination(former) == former, "the guest does not send to the neighbour")
    require(destination(present) == former, "a claim was believed at once")
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if destination(present) == present:
            return
    raise Failure("the guest does not send to the neighbour's new address")


CASES = [router_advertisements, malformed_advertisements, link_size, path_size, redirects, claims, moved_neighbours]
