// SPDX-License-Identifier: Apache-2.0
// Spans of unacknowledged data: kept in order, split and joined.
#include "kernel/net/tcp/flight.h"

#include <algorithm>

#include "kernel/mm/heap.h"

namespace tenon::net {

Flight::~Flight() {
    if (spans_ != own_) heap_free(spans_);
}

void Flight::append(Sequence end, Microseconds now, Microseconds join_within) {
    if (!before(this->end(), end)) return;
    if (count_ != 0) {
        Span& last = spans_[count_ - 1];
        const bool is_new = !last.sacked && !last.lost && !last.resent;
        if (is_new && may_join_ && now - last_began_ <= join_within) {
            last.end = end;
            last.sent = now;
            return;
        }
    }
    last_began_ = now;
    may_join_ = true;
    if (insert(count_, {end, now})) return;
    // No memory: the last span's history is forgotten. At the worst some of it is sent twice.
    set(count_ - 1, {spans_[count_ - 1].end, now});
    spans_[count_ - 1].end = end;
}

bool Flight::grow() {
    const std::size_t capacity = capacity_ * 2;
    auto* spans = static_cast<Span*>(heap_allocate(capacity * sizeof(Span)));
    if (spans == nullptr) return false;
    std::copy_n(spans_, count_, spans);
    if (spans_ != own_) heap_free(spans_);
    spans_ = spans;
    capacity_ = capacity;
    return true;
}

bool Flight::insert(std::size_t at, const Span& span) {
    if (count_ == capacity_ && !grow()) return false;
    std::copy_backward(spans_ + at, spans_ + count_, spans_ + count_ + 1);
    spans_[at] = span;
    ++count_;
    return true;
}

bool Flight::split(std::size_t i, Sequence at) {
    Span front = spans_[i];
    front.end = at;
    return insert(i, front);
}

void Flight::count_out(const Span& span, std::uint32_t size) {
    if (span.sacked) sacked_ -= size;
    if (span.lost) lost_ -= size;
}

void Flight::set(std::size_t i, const Span& span) {
    const std::uint32_t size = range(i).size();
    count_out(spans_[i], size);
    spans_[i] = span;
    if (span.sacked) sacked_ += size;
    if (span.lost) lost_ += size;
}

void Flight::drop_front(std::size_t count) {
    if (count == 0) return;
    std::copy(spans_ + count, spans_ + count_, spans_);
    count_ -= count;
    if (count_ == 0 && spans_ != own_) {
        heap_free(spans_);
        spans_ = own_;
        capacity_ = own_count;
    }
}

void Flight::join_selected() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        if (kept != 0 && spans_[kept - 1].sacked && spans_[i].sacked)
            spans_[kept - 1] = spans_[i];
        else
            spans_[kept++] = spans_[i];
    }
    count_ = kept;
}

void Flight::lose_front(std::uint32_t size) {
    if (count_ == 0 || spans_[0].sacked || spans_[0].lost) return;
    if (size < range(0).size() && !split(0, begin_ + size)) return;
    set(0, {spans_[0].end, spans_[0].sent, false, true, spans_[0].resent});
}

void Flight::hope() {
    for (std::size_t i = 0; i < count_; ++i) spans_[i].lost = false;
    lost_ = 0;
}

void Flight::forget_selected() {
    for (std::size_t i = 0; i < count_; ++i) spans_[i].sacked = false;
    sacked_ = 0;
}

std::uint32_t Flight::resent_in_network() const {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < count_; ++i)
        if (spans_[i].resent && !spans_[i].sacked && !spans_[i].lost) sum += range(i).size();
    return sum;
}

SequenceRange Flight::first_lost(std::uint32_t size) const {
    for (std::size_t i = 0; lost_ != 0 && i < count_; ++i) {
        if (!spans_[i].lost) continue;
        const SequenceRange found = range(i);
        return {found.begin, found.begin + std::min(size, found.size())};
    }
    return {begin_, begin_};
}

void Flight::resent(SequenceRange sent, Microseconds now) {
    may_join_ = false;
    for (std::size_t i = 0; i < count_; ++i) {
        if (!before(sent.begin, spans_[i].end)) continue;
        if (before(range(i).begin, sent.begin)) {
            if (!split(i, sent.begin)) return;
            continue;
        }
        if (before(sent.end, spans_[i].end) && !split(i, sent.end)) return;
        if (!spans_[i].sacked) set(i, {spans_[i].end, now, false, false, true});
        return;
    }
}

}  // namespace tenon::net
