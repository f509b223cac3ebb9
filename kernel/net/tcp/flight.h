// SPDX-License-Identifier: Apache-2.0
// The data of a connection that was sent and is not acknowledged, and what became of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::net {

/// Numbers of bytes of a stream; they wrap.
using Sequence = std::uint32_t;
/// A clock that wraps after 71 minutes; only differences count.
using Microseconds = std::uint32_t;

constexpr bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

struct SequenceRange {
    Sequence begin, end;
    [[nodiscard]] constexpr std::uint32_t size() const { return end - begin; }
};

/// Consecutive spans of data, each with one history. What is sent at about the same time shares a span, so that their
/// number depends on what is lost, not on the window. With the core lock held.
class Flight {
public:
    struct Span {
        Sequence end = 0;
        Microseconds sent = 0;  ///< last
        bool sacked = false;    ///< The peer has it (RFC 2018).
        bool lost = false;      ///< To be sent again.
        bool resent = false;
    };

    explicit Flight(Sequence begin) : begin_(begin) {}
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;
    ~Flight();

    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::size_t spans() const { return count_; }
    [[nodiscard]] const Span& operator[](std::size_t i) const { return spans_[i]; }
    [[nodiscard]] SequenceRange range(std::size_t i) const {
        return {i == 0 ? begin_ : spans_[i - 1].end, spans_[i].end};
    }

    [[nodiscard]] Sequence begin() const { return begin_; }
    [[nodiscard]] Sequence end() const { return empty() ? begin_ : spans_[count_ - 1].end; }
    [[nodiscard]] std::uint32_t outstanding() const { return end() - begin_; }
    [[nodiscard]] std::uint32_t sacked() const { return sacked_; }
    [[nodiscard]] std::uint32_t lost() const { return lost_; }
    /// What the network still holds (RFC 6675: pipe).
    [[nodiscard]] std::uint32_t in_network() const { return outstanding() - sacked_ - lost_; }
    /// The part of it that was sent again.
    [[nodiscard]] std::uint32_t resent_in_network() const;

    /// New data up to `end`; a span that began less than `join_within` ago takes it in.
    void append(Sequence end, Microseconds now, Microseconds join_within);

    /// Everything up to `end` has arrived. Calls `arrived(span, range)` for what was not known to be there.
    template <typename Visit>
    void acknowledge(Sequence end, Visit&& arrived) {
        std::size_t done = 0;
        for (; done < count_ && !before(end, spans_[done].end); ++done) {
            const Span& span = spans_[done];
            if (!span.sacked) arrived(span, range(done));
            count_out(span, range(done).size());
            begin_ = span.end;
        }
        drop_front(done);
        if (!before(begin_, end)) return;
        if (count_ == 0) {
            begin_ = end;
            return;
        }
        const std::uint32_t part = end - begin_;
        if (spans_[0].sacked) sacked_ -= part;
        if (spans_[0].lost) lost_ -= part;
        begin_ = end;
    }

    /// The peer has this range. Calls `arrived(span, range)` for what was not known to be there.
    template <typename Visit>
    void select(SequenceRange block, Visit&& arrived) {
        for (std::size_t i = 0; i < count_; ++i) {
            if (!before(block.begin, spans_[i].end)) continue;
            if (!before(range(i).begin, block.end)) break;
            if (spans_[i].sacked) continue;
            if (before(range(i).begin, block.begin)) {
                if (!split(i, block.begin)) return;
                continue;
            }
            if (before(block.end, spans_[i].end) && !split(i, block.end)) return;
            arrived(spans_[i], range(i));
            set(i, {spans_[i].end, spans_[i].sent, true, false, spans_[i].resent});
        }
        join_selected();
    }

    /// Everything for which `predicate(span)` holds, of what may still arrive, counts as lost. Returns whether there
    /// was any.
    template <typename Predicate>
    bool lose(Predicate&& predicate) {
        bool any = false;
        for (std::size_t i = 0; i < count_; ++i) {
            const Span& span = spans_[i];
            if (span.sacked || span.lost || !predicate(span)) continue;
            set(i, {span.end, span.sent, false, true, span.resent});
            any = true;
        }
        return any;
    }
    /// The first `size` bytes count as lost.
    void lose_front(std::uint32_t size);
    /// What counts as lost may still arrive.
    void hope();
    /// The peer has dropped what it had selected (RFC 2018, section 8).
    void forget_selected();

    /// The first data to be sent again, at most `size` bytes; empty: there is none.
    [[nodiscard]] SequenceRange first_lost(std::uint32_t size) const;
    /// The range, which lies in one span, was sent again.
    void resent(SequenceRange range, Microseconds now);

private:
    static constexpr std::size_t own_count = 6;

    [[nodiscard]] bool insert(std::size_t at, const Span& span);
    [[nodiscard]] bool grow();
    /// Makes [begin of i, at) a span of its own, which has index i.
    [[nodiscard]] bool split(std::size_t i, Sequence at);
    void set(std::size_t i, const Span& span);
    void count_out(const Span& span, std::uint32_t size);
    void drop_front(std::size_t count);
    void join_selected();

    Span own_[own_count];  // enough while nothing is lost
    Span* spans_ = own_;
    std::size_t count_ = 0, capacity_ = own_count;
    Sequence begin_;
    std::uint32_t sacked_ = 0, lost_ = 0;
    bool may_join_ = false;        // Nothing was sent again since the last span began: their order in time stays known.
    Microseconds last_began_ = 0;  // the last span's first byte was sent then
};

}  // namespace tenon::net
