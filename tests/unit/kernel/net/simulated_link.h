// SPDX-License-Identifier: Apache-2.0
// A sender with LossRecovery, a receiver with SACK, and a link between them that drops and delays segments, in
// simulated time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "kernel/net/tcp/loss_recovery.h"

namespace tenon::test {

class SimulatedLink {
public:
    static constexpr std::uint32_t segment = 1000;
    static constexpr std::int64_t time_of_segment = 4;  ///< us: 2 Gbit/s
    static constexpr net::Sequence first = 0xFFFF0000;  // wraps soon

    struct Sent {
        std::uint32_t number;  ///< of all transmissions
        std::uint32_t index;   ///< of the segment
        bool again;
    };

    /// Whether a transmission is lost, and by how much it is late beyond `delay` (us). It may be negative.
    std::function<bool(const Sent&)> lost = [](const Sent&) { return false; };
    std::function<std::int64_t(const Sent&)> late = [](const Sent&) { return 0; };
    std::int64_t delay = 500;  ///< us, each way
    bool sack = true;
    std::uint32_t peer_window = 4'000'000;

    std::uint32_t transmissions = 0, again = 0, timeouts = 0, arrived_twice = 0;
    std::int64_t now = 1;

    explicit SimulatedLink(bool with_sack = true)
        : sack(with_sack),
          sender({.next = first, .segment = segment, .window = 10 * segment, .threshold = 1 << 22, .sack = with_sack}) {
    }

    /// Sends so many segments; returns the time that it takes (us), until all are acknowledged.
    std::int64_t transfer(std::uint32_t segments, std::int64_t time_limit = 3'600'000'000) {
        const std::int64_t began = now;
        to_send_ += segments * segment;
        send();
        while (acknowledged_ != to_send_ && now - began < time_limit) step();
        return now - began;
    }
    [[nodiscard]] bool complete() const { return acknowledged_ == to_send_; }

private:
    struct Event {
        bool to_receiver;
        net::SequenceRange range;  // a segment; or {number, number} of an acknowledgement
        std::vector<net::SequenceRange> blocks;
    };

    void transmit(net::SequenceRange range, bool is_again) {
        const Sent what{transmissions++, (range.begin - first) / segment, is_again};
        if (is_again) ++again;
        if (lost(what)) return;
        free_at_ = std::max(free_at_, now) + time_of_segment;
        events_.emplace(free_at_ + delay + late(what), Event{true, range, {}});
    }

    void send() {
        for (;;) {
            const net::SequenceRange range = sender.to_resend();
            if (range.size() == 0) break;
            transmit(range, true);
            sender.resent(range, clock());
        }
        while (sent_ < to_send_ && sent_ + segment - acknowledged_ <= std::min(sender.sendable(), peer_window)) {
            transmit({first + sent_, first + sent_ + segment}, false);
            sent_ += segment;
            sender.sent(first + sent_, clock());
        }
        if (!timeout_) timeout_ = now + sender.round_trip().timeout();
    }

    void step() {
        const std::int64_t no_time = INT64_MAX;
        const std::int64_t event = events_.empty() ? no_time : events_.begin()->first;
        const std::int64_t alarm = sender.alarm() == net::LossRecovery::Alarm::none
                                       ? no_time
                                       : now + static_cast<std::int32_t>(sender.alarm_time() - clock());
        const std::int64_t timeout = timeout_.value_or(no_time);
        now = std::max(now, std::min({event, alarm, timeout}));
        if (event <= now) {
            const Event happened = std::move(events_.begin()->second);
            events_.erase(events_.begin());
            if (happened.to_receiver)
                receive(happened.range);
            else
                take_acknowledgement(happened);
        } else if (alarm <= now) {
            sender.alarm_rang(clock());
            if (sender.wants_probe()) probe();
        } else {
            ++timeouts;
            sender.timed_out();
            timeout_.reset();
        }
        send();
    }

    void probe() {
        const bool is_new = sent_ < to_send_;
        if (is_new) {
            send();
        } else {
            const net::SequenceRange last{first + sent_ - segment, first + sent_};
            transmit(last, true);
            sender.resent(last, clock());
        }
        sender.probe_sent(is_new);
        timeout_ = now + sender.round_trip().timeout();
    }

    void receive(net::SequenceRange range) {
        Event answer{false, {}, {}};
        const auto index = (range.begin - first) / segment;
        if (index < next_ || held_.contains(index)) {
            ++arrived_twice;
            answer.blocks.push_back(range);
        } else {
            held_[index] = ++arrival_;
        }
        while (held_.erase(next_) != 0) ++next_;
        // The ranges that were added to last.
        std::vector<std::pair<std::uint32_t, net::SequenceRange>> ranges;
        for (const auto& [held, when] : held_) {
            const net::Sequence begin = first + held * segment;
            if (!ranges.empty() && ranges.back().second.end == begin) {
                ranges.back().second.end += segment;
                ranges.back().first = std::max(ranges.back().first, when);
            } else {
                ranges.push_back({when, {begin, begin + segment}});
            }
        }
        std::ranges::sort(ranges, [](const auto& a, const auto& b) { return a.first > b.first; });
        for (const auto& [when, block] : ranges)
            if (answer.blocks.size() < 4) answer.blocks.push_back(block);
        if (!sack) answer.blocks.clear();
        answer.range.begin = answer.range.end = first + next_ * segment;
        events_.emplace(now + delay, answer);
    }

    void take_acknowledgement(const Event& event) {
        const std::uint32_t number = event.range.begin - first;
        if (number < acknowledged_) return;
        sender.acknowledged({.number = event.range.begin, .blocks = event.blocks, .repeated = number == acknowledged_},
                            clock());
        if (number != acknowledged_) timeout_ = now + sender.round_trip().timeout();
        acknowledged_ = number;
    }

    [[nodiscard]] net::Microseconds clock() const { return static_cast<net::Microseconds>(now); }

public:
    net::LossRecovery sender;

private:
    std::multimap<std::int64_t, Event> events_;
    std::int64_t free_at_ = 0;
    std::optional<std::int64_t> timeout_;
    std::uint32_t sent_ = 0, to_send_ = 0, acknowledged_ = 0;  // from `first`
    std::uint32_t next_ = 0, arrival_ = 0;                     // of the receiver, in segments
    std::map<std::uint32_t, std::uint32_t> held_;
};

}  // namespace tenon::test
