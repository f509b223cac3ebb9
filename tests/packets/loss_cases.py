# SPDX-License-Identifier: Apache-2.0
"""Lost segments: what is sent again, told by its order among other frames, not by time. And acknowledgements."""
import os
import subprocess

from scapy.all import ARP, TCP, raw

from peer import ADDRESS, GUEST, MAC, Connection, require

TAKES, GIVES, ECHOES, TELLS = 5001, 5002, 5003, 5005
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
    return connection, receive_flight(connection)


def receive_flight(connection, seen=None):
    """The guest's next ten segments; returns the sequence number of the first byte. `seen` gets those of all."""
    begin, got = connection.next_to, set()
    while len(got) < FIRST_FLIGHT:
        tcp = connection.wait()
        require(tcp is not None, f"{len(got)} of {FIRST_FLIGHT} segments came")
        got.update(indices(begin, [tcp]))
        if seen is not None:
            seen += [begin + index * SEGMENT for index in indices(begin, [tcp])]
    return begin


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
    # On a slow machine the probe of the tail may have gone before.
    require(0 in seen[:2], f"sent first: {seen}, not the hole")
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


def told(connection, after, seen):
    """What TCP_INFO says, in the line that the guest sends from sequence number `after` on; and the line's size. `seen`
    gets the sequence numbers of all data that comes."""
    def is_line(tcp):
        if Connection.payload_size(tcp) > 0:
            seen.append(tcp.seq)
        return tcp.seq == after % 2**32 and Connection.payload_size(tcp) > 0

    tcp = connection.ask("PA", b"i", matches=is_line, what="TCP_INFO")
    connection.next += 1
    line = raw(tcp.payload)[:Connection.payload_size(tcp)]
    return line.decode().strip(), len(line)


def repetitions(sequence_numbers):
    return len(sequence_numbers) - len(set(sequence_numbers))


def counted(peer):
    """TCP_INFO counts a lost segment while it is missing, and retransmissions for good: where this machine is slow, a
    probe of the flight's end is one too."""
    connection = Connection(peer, TELLS, window=60000, options=OPTIONS).open()
    connection.send("PA", b"d")
    connection.next += 1
    seen = []
    begin = receive_flight(connection, seen)
    # Segment 0 was lost.
    acknowledge(connection, begin, 0, [(1, FIRST_FLIGHT)])
    seen += [tcp.seq for tcp in fence(connection) if Connection.payload_size(tcp) > 0]
    require(seen.count(begin) == 2, f"the hole was sent {seen.count(begin)} times, not twice")
    line, size = told(connection, begin + FIRST_FLIGHT * SEGMENT, seen)
    wanted = f"ca_state=3 retransmits=0 sacked=9 lost=1 retrans=1 total={repetitions(seen)}"
    require(line == wanted, f"TCP_INFO in the recovery: {line}, not {wanted}")
    # It has arrived, and so has the line.
    acknowledge(connection, begin, FIRST_FLIGHT)
    connection.next_to += size
    connection.send("A")
    line, _ = told(connection, connection.next_to, seen)
    wanted = f"ca_state=0 retransmits=0 sacked=0 lost=0 retrans=0 total={repetitions(seen)}"
    require(line == wanted, f"TCP_INFO after the recovery: {line}, not {wanted}")
    connection.reset()


def counted_answer(peer):
    """The answer to a request that was sent twice is a retransmission."""
    connection = Connection(peer, TELLS, options=OPTIONS)
    again = connection.wait(lambda tcp: tcp.flags == "SA")
    require(again is not None, "an answer that nobody confirms does not come again")
    connection.open()
    line, _ = told(connection, connection.next_to, [])
    require(line == "ca_state=0 retransmits=0 sacked=0 lost=0 retrans=0 total=1", f"TCP_INFO: {line}")
    connection.reset()


def ask_hv(what):
    """hv pause or resume, for the machine on the wire."""
    subprocess.run([os.environ["HV"], what, "--run-dir", os.environ["RUN"], os.environ["MACHINE"]], check=True)


def together(peer):
    """What arrives in one batch of frames is acknowledged together, not each second segment of it."""
    connection = Connection(peer, TAKES, options=OPTIONS).open()
    segments = 28
    # Frames wait for a machine that stands still, and then come at once.
    ask_hv("pause")
    for _ in range(segments):
        connection.send("A", b"t" * SEGMENT)
        connection.next += SEGMENT
    ask_hv("resume")
    answers = 0
    while (tcp := connection.wait()) is not None:
        answers += 1
        if tcp.ack == connection.next:
            break
    require(tcp is not None, "not all segments were acknowledged")
    require(answers <= segments // 4, f"{segments} segments in a batch drew {answers} acknowledgements")
    # More than 32 KiB do not wait for the end of the batch.
    ask_hv("pause")
    for _ in range(2 * segments):
        connection.send("A", b"t" * SEGMENT)
        connection.next += SEGMENT
    ask_hv("resume")
    acknowledged = set()
    while connection.next not in acknowledged and (tcp := connection.wait()) is not None:
        acknowledged.add(tcp.ack)
    require(connection.next in acknowledged, "not all segments of two batches were acknowledged")
    require(len(acknowledged) > 1, "56 segments were acknowledged at once")
    connection.reset()


CASES = [losses, lost_again, tail, without_sack, duplicates, filled_hole, counted, counted_answer,
         together]
