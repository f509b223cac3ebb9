# SPDX-License-Identifier: Apache-2.0
"""A host on the wire that has no kernel: it sends any frame, and answers nothing of its own accord but ARP and ND."""
import time

from scapy.all import (ARP, IP, IPv6, TCP, Ether, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr,
                       conf, raw)

MAC, ADDRESS, ADDRESS6 = "02:00:00:00:00:99", "10.0.0.99", "fd00::99"
GUEST, GUEST6 = "10.0.0.2", "fd00::2"
LIMIT_S = 5


class Failure(Exception):
    """What the guest did wrong."""


def require(holds, what):
    if not holds:
        raise Failure(what)


class Numbers:
    """Of echo requests, so that each answer is known by its own."""

    def __init__(self):
        self.last = 0

    def __call__(self):
        self.last += 1
        return self.last


number = Numbers()


class Peer:
    def __init__(self, interface):
        conf.verb = 0
        self.socket = conf.L2socket(iface=interface)
        self.guest_mac = "ff:ff:ff:ff:ff:ff"
        self.guest_mac = self.ask(ARP(hwsrc=MAC, psrc=ADDRESS, pdst=GUEST), ARP)[ARP].hwsrc
        # The guest learns the other address from a solicitation for its own.
        self.send(self.solicitation())

    @staticmethod
    def solicitation():
        return IPv6(src=ADDRESS6, dst=GUEST6) / ICMPv6ND_NS(tgt=GUEST6) / ICMPv6NDOptSrcLLAddr(lladdr=MAC)

    def send(self, packet):
        """Any packet that goes into an Ethernet frame; bytes too, with their type as in (0x800, bytes)."""
        if isinstance(packet, tuple):
            self.socket.send(Ether(src=MAC, dst=self.guest_mac, type=packet[0]) / packet[1])
        else:
            self.socket.send(Ether(src=MAC, dst=self.guest_mac) / packet)

    def frames(self, seconds):
        """The guest's frames until the time is over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not self.socket.select([self.socket], left):
                continue
            frame = self.socket.recv()
            if frame is None or Ether not in frame or frame[Ether].src == MAC:
                continue
            self.answer(frame)
            yield frame

    def answer(self, frame):
        if ARP in frame and frame[ARP].op == 1 and frame[ARP].pdst == ADDRESS:
            self.send(ARP(op=2, hwsrc=MAC, psrc=ADDRESS, hwdst=frame[ARP].hwsrc, pdst=frame[ARP].psrc))
        if ICMPv6ND_NS in frame and frame[ICMPv6ND_NS].tgt == ADDRESS6:
            self.send(IPv6(src=ADDRESS6, dst=frame[IPv6].src) / ICMPv6ND_NA(tgt=ADDRESS6, R=0, S=1, O=1) /
                      ICMPv6NDOptDstLLAddr(lladdr=MAC))

    def wait(self, matches, seconds=LIMIT_S):
        """The first frame that matches; None: there was none."""
        return next((frame for frame in self.frames(seconds) if matches(frame)), None)

    def ask(self, packet, layer, matches=lambda frame: True, what="an answer"):
        """Asks up to three times: a frame can be lost where a queue is full."""
        for _ in range(3):
            self.send(packet)
            if frame := self.wait(lambda frame: layer in frame and matches(frame), LIMIT_S / 3):
                return frame
        raise Failure(f"{what} did not come")

    def silence(self, packet, layer, matches=lambda frame: True, what="it"):
        """`packet` is not answered before the answer to a question that follows it."""
        self.send(packet)
        answered = []

        def sees(frame):
            if layer in frame and matches(frame):
                answered.append(frame)
            return ARP in frame and frame[ARP].op == 2

        self.send(ARP(hwsrc=MAC, psrc=ADDRESS, pdst=GUEST))
        require(self.wait(sees) is not None, "the guest no longer answers ARP")
        require(not answered, f"{what} was answered: {answered[0].summary() if answered else ''}")

    def is_alive(self):
        self.ask(ARP(hwsrc=MAC, psrc=ADDRESS, pdst=GUEST), ARP, what="an answer to ARP")


class Connection:
    """One end of a TCP connection. Sequence numbers count from the initial ones; `next_to` is the guest's next."""

    ports = iter(range(20000, 60000))

    def __init__(self, peer, port, window=65535, options=()):
        self.peer, self.port, self.window = peer, port, window
        self.own_port = next(self.ports)
        self.next, self.next_to = 1000, 0
        syn_ack = self.ask("S", options=list(options), matches=lambda tcp: tcp.flags == "SA", what="SYN+ACK")
        self.next += 1
        self.next_to = syn_ack.seq + 1

    def open(self):
        self.send("A")
        return self

    def segment(self, flags, data=b"", offset=0, options=(), window=None, acknowledges=None):
        tcp = TCP(sport=self.own_port, dport=self.port, flags=flags, seq=(self.next + offset) % 2**32,
                  ack=(self.next_to if acknowledges is None else acknowledges) % 2**32 if "A" in flags else 0,
                  window=self.window if window is None else window, options=list(options))
        return IP(src=ADDRESS, dst=GUEST) / tcp / data

    def is_mine(self, frame):
        return TCP in frame and frame[TCP].dport == self.own_port and frame[TCP].sport == self.port

    def send(self, flags, data=b"", **fields):
        self.peer.send(self.segment(flags, data, **fields))

    def wait(self, matches=lambda tcp: True, seconds=LIMIT_S):
        frame = self.peer.wait(lambda frame: self.is_mine(frame) and matches(frame[TCP]), seconds)
        return frame[TCP] if frame else None

    def ask(self, flags, data=b"", matches=lambda tcp: True, what="an answer", **fields):
        frame = self.peer.ask(self.segment(flags, data, **fields), TCP,
                              lambda frame: self.is_mine(frame) and matches(frame[TCP]), what)
        return frame[TCP]

    def silence(self, flags, data=b"", matches=lambda tcp: True, what="it", **fields):
        self.peer.silence(self.segment(flags, data, **fields), TCP,
                          lambda frame: self.is_mine(frame) and matches(frame[TCP]), what)

    def read(self, count, seconds=LIMIT_S):
        """The stream's next bytes, acknowledged; data that comes out of order is left to retransmission."""
        got = b""
        end = time.monotonic() + seconds
        while len(got) < count and (left := end - time.monotonic()) > 0:
            if (tcp := self.wait(seconds=left)) is None:
                break
            # Ethernet pads short frames.
            data = raw(tcp.payload)[:self.payload_size(tcp)]
            skip = (self.next_to - tcp.seq) % 2**32
            if data and skip < len(data):
                got += data[skip:]
                self.next_to += len(data) - skip
                self.send("A")
        return got

    @staticmethod
    def payload_size(tcp):
        return tcp.underlayer.len - 4 * tcp.underlayer.ihl - 4 * tcp.dataofs

    def echo(self, data):
        """Sends to the port that echoes, and reads it back."""
        for at in range(0, len(data), 1400):
            self.send("PA", data[at:at + 1400])
            self.next += len(data[at:at + 1400])
        require(self.read(len(data)) == data, "an echo did not come back as it was sent")

    def reset(self):
        self.send("R")
