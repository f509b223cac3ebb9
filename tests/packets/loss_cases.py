# SPDX-License-Identifier: Apache-2.0
"""Lost segments: what is sent again, told by its order among other frames, not by time."""
from scapy.all import ARP, TCP

from peer import ADDRESS, GUEST, MAC, Connection, require

GIVES, ECHOES = 5002, 5003
SEGMENT = 1000
FIRST_FLIGHT = 10  # segments (RFC 6928)
OPTIONS = [("MSS", SEGMENT), ("SAckOK", b"")]


def fence(connection):
    """The connection's segments that the guest sends until it answers ARP: those that wait for no timer."""
    seen = []
    connection.peer.send(ARP(hwsrc=MAC, psrc=ADDRESS, pdst=GUEST))

    def is_last(frame):
        if connection.is_mine(frame):
            seen.append(frame[TCP])
        return ARP in frame and frame[ARP].op == 2

    require(connection.peer.wait(is_last) is not None, "the guest no longer answers ARP")
    return seen


def first_flight(peer, window=60000, options=OPTIONS):
    """A connection that has received the guest's first flight, and the sequence number of its first byte."""
    connection = Connection(peer, GIVES, window=window, options=options).open()
    begin, got = connection.next_to, set()
    while len(got) < FIRST_FLIGHT:
        tcp = connection.wait()
        require(tcp is not None, f"{len(got)} of {FIRST_FLIGHT} segments came")
        got.update(indices(begin, [tcp]))
    return connection, begin


def acknowledge(connection, begin, segments, selected=()):
    """Everything before segment `segments`, and the ranges of `selected`."""
    blocks = tuple(begin + edge * SEGMENT for block in selected for edge in block)
    options = [("NOP", None), ("NOP", None), ("SAck", blocks)] if blocks else []
    connection.next_to = begin + segments * SEGMENT
    connection.send("A", options=options)


def indices(begin, frames):
    """The segments in the frames; a frame that the device would cut has several."""
    return [(tcp.seq - begin + offset) // SEGMENT for tcp in frames
            for offset in range(0, Connection.payload_size(tcp), SEGMENT)]


def losses(peer):
    """Several holes in one window are filled at once, each by one segment."""
    connection, begin = first_flight(peer)
    acknowledge(connection, begin, 0, [(7, 10), (5, 6), (3, 4), (1, 2)])
    again = [index for index in indices(begin, fence(connection)) if index < FIRST_FLIGHT]
    require(again == [0, 2, 4, 6], f"sent again: {again}, not the four holes")
    # And once more, before any of it is acknowledged: nothing.
    acknowledge(connection, begin, 0, [(7, 10), (5, 6), (3, 4), (1, 2)])
    again = [index for index in indices(begin, fence(connection)) if index < FIRST_FLIGHT]
    require(not again, f"sent again without need: {again}")
    connection.reset()


def lost_again(peer):
    """The loss of what was sent again shows when later data arrives."""
    connection, begin = first_flight(peer)
    acknowledge(connection, begin, 0, [(1, FIRST_FLIGHT)])
    seen = indices(begin, fence(connection))
    require(seen[:1] == [0], f"sent first: {seen}, not the hole")
    # New data follows it. Of what was sent in the same microsecond the order is not known: so more than once.
    for _ in range(5):
        require(max(seen) >= FIRST_FLIGHT, f"no new data came, but {seen}")
        acknowledge(connection, begin, 0, [(1, max(seen) + 1)])
        seen = indices(begin, fence(connection))
        if 0 in seen:
            break
    require(0 in seen, "the hole was not filled again")
    connection.reset()


def tail(peer):
    """The end of a flight: its last segment comes again before the timeout would have the first come."""
    # The window has no room for new data.
    connection, begin = first_flight(peer, FIRST_FLIGHT * SEGMENT)
    probe = connection.wait(lambda tcp: Connection.payload_size(tcp) > 0)
    again = indices(begin, [probe] if probe else [])
    require(again == [FIRST_FLIGHT - 1], f"sent again first: {again}, not the last segment")
    connection.window = 60000
    acknowledge(connection, begin, FIRST_FLIGHT)
    require(len(connection.read(5 * SEGMENT)) >= 5 * SEGMENT, "no data after the probe")
    connection.reset()


def without_sack(peer):
    """Three duplicates tell of a loss (RFC 5681), two do not, nor do window updates."""
    connection, begin = first_flight(peer, FIRST_FLIGHT * SEGMENT, [("MSS", SEGMENT)])
    for window in (20000, 30000, 40000):
        connection.window = window
        connection.send("A")
    require(0 not in indices(begin, fence(connection)), "a window update counts as a duplicate")
    connection.send("A")
    connection.send("A")
    require(0 not in indices(begin, fence(connection)), "two duplicates tell of a loss")
    connection.send("A")
    require(indices(begin, fence(connection)).count(0) == 1, "three duplicates do not tell of a loss")
    connection.reset()


def duplicates(peer):
    """What arrives twice is reported (RFC 2883), once."""
    connection = Connection(peer, ECHOES, options=OPTIONS).open()
    connection.echo(b"a" * 100)
    connection.send("PA", b"a" * 100, offset=-100)
    reports = [dict(tcp.options).get("SAck") for tcp in fence(connection)]
    require((connection.next - 100, connection.next) in reports, f"reported: {reports}")
    # Beyond a hole too, in front of the range that it is a part of.
    connection.send("PA", b"c" * 100, offset=100)
    connection.send("PA", b"c" * 100, offset=100)
    twice = (connection.next + 100, connection.next + 200)
    reports = [dict(tcp.options).get("SAck") for tcp in fence(connection)]
    require(reports[-1:] == [twice + twice], f"reported beyond a hole: {reports}")
    connection.send("A")
    connection.send("PA", b"b" * 100)
    connection.next += 200
    require(connection.read(200) == b"b" * 100 + b"c" * 100, "the data did not come back")
    connection.reset()


def filled_hole(peer):
    """What fills a hole is acknowledged at once, whatever is delayed otherwise."""
    connection = Connection(peer, ECHOES, options=OPTIONS).open()
    connection.echo(b"a" * 100)
    connection.send("PA", b"c" * 100, offset=100)
    fence(connection)
    connection.send("PA", b"b" * 100)
    connection.next += 200
    answers = fence(connection)
    require(any(tcp.ack == connection.next for tcp in answers), "a filled hole was not acknowledged at once")
    connection.reset()


CASES = [losses, lost_again, tail, without_sack, duplicates, filled_hole]
