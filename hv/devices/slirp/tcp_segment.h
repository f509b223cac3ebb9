// SPDX-License-Identifier: Apache-2.0
// TCP in frames (RFC 9293, section 3.1).
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "hv/devices/slirp/frame_filter.h"
#include "hv/devices/slirp/internet.h"

namespace hv::slirp {

inline constexpr std::uint8_t tcp_fin = 0x01, tcp_syn = 0x02, tcp_rst = 0x04, tcp_ack = 0x10;

struct TcpSegment {
    std::size_t at;  ///< where its header is in the frame
    std::uint16_t from_port, to_port;
    std::uint32_t sequence, acknowledgement;
    std::uint8_t flags;
    std::size_t data_size;

    [[nodiscard]] bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
    /// The number after all that it has: SYN and FIN count.
    [[nodiscard]] std::uint32_t end() const {
        return sequence + static_cast<std::uint32_t>(data_size) + (has(tcp_syn) ? 1 : 0) + (has(tcp_fin) ? 1 : 0);
    }
};

/// The segment in a frame that was admitted; nothing: there is none, or its header is not whole.
[[nodiscard]] std::optional<TcpSegment> read_tcp(Bytes frame, FrameKind kind);

/// A reset with this sequence number, in the name of whoever sent `segment`, which is in `frame`.
[[nodiscard]] std::vector<std::byte> make_reset(Bytes frame, FrameKind kind, const TcpSegment& segment,
                                                std::uint32_t sequence);

/// Connections that are over, but that libslirp remembers for ten seconds more, with a socket of the host's (TIME_WAIT,
/// for segments that come late; on the link to a guest nothing does). It may still have data for the host that the host
/// has not taken; so they are forgotten early only to make room.
class ClosingConnections {
public:
    static constexpr std::size_t most = 1024;
    static constexpr std::uint64_t least_ms = 1000, most_ms = 10'000;

    /// A frame of libslirp's for the guest.
    void sent_to_guest(Bytes frame);
    /// A segment of the guest's that libslirp has taken.
    void taken_from_guest(Bytes frame, FrameKind kind, const TcpSegment& segment, std::uint64_t now_ms);
    /// The reset by which libslirp forgets the one that has been over for longest, and for a second at least; empty:
    /// there is none.
    [[nodiscard]] std::vector<std::byte> forget_one(std::uint64_t now_ms);

private:
    /// libslirp has said that the other side is at its end, and would like to see that acknowledged.
    struct Closing {
        std::vector<std::byte> addresses;  ///< the other side's and the guest's
        std::uint16_t other_port, guest_port;
        std::uint32_t end;
    };
    struct Over {
        std::vector<std::byte> reset;
        std::uint64_t since_ms;
    };
    std::deque<Closing> closing_;  ///< the oldest first
    std::deque<Over> over_;
};

}  // namespace hv::slirp
