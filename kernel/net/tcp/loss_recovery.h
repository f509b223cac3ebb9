// SPDX-License-Identifier: Apache-2.0
// What a sender concludes from acknowledgements: which data is lost and to be sent again, and how much may be in the
// network. Losses are found by time (RACK-TLP, RFC 8985), so that reordering is none and the loss of what was sent
// again is one; a recovery sends in proportion to what arrives (PRR, RFC 6937), and is taken back if the peer had
// everything (RFC 2883, RFC 3708). Without SACK: NewReno (RFC 6582).
#pragma once

#include <cstdint>
#include <span>

#include "kernel/net/tcp/cubic.h"
#include "kernel/net/tcp/flight.h"
#include "kernel/net/tcp/round_trip.h"

namespace tenon::net {

/// Of one connection, with the core lock held. Knows neither lwIP nor a clock.
class LossRecovery {
public:
    struct Start {
        Sequence next;  ///< of the data that is sent first
        std::uint32_t segment, window, threshold;
        bool sack;  ///< The peer sends SACK blocks.
    };
    struct Acknowledgement {
        Sequence number;
        std::span<const SequenceRange> blocks;
        bool repeated;  ///< RFC 5681's duplicate: it has no data, and moves neither the number nor the window.
    };
    enum class Alarm : std::uint8_t { none, reordering, probe };
    /// Linux's tcp_ca_state, without the states of ECN. Disorder: later data has arrived, and nothing counts as lost.
    enum class State : std::uint8_t { open = 0, disorder = 1, recovery = 3, loss = 4 };

    explicit LossRecovery(const Start& start)
        : flight_(start.next),
          cubic_(start.segment),
          segment_(start.segment),
          window_(start.window),
          threshold_(start.threshold),
          sack_(start.sack),
          highest_selected_(start.next),
          steps_grown_until_(start.next),
          recover_(start.next) {}

    // What happens.
    void sent(Sequence end, Microseconds now);
    void acknowledged(const Acknowledgement& acknowledgement, Microseconds now);
    void timed_out();
    void alarm_rang(Microseconds now);
    void round_trip_was(Microseconds time) { round_trip_.measured(time); }
    void set_segment(std::uint32_t size) {
        segment_ = size;
        cubic_.set_segment(size);
    }

    // What to do.
    /// The data that is to be sent again, as far as the congestion window lets: a segment at most, or nothing.
    [[nodiscard]] SequenceRange to_resend() const;
    void resent(SequenceRange range, Microseconds now);
    /// How many bytes from the first unacknowledged one on the congestion window lets out.
    [[nodiscard]] std::uint32_t sendable() const;
    /// Set after alarm_rang(): one segment is to be sent whatever the congestion window, new data or else the last. It
    /// draws an acknowledgement that tells whether the end of the flight is lost (tail loss probe).
    [[nodiscard]] bool wants_probe() const { return wants_probe_; }
    void probe_sent(bool was_new);
    [[nodiscard]] Alarm alarm() const { return alarm_; }
    [[nodiscard]] Microseconds alarm_time() const { return alarm_time_; }

    [[nodiscard]] std::uint32_t window() const { return window_; }
    [[nodiscard]] std::uint32_t threshold() const { return threshold_; }
    [[nodiscard]] const Flight& flight() const { return flight_; }
    [[nodiscard]] const RoundTrip& round_trip() const { return round_trip_; }
    [[nodiscard]] bool reordering_seen() const { return reordering_seen_; }
    [[nodiscard]] State state() const;
    /// How many segments were sent again since the connection began, probes included.
    [[nodiscard]] std::uint32_t retransmissions() const { return retransmissions_; }

private:
    /// Of the acknowledgement at hand.
    struct Arrivals {
        bool any_selected = false;  // before
        Sequence highest_selected = 0;
        std::uint32_t bytes = 0;
        Microseconds round_trip = 0;  // the shortest; 0: none can be told
        bool measured = false;
    };

    void note_arrival(const Flight::Span& span, SequenceRange range, Microseconds now, Arrivals& arrivals);
    void note_duplicate(SequenceRange block);
    void find_losses(Microseconds now);
    [[nodiscard]] Microseconds reordering_window() const;
    void count_repeated(const Acknowledgement& acknowledgement, std::uint32_t advance);
    void prepare_to_take_back();
    void begin_recovery();
    void end_recovery();
    void take_back();
    void set_window(const Arrivals& arrivals, std::uint32_t advance, std::uint32_t in_network_before, Microseconds now);
    void proportion(std::uint32_t arrived);
    void end_probe(Sequence number);
    void set_probe_alarm(Microseconds now);
    [[nodiscard]] std::uint32_t in_network() const;

    Flight flight_;
    RoundTrip round_trip_;
    Cubic cubic_;
    std::uint32_t segment_, window_, threshold_;
    bool sack_;

    std::uint32_t retransmissions_ = 0;

    // RACK: of what has arrived, what was sent last.
    bool arrival_known_ = false;
    Microseconds arrival_sent_ = 0, arrival_round_trip_ = 0;
    Sequence arrival_end_ = 0;
    Sequence highest_selected_;
    bool reordering_seen_ = false;
    std::uint8_t reordering_steps_ = 1;  // the reordering window, in quarters of a round trip
    std::uint8_t steps_stay_for_ = 0;    // recoveries
    Sequence steps_grown_until_;

    // A recovery: after a loss, or after the timeout.
    bool recovering_ = false, after_timeout_ = false;
    Sequence recover_;  // it ends when this is acknowledged
    std::uint32_t recovery_flight_ = 0, recovery_arrived_ = 0, recovery_sent_ = 0;
    std::uint16_t repeated_ = 0;  // acknowledgements; each tells of a segment that has arrived

    // Taking a recovery back.
    bool can_take_back_ = false, any_resent_ = false, any_needless_ = false;
    std::uint32_t window_before_ = 0, threshold_before_ = 0;
    std::uint32_t resent_segments_ = 0;  // not known to have been needless

    // Tail loss probe.
    bool probing_ = false, probe_was_new_ = false, probe_was_needless_ = false, wants_probe_ = false;
    Sequence probe_end_ = 0;
    Alarm alarm_ = Alarm::none;
    Microseconds alarm_time_ = 0;
};

}  // namespace tenon::net
