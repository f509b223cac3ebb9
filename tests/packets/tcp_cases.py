# SPDX-License-Identifier: Apache-2.0
"""TCP as RFC 9293 has it, by segments that no kernel sends."""
import itertools
import random

from scapy.all import ICMP, IP, TCP, raw

from peer import ADDRESS, GUEST, Connection, require

GIVES, ECHOES, CLOSED = 5002, 5003, 5999
ALL_FLAGS = ["".join(flags) for count in range(7) for flags in itertools.combinations("FSRPAU", count)]
FAR = 1 << 30


def bare(peer, port, flags, **fields):
    """A segment of no connection."""
    connection = Connection.__new__(Connection)
    connection.peer, connection.port, connection.window = peer, port, 65535
    connection.own_port, connection.next, connection.next_to = next(Connection.ports), 5000, 7000
    return connection, connection.segment(flags, **fields)


def echoing(peer, **options):
    return Connection(peer, ECHOES, **options).open()


def closed_port(peer):
    for flags in ALL_FLAGS:
        connection, segment = bare(peer, CLOSED, flags)
        if "R" in flags:
            connection.silence(flags, what=f"a segment with {flags} to a closed port")
            continue
        answer = connection.ask(flags, what=f"a reset for {flags or 'no flags'} to a closed port")
        require("R" in answer.flags, f"{flags} to a closed port: the answer has {answer.flags}")
        if "A" in flags:
            require(answer.seq == segment[TCP].ack, f"{flags}: the reset has another sequence number")


def listener(peer):
    for flags in ALL_FLAGS:
        connection, _ = bare(peer, ECHOES, flags)
        if "R" in flags:
            connection.silence(flags, what=f"a segment with {flags} to a listener")
        elif "A" in flags:
            answer = connection.ask(flags, what=f"a reset for {flags} to a listener")
            require("R" in answer.flags, f"{flags} to a listener: the answer has {answer.flags}")
        elif "S" in flags and "F" not in flags:
            answer = connection.ask(flags, what=f"SYN+ACK for {flags}")
            require(answer.flags == "SA", f"{flags} to a listener: the answer has {answer.flags}")
            connection.next += 1
            connection.reset()
        else:
            connection.peer.send(connection.segment(flags))
    echoing(peer).echo(b"still there")


def half_open(peer):
    """SYN_RCVD: a wrong acknowledgement is reset, and a right one still counts."""
    connection = Connection(peer, ECHOES)
    answer = connection.ask("A", acknowledges=connection.next_to + FAR, matches=lambda tcp: "R" in tcp.flags,
                            what="a reset for a wrong acknowledgement")
    require(answer.seq == (connection.next_to + FAR) % 2**32, "the reset has another sequence number")
    connection.open().echo(b"after a wrong acknowledgement")
    # Every other flag leaves no connection behind that would count as established.
    for flags in ALL_FLAGS:
        connection = Connection(peer, ECHOES)
        connection.send(flags)
        connection.reset()
    echoing(peer).echo(b"still there")


def established(peer):
    """Nothing outside of the window ends a connection, whatever its flags."""
    connection = echoing(peer)
    for flags in ALL_FLAGS:
        for offset in (-FAR, FAR):
            connection.send(flags, offset=offset)
    connection.echo(b"after all flags")
    # In the window, but not next: a challenge (RFC 5961, sections 3.2 and 4.2).
    for flags, offset in (("R", 100), ("RA", 100), ("S", 0), ("S", 100), ("SA", 0)):
        answer = connection.ask(flags, offset=offset, what=f"a challenge for {flags} at {offset}")
        require(answer.flags == "A", f"{flags} at {offset}: the answer has {answer.flags}")
        connection.echo(b"challenged")
    connection.send("R")
    answer = connection.ask("PA", b"x", what="a reset after the reset")
    require("R" in answer.flags, "a connection outlives its reset")


def without_acknowledgement(peer):
    """RFC 9293, 3.10.7.4: a segment without ACK is dropped."""
    for flags in ("", "P", "U", "PU"):
        connection = echoing(peer)
        connection.silence(flags, b"dropped", matches=lambda tcp: Connection.payload_size(tcp) > 0,
                           what=f"data with the flags '{flags}'")
        connection.echo(b"the first bytes that count")
        connection.reset()


def overlaps(peer):
    """Any order, repetition and overlap gives the stream."""
    for seed in range(40):
        chance = random.Random(seed)
        connection = echoing(peer)
        stream = bytes(chance.randrange(256) for _ in range(chance.randrange(2, 4000)))
        pieces = [(0, len(stream) // 2), (len(stream) // 2, len(stream))]
        for _ in range(chance.randrange(20)):
            start = chance.randrange(len(stream))
            pieces.append((start, min(len(stream), start + chance.randrange(1, 1400))))
        pieces = [(at, min(at + 1400, end)) for start, end in pieces for at in range(start, end, 1400)]
        chance.shuffle(pieces)
        for start, end in pieces:
            connection.send("PA", stream[start:end], offset=start)
        connection.next += len(stream)
        got = connection.read(len(stream))
        require(got == stream, f"seed {seed}: {len(got)} of {len(stream)} bytes, or others, came back")
        connection.reset()


def beyond_the_window(peer):
    """Data on both edges of the window is cut to it."""
    connection = echoing(peer)
    connection.echo(b"0123456789")
    # The first half was received before.
    connection.send("PA", b"56789abcde", offset=-5)
    connection.next += 5
    require(connection.read(5) == b"abcde", "new data behind old data did not arrive")
    answer = connection.ask("PA", b"z", offset=FAR, what="an acknowledgement of data far beyond the window")
    require(answer.ack == connection.next, "data beyond the window was acknowledged")
    connection.echo(b"after all")


def zero_window_of_ours(peer):
    """A window of 0 is probed, and data flows when it opens (RFC 9293, 3.8.6.1)."""
    connection = Connection(peer, GIVES, window=0)
    connection.open()
    probes = [connection.wait() for _ in range(3)]
    require(all(probes), f"a closed window was probed {sum(probe is not None for probe in probes)} times of 3")
    require(all(Connection.payload_size(probe) <= 1 for probe in probes), "more than a byte came into a closed window")
    connection.window = 65535
    connection.send("A")
    require(connection.read(20000)[:20000] == b"x" * 20000, "no data came when the window opened")
    # And one that shrinks to a byte, with a silly advertisement each time (RFC 9293, 3.8.6.2).
    connection.window = 1
    connection.send("A")
    connection.window = 65535
    connection.send("A")
    require(len(connection.read(20000)) >= 20000, "data stands still after a window of a byte")
    connection.reset()


def zero_window_of_theirs(peer):
    """A reader that does not read: the guest takes its window's bytes, answers probes, and takes no more."""
    connection = Connection(peer, GIVES, window=0).open()
    window = 0
    for _ in range(4000):
        # A keep-alive, for the window of now.
        window = connection.ask("A", offset=-1, matches=lambda tcp: tcp.ack == connection.next,
                                what="an acknowledgement of all data").window
        if window == 0:
            break
        for _ in range(min(8, max(1, window // 1400))):
            size = min(1400, window)
            connection.send("A", b"q" * size)
            connection.next += size
            window -= size
            if window == 0:
                break
    require(window == 0, "the window of a socket that nobody reads did not close")
    for _ in range(5):
        answer = connection.ask("A", b"p", matches=lambda tcp: Connection.payload_size(tcp) == 0,
                                what="an answer to a probe")
        require(answer.ack == connection.next and answer.window == 0, "a probe was taken into a closed window")
    connection.reset()


def keep_alive(peer):
    connection = echoing(peer)
    connection.echo(b"data before")
    for data in (b"", b"\0"):
        answer = connection.ask("A", data, offset=-1, what="an answer to a keep-alive")
        require(answer.flags == "A" and answer.ack == connection.next, "a keep-alive has another answer than ACK")
    connection.echo(b"and after")
    connection.reset()


def closing(peer):
    """Our FIN, theirs, and every flag in each state on the way."""
    connection = echoing(peer)
    connection.echo(b"last words")
    connection.send("FA")
    connection.next += 1
    fin = connection.wait(lambda tcp: "F" in tcp.flags)
    require(fin is not None, "no FIN came for ours")
    # LAST_ACK: old and far segments do not end it.
    for flags in ALL_FLAGS:
        connection.send(flags, offset=FAR)
    again = connection.wait(lambda tcp: "F" in tcp.flags)
    require(again is not None, "a FIN that was not acknowledged was not repeated")
    connection.next_to = fin.seq + 1
    connection.send("A")
    # Answers to the segments before may still be under way.
    connection.ask("A", matches=lambda tcp: "R" in tcp.flags, what="a reset when all is closed")
    # Data after our FIN is none of the stream.
    connection = echoing(peer)
    connection.send("FA")
    connection.next += 1
    connection.silence("PA", b"too late", matches=lambda tcp: Connection.payload_size(tcp) > 0, what="data after a FIN")
    connection.reset()


def reuse(peer):
    """The port of a connection that is over is good for another one."""
    ports = Connection.ports
    try:
        first = echoing(peer)
        Connection.ports = itertools.repeat(first.own_port)
        first.echo(b"first")
        first.send("FA")
        first.next += 1
        fin = first.wait(lambda tcp: "F" in tcp.flags)
        require(fin is not None, "no FIN came")
        first.next_to = fin.seq + 1
        first.send("A")
        echoing(peer).echo(b"second")
    finally:
        Connection.ports = ports


def icmp_errors(peer):
    """An error about a connection that is established does not end it (RFC 5927), however malformed."""
    connection = echoing(peer)
    connection.echo(b"before")
    theirs = IP(src=GUEST, dst=ADDRESS) / TCP(sport=ECHOES, dport=connection.own_port, seq=connection.next_to, flags="A")
    quotes = [raw(theirs)[:size] for size in (0, 1, 19, 20, 27, 28, 40)] + [b"\xff" * 28, raw(theirs)[:20] * 40]
    for kind, codes in ((3, range(16)), (4, [0]), (5, range(4)), (11, range(2)), (12, range(3))):
        for code in codes:
            for quote in quotes:
                peer.send(IP(src=ADDRESS, dst=GUEST) / ICMP(type=kind, code=code) / quote)
    for mtu in (0, 1, 67, 68, 69, 296, 65535):
        peer.send(IP(src=ADDRESS, dst=GUEST) / ICMP(type=3, code=4, nexthopmtu=mtu) / raw(theirs)[:28])
    connection.echo(b"after errors " * 300)
    connection.reset()


def options(peer):
    """TCP options of any kind and length."""
    chance = random.Random(7)
    oddities = [b"\x02\x04\x00\x00", b"\x02\x04\x00\x01", b"\x02\x00", b"\x02\xff", b"\x03\x03\xff", b"\x08\x0a",
                b"\x05\x02", b"\x05\x0b\x00", b"\xfe\x02", b"\x00\x02\x04\x05", b"\x01" * 40, b"\xff" * 40]
    oddities += [bytes(chance.randrange(256) for _ in range(chance.randrange(41))) for _ in range(200)]
    for oddity in oddities:
        padded = oddity + b"\0" * (-len(oddity) % 4)
        _, segment = bare(peer, ECHOES, "S")
        tcp = segment[TCP]
        tcp.dataofs = 5 + len(padded) // 4
        peer.send(IP(src=ADDRESS, dst=GUEST) / tcp / padded)
    for dataofs in range(16):
        _, segment = bare(peer, ECHOES, "S")
        segment[TCP].dataofs = dataofs
        peer.send(segment)
    connection = echoing(peer, options=[("MSS", 1)])
    connection.echo(b"an MSS of 1")
    connection.reset()
    connection = echoing(peer, options=[("MSS", 1460), ("WScale", 14), ("SAckOK", b""), ("Timestamp", (1, 0))])
    connection.echo(b"all options")
    connection.reset()


def sack(peer):
    """Acknowledgements with impossible blocks."""
    connection = echoing(peer, options=[("MSS", 1460), ("SAckOK", b"")])
    near = connection.next_to
    for left, right in ((near, near), (near + 10, near), (near - FAR, near + FAR), (near + FAR, near + FAR + 1),
                        (0, 2**32 - 1)):
        connection.send("A", options=[("NOP", None), ("NOP", None), ("SAck", (left % 2**32, right % 2**32))])
    connection.echo(b"after impossible blocks " * 100)
    connection.reset()


def forge_requests(peer, port, count):
    chance = random.Random(count)
    for _ in range(count):
        # Addresses of RFC 2544, which no host has.
        source = f"198.{chance.choice((18, 19))}.{chance.randrange(256)}.{chance.randrange(256)}"
        peer.send(IP(src=source, dst=GUEST) / TCP(sport=chance.randrange(1024, 65536), dport=port, flags="S",
                                                  seq=chance.randrange(2**32)))


def forged_requests(peer):
    """However many requests come before a client confirms, it gets in; and nobody who was not asked does."""
    forge_requests(peer, ECHOES, 300)
    client = Connection(peer, ECHOES, options=[("MSS", 1460)])
    forge_requests(peer, ECHOES, 301)
    client.open().echo(b"confirmed late")
    client.reset()
    # The first segment that arrives has data. (Whoever gets in makes room for a request.)
    forge_requests(peer, ECHOES, 10)
    client = Connection(peer, ECHOES)
    client.echo(b"the confirmation was lost")
    client.reset()
    # A number that the guest did not give, for another sequence number, and for another port.
    forge_requests(peer, ECHOES, 11)
    client = Connection(peer, ECHOES)
    for wrong in ({"acknowledges": client.next_to + 1}, {"acknowledges": client.next_to ^ 0x0100_0000}, {"offset": 1}):
        answer = client.ask("A", what="a reset for a wrong cookie", **wrong)
        require("R" in answer.flags, f"a wrong cookie was answered with {answer.flags}")
    other = next(Connection.ports)
    client.own_port, right = other, client.own_port
    require("R" in client.ask("A", what="a reset for another's cookie").flags, "another port's cookie was taken")
    client.own_port = right
    client.open().echo(b"and the right one")
    client.reset()
    # Data flows, whatever segment size was asked for. A window of one shows it.
    forge_requests(peer, GIVES, 302)
    for size in (1460, 536, 600, 100):
        client = Connection(peer, GIVES, window=size, options=[("MSS", size)]).open()
        data = client.wait(lambda tcp: Connection.payload_size(tcp) > 0)
        require(data is not None, f"no data for a segment size of {size}")
        require(Connection.payload_size(data) <= size, f"{Connection.payload_size(data)} bytes for {size}")
        client.window = 65535
        client.send("A")
        require(len(client.read(5000)) >= 5000, f"data stands still for a segment size of {size}")
        client.reset()


CASES = [closed_port, listener, half_open, established, without_acknowledgement, overlaps, beyond_the_window,
         zero_window_of_ours, zero_window_of_theirs, keep_alive, closing, reuse, icmp_errors, options, sack,
         forged_requests]
