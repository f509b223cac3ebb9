// SPDX-License-Identifier: Apache-2.0
// Which segments a frame at the device was made of, so that they can be freed when it has been sent.
#pragma once

#include <array>
#include <cstddef>

namespace tenon::net {

/// The segments of one frame. `Segment` is not owned.
template <typename Segment>
struct SegmentList {
    static constexpr std::size_t capacity = 16;
    std::array<Segment*, capacity> segments;
    std::size_t count;
    SegmentList* next_free;
};

/// A fixed number of lists, so that a batch costs no allocation. A list's memory is not touched before its first use.
/// The caller locks.
template <typename Segment, std::size_t size>
class SegmentListPool {
public:
    using List = SegmentList<Segment>;

    [[nodiscard]] bool empty() const { return free_ == nullptr && never_used_ == size; }
    /// A list with count 0; null if the pool is empty.
    [[nodiscard]] List* take() {
        if (empty()) return nullptr;
        List* list = free_;
        if (list != nullptr)
            free_ = list->next_free;
        else
            list = &lists_[never_used_++];
        list->count = 0;
        return list;
    }
    void give_back(List& list) {
        list.next_free = free_;
        free_ = &list;
    }

private:
    std::array<List, size> lists_{};
    List* free_ = nullptr;  // the last one given back first: it is in the cache
    std::size_t never_used_ = 0;
};

}  // namespace tenon::net
