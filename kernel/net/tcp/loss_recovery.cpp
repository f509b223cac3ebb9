// SPDX-License-Identifier: Apache-2.0
// Loss recovery: from acknowledgements to what is sent.
#include "kernel/net/tcp/loss_recovery.h"

#include <algorithm>

namespace tenon::net {
namespace {

constexpr std::uint32_t reordering_threshold = 3;   // segments that arrive before one that counts as lost
constexpr std::uint8_t recoveries_with_steps = 16;  // RFC 8985, section 6.2, step 4
constexpr std::uint8_t most_steps = 64;
// A timer's notice is late by some of its own steps; below these a probe would be for nothing.
constexpr Microseconds least_probe_wait = 10'000;
constexpr Microseconds first_probe_wait = 1'000'000;

}  // namespace

// ---- Sending

void LossRecovery::sent(Sequence end, Microseconds now) {
    const std::uint32_t outstanding = flight_.outstanding();
    flight_.append(end, now, round_trip_.smoothed() / 8);
    if (recovering_) recovery_sent_ += flight_.outstanding() - outstanding;
    if (alarm_ != Alarm::reordering) set_probe_alarm(now);
}

SequenceRange LossRecovery::to_resend() const {
    if (flight_.lost() == 0 || in_network() >= window_) return {flight_.begin(), flight_.begin()};
    return flight_.first_lost(segment_);
}

void LossRecovery::resent(SequenceRange range, Microseconds now) {
    flight_.resent(range, now);
    ++retransmissions_;
    if (wants_probe_) return;
    any_resent_ = true;
    if (can_take_back_) ++resent_segments_;
    if (recovering_) recovery_sent_ += range.size();
}

/// Without SACK, each repeated acknowledgement tells that a segment has left the network.
std::uint32_t LossRecovery::in_network() const {
    const std::uint32_t in_network = flight_.in_network();
    return in_network - std::min(in_network, repeated_ * segment_);
}

std::uint32_t LossRecovery::sendable() const {
    const std::uint32_t in_network = this->in_network();
    const std::uint32_t window = wants_probe_ ? std::max(window_, in_network + segment_) : window_;
    return flight_.outstanding() + (window > in_network ? window - in_network : 0);
}

LossRecovery::State LossRecovery::state() const {
    if (after_timeout_) return State::loss;
    if (recovering_) return State::recovery;
    return flight_.sacked() != 0 || repeated_ != 0 ? State::disorder : State::open;
}

// ---- Acknowledgements

void LossRecovery::note_arrival(const Flight::Span& span, SequenceRange range, Microseconds now, Arrivals& arrivals) {
    arrivals.bytes += range.size();
    const Microseconds time = now - span.sent;
    if (!span.resent) {
        if (!arrivals.measured || time < arrivals.round_trip) arrivals.round_trip = time;
        arrivals.measured = true;
        if (arrivals.any_selected && before(range.begin, arrivals.highest_selected)) reordering_seen_ = true;
    } else if (time < round_trip_.shortest() - round_trip_.shortest() / 8) {
        return;  // The acknowledgement is of the first transmission.
    }
    const bool is_later =
        span.sent == arrival_sent_ ? before(arrival_end_, range.end) : before(arrival_sent_, span.sent);
    if (arrival_known_ && !is_later) return;
    arrival_known_ = true;
    arrival_sent_ = span.sent;
    arrival_end_ = range.end;
    arrival_round_trip_ = time;
}

/// The peer has received this twice (RFC 2883).
void LossRecovery::note_duplicate(SequenceRange block) {
    if (probing_ && block.end == probe_end_) {
        probe_was_needless_ = true;
        return;
    }
    // What was sent again was only late. Once for each round trip the reordering window grows.
    reordering_seen_ = true;
    if (!before(flight_.begin(), steps_grown_until_)) {
        steps_grown_until_ = flight_.end();
        reordering_steps_ = static_cast<std::uint8_t>(std::min<int>(reordering_steps_ * 2, most_steps));
        steps_stay_for_ = recoveries_with_steps;
    }
    if (!can_take_back_ || resent_segments_ == 0) return;
    any_needless_ = true;
    resent_segments_ -= std::min(resent_segments_, (block.size() + segment_ - 1) / segment_);
    if (resent_segments_ == 0) take_back();
}

void LossRecovery::acknowledged(const Acknowledgement& acknowledgement, Microseconds now) {
    const Sequence number = acknowledgement.number;
    const std::uint32_t in_network_before = in_network();
    const std::uint32_t advance = number - flight_.begin();
    auto blocks = acknowledgement.blocks;
    if (!blocks.empty() &&
        (!before(number, blocks[0].end) ||
         (blocks.size() > 1 && !before(blocks[0].begin, blocks[1].begin) && !before(blocks[1].end, blocks[0].end)))) {
        note_duplicate(blocks[0]);
        blocks = blocks.subspan(1);
    }
    Arrivals arrivals{.any_selected = flight_.sacked() != 0, .highest_selected = highest_selected_};
    const auto arrived = [&](const Flight::Span& span, SequenceRange range) {
        note_arrival(span, range, now, arrivals);
    };
    flight_.acknowledge(number, arrived);
    for (const SequenceRange& block : blocks) {
        if (!before(block.begin, block.end) || before(block.begin, number) || before(flight_.end(), block.end))
            continue;
        flight_.select(block, arrived);
        if (before(highest_selected_, block.end) || !before(number, highest_selected_)) highest_selected_ = block.end;
    }
    if (arrivals.measured) round_trip_.measured(arrivals.round_trip);

    if (!sack_) count_repeated(acknowledgement, advance);
    if ((recovering_ || after_timeout_) && !before(number, recover_)) end_recovery();
    end_probe(number);
    if (alarm_ == Alarm::reordering) alarm_ = Alarm::none;
    if (sack_) find_losses(now);
    set_window(arrivals, advance, in_network_before, now);
    if (alarm_ != Alarm::reordering && (advance != 0 || alarm_ == Alarm::probe)) set_probe_alarm(now);
}

/// NewReno.
void LossRecovery::count_repeated(const Acknowledgement& acknowledgement, std::uint32_t advance) {
    if (advance != 0) {
        repeated_ = recovering_
                        ? static_cast<std::uint16_t>(repeated_ - std::min<std::uint32_t>(repeated_, advance / segment_))
                        : 0;
        // A part of what was sent before the loss has arrived: the next segment is lost too.
        if (recovering_ && before(acknowledgement.number, recover_)) {
            if (!flight_.empty() && !flight_[0].resent) flight_.lose_front(segment_);
        }
        return;
    }
    if (!acknowledgement.repeated || flight_.empty()) return;
    if (repeated_ < UINT16_MAX) ++repeated_;
    if (repeated_ < reordering_threshold || recovering_ || after_timeout_) return;
    // Not again for what was lost before the last recovery ended (section 3.2).
    if (before(acknowledgement.number, recover_)) return;
    flight_.lose_front(segment_);
    begin_recovery();
}

Microseconds LossRecovery::reordering_window() const {
    const bool is_sure = recovering_ || after_timeout_ || flight_.sacked() >= reordering_threshold * segment_;
    if (!reordering_seen_ && is_sure) return 0;
    return std::min(reordering_steps_ * (round_trip_.shortest() / 4), round_trip_.smoothed());
}

/// What was sent before something that has arrived, by more than the reordering window, is lost (RFC 8985,
/// section 6.2).
void LossRecovery::find_losses(Microseconds now) {
    if (!arrival_known_ || (flight_.sacked() == 0 && !recovering_ && !after_timeout_)) return;
    const Microseconds patience = arrival_round_trip_ + reordering_window();
    Microseconds wait = 0;
    const bool any = flight_.lose([&](const Flight::Span& span) {
        // Of what was sent again and what is new within the same microsecond, the order is not known.
        const bool is_earlier = span.sent == arrival_sent_ ? !span.resent && before(span.end, arrival_end_)
                                                           : before(span.sent, arrival_sent_);
        if (!is_earlier) return false;
        const Microseconds age = now - span.sent;
        if (age >= patience) return true;
        wait = std::max(wait, patience - age);
        return false;
    });
    if (wait != 0) {
        alarm_ = Alarm::reordering;
        alarm_time_ = now + wait;
    }
    if (any && !recovering_ && !after_timeout_) begin_recovery();
}

// ---- Recovery

/// If the recovery before this one seems to have been for nothing, both are taken back together.
void LossRecovery::prepare_to_take_back() {
    any_resent_ = false;
    if (can_take_back_ && any_needless_ && resent_segments_ != 0) return;
    can_take_back_ = true;
    any_needless_ = false;
    resent_segments_ = 0;
    window_before_ = window_;
    threshold_before_ = threshold_;
}

void LossRecovery::begin_recovery() {
    recovering_ = true;
    recover_ = flight_.end();
    prepare_to_take_back();
    threshold_ = cubic_.shrink(window_);
    recovery_flight_ = std::max(flight_.outstanding(), segment_);
    recovery_arrived_ = recovery_sent_ = 0;
    probing_ = wants_probe_ = false;
    alarm_ = alarm_ == Alarm::probe ? Alarm::none : alarm_;
    if (steps_stay_for_ > 0)
        --steps_stay_for_;
    else
        reordering_steps_ = 1;
}

void LossRecovery::end_recovery() {
    if (can_take_back_ && !any_resent_ && resent_segments_ == 0) {
        take_back();
        return;
    }
    if (recovering_) window_ = std::max(threshold_, 2 * segment_);
    recovering_ = after_timeout_ = false;
    repeated_ = 0;
}

/// Nothing was lost.
void LossRecovery::take_back() {
    window_ = std::max(window_, window_before_);
    threshold_ = std::max(threshold_, threshold_before_);
    cubic_.restore(window_);
    flight_.hope();
    recovering_ = after_timeout_ = can_take_back_ = false;
    repeated_ = 0;
}

void LossRecovery::timed_out() {
    if (!flight_.empty() && flight_[0].sacked) flight_.forget_selected();
    flight_.lose([](const Flight::Span&) { return true; });
    if (!after_timeout_ || !before(flight_.begin(), recover_)) {
        if (!recovering_) {
            prepare_to_take_back();
            threshold_ = cubic_.shrink(window_);
        }
    }
    window_ = segment_;
    after_timeout_ = true;
    recovering_ = false;
    recover_ = flight_.end();
    repeated_ = 0;
    probing_ = wants_probe_ = false;
    alarm_ = Alarm::none;
}

void LossRecovery::set_window(const Arrivals& arrivals, std::uint32_t advance, std::uint32_t in_network_before,
                              Microseconds now) {
    if (recovering_) {
        const bool moved = !sack_ && advance == 0;
        proportion(moved ? segment_ : arrivals.bytes);
    } else if (window_ < threshold_) {
        // Slow start: only a window that is used grows.
        const std::uint32_t arrived = after_timeout_ ? arrivals.bytes : advance;
        if (after_timeout_ || in_network_before >= window_ / 2) window_ += std::min(arrived, threshold_ - window_);
    } else if (!after_timeout_ && advance != 0) {
        const std::uint32_t slack = std::max(window_ / 4, 3 * segment_);
        if (in_network_before + slack >= window_)
            window_ = cubic_.grow(window_, advance, now / 1000, round_trip_.smoothed() / 1000);
    }
}

/// Proportional rate reduction: as much is sent as arrives, in proportion to the window's reduction.
void LossRecovery::proportion(std::uint32_t arrived) {
    recovery_arrived_ += arrived;
    const std::uint32_t in_network = this->in_network();
    std::int64_t more;
    if (in_network > threshold_) {
        more = static_cast<std::int64_t>((std::uint64_t{recovery_arrived_} * threshold_ + recovery_flight_ - 1) /
                                         recovery_flight_) -
               recovery_sent_;
    } else {
        const std::int64_t owed = std::int64_t{recovery_arrived_} - recovery_sent_;
        more = std::min<std::int64_t>(threshold_ - in_network, std::max<std::int64_t>(owed, arrived) + segment_);
    }
    // The first segment that is sent again does not wait.
    if (recovery_sent_ == 0) more = std::max<std::int64_t>(more, segment_);
    window_ = in_network + static_cast<std::uint32_t>(std::max<std::int64_t>(more, 0));
}

// ---- Timers

void LossRecovery::set_probe_alarm(Microseconds now) {
    alarm_ = Alarm::none;
    if (!sack_ || flight_.empty() || recovering_ || after_timeout_ || probing_ || flight_.sacked() != 0) return;
    Microseconds wait = round_trip_.known() ? 2 * round_trip_.smoothed() : first_probe_wait;
    // A single segment's acknowledgement may be delayed.
    if (flight_.outstanding() <= segment_) wait += RoundTrip::least_wait;
    alarm_ = Alarm::probe;
    alarm_time_ = now + std::max(wait, least_probe_wait);
}

void LossRecovery::alarm_rang(Microseconds now) {
    const Alarm alarm = alarm_;
    alarm_ = Alarm::none;
    if (alarm == Alarm::probe) {
        wants_probe_ = !flight_.empty();
    } else if (alarm == Alarm::reordering) {
        const bool was_recovering = recovering_;
        find_losses(now);
        if (recovering_ && !was_recovering) proportion(0);
    }
}

void LossRecovery::probe_sent(bool was_new) {
    wants_probe_ = false;
    probing_ = true;
    probe_was_new_ = was_new;
    probe_was_needless_ = false;
    probe_end_ = flight_.end();
    alarm_ = Alarm::none;
}

/// If the probe repeated what was lost, only its arrival tells of the loss (RFC 8985, section 7.4).
void LossRecovery::end_probe(Sequence number) {
    if (!probing_ || before(number, probe_end_)) return;
    // The first transmission may have arrived, and the probe's duplicate is yet to be reported.
    const bool may_be_needless = !probe_was_new_ && !probe_was_needless_ && number == probe_end_;
    if (may_be_needless) return;
    probing_ = false;
    if (probe_was_new_ || probe_was_needless_ || recovering_ || after_timeout_) return;
    threshold_ = cubic_.shrink(window_);
    window_ = threshold_;
}

}  // namespace tenon::net
