// SPDX-License-Identifier: Apache-2.0
// IPv4 datagrams from their fragments (RFC 791, section 3.2), so that libslirp never sees one: how many it keeps, and
// for how long, has no bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <vector>

#include "hv/devices/slirp/internet.h"

namespace hv::slirp {

/// Some datagrams at a time, each for some seconds. Fragments that overlap are nothing that a sender makes: their
/// datagram is dropped (as RFC 5722 has it for IPv6).
class Reassembly {
public:
    static constexpr std::size_t most_datagrams = 16;
    static constexpr std::size_t most_fragments = 256;  ///< of one: more than a link of 576 bytes needs for the largest
    static constexpr std::uint64_t life_ms = 15'000;

    /// Takes a fragment, in a frame that was admitted. The datagram's frame, with one header, if it is whole now;
    /// otherwise empty.
    [[nodiscard]] std::vector<std::byte> add(Bytes frame, std::uint64_t now_ms);

    [[nodiscard]] std::size_t waiting() const { return datagrams_.size(); }

private:
    struct Datagram {
        Ipv4Packet first;  ///< of the fragment that came first: what all have in common
        std::uint64_t until_ms;
        struct Part {
            std::size_t offset, size;
        };
        std::vector<Part> parts{};         ///< in their order
        std::vector<std::byte> payload{};  ///< as far as it is known
        std::size_t received = 0;          ///< bytes
        std::size_t whole = 0;             ///< bytes; 0: the last fragment has not come
    };
    using Iterator = std::list<Datagram>::iterator;

    Iterator find(const Ipv4Packet& fragment, std::uint64_t now_ms);
    [[nodiscard]] static bool insert(Datagram& datagram, const Ipv4Packet& fragment, Bytes payload);

    std::list<Datagram> datagrams_;  ///< the oldest first
};

}  // namespace hv::slirp
