// SPDX-License-Identifier: Apache-2.0
// Timers by deadline: a skew heap whose links stand in the timers.
#pragma once

#include <utility>

#include "kernel/time/timer.h"

namespace tenon {

/// The timers of one clock. Sleator and Tarjan, "Self-Adjusting Heaps", 1986: O(log n) amortised, no allocation. The
/// caller locks.
class TimerHeap {
public:
    [[nodiscard]] Timer* first() const { return root_; }

    void insert(Timer& timer) {
        timer.left_ = timer.right_ = nullptr;
        timer.started_ = true;
        set_root(merge(root_, &timer));
    }

    /// `timer` is in the heap.
    void remove(Timer& timer) {
        Timer* parent = timer.parent_;
        Timer* rest = merge(timer.left_, timer.right_);
        if (parent == nullptr) {
            set_root(rest);
        } else {
            (parent->left_ == &timer ? parent->left_ : parent->right_) = rest;
            if (rest != nullptr) rest->parent_ = parent;
        }
        timer.parent_ = timer.left_ = timer.right_ = nullptr;
        timer.started_ = false;
    }

private:
    void set_root(Timer* root) {
        root_ = root;
        if (root != nullptr) root->parent_ = nullptr;
    }

    /// Merges along the right spines and swaps children on the way, which keeps the spines short.
    static Timer* merge(Timer* a, Timer* b) {
        Timer* result = nullptr;
        Timer* parent = nullptr;
        Timer** place = &result;
        while (a != nullptr && b != nullptr) {
            if (b->deadline_ < a->deadline_) std::swap(a, b);
            *place = a;
            a->parent_ = parent;
            parent = a;
            Timer* next = a->right_;
            a->right_ = a->left_;
            place = &a->left_;
            a = next;
        }
        *place = a != nullptr ? a : b;
        if (*place != nullptr) (*place)->parent_ = parent;
        return result;
    }

    Timer* root_ = nullptr;
};

}  // namespace tenon
