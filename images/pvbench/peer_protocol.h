// SPDX-License-Identifier: Apache-2.0
// What the network measures and their peer say to each other.
//
// A TCP connection begins with one byte, a Task. Datagrams go to the same port; they begin with a Task too.
#pragma once

#include <cstdint>

namespace pvbench {

enum class Task : std::uint8_t {
    echo = 'e',    ///< TCP: every byte comes back. UDP: the datagram comes back
    sink = 's',    ///< TCP: the peer reads to the end, answers with the number of bytes (8, little-endian), and closes
    source = 'g',  ///< TCP: the peer sends until the connection is closed
    greet = 'c',   ///< TCP: the peer answers with one byte, and closes
    count = 'n',   ///< UDP: the peer counts the datagram for its session
    question = 'q',  ///< UDP: the datagram comes back, with `number` the datagrams that were counted for the session
    flood = 'f',     ///< UDP: the peer sends datagrams of its session for `number` milliseconds
};

/// A datagram: small packets are what a network card's rate is told by. In the byte order of x86.
struct Datagram {
    Task task;
    std::uint8_t reserved[3];
    std::uint32_t session;  ///< chosen by the asking side; a late datagram of an earlier session is told by it
    std::uint64_t number;
};
static_assert(sizeof(Datagram) == 16);

}  // namespace pvbench
