// SPDX-License-Identifier: Apache-2.0
// Objects by number.
#include "kernel/fs/ext4/radix_tree.h"

#include "kernel/mm/heap.h"

namespace tenon::ext4 {

RadixTreeBase::~RadixTreeBase() {
    if (top_ != nullptr) free_nodes(*static_cast<Node*>(top_), levels_);
}

void RadixTreeBase::free_nodes(Node& node, unsigned level) {
    if (level > 1)
        for (void* branch : node.branch)
            if (branch != nullptr) free_nodes(*static_cast<Node*>(branch), level - 1);
    heap_free(&node);
}

void* RadixTreeBase::find(std::uint64_t key) const {
    if (!reaches(key)) return nullptr;
    void* place = top_;
    for (unsigned level = levels_; level != 0 && place != nullptr; --level)
        place = static_cast<Node*>(place)->branch[branch_of(key, level)];
    return place;
}

Outcome<> RadixTreeBase::insert(std::uint64_t key, void* object) {
    while (levels_ == 0 || !reaches(key)) {
        if (top_ != nullptr) {
            auto* above = static_cast<Node*>(heap_allocate_zeroed(sizeof(Node)));
            if (above == nullptr) return fail_with(ENOMEM);
            above->branch[0] = top_;
            above->used = 1;
            top_ = above;
        }
        ++levels_;
    }
    void** place = &top_;
    Node* parent = nullptr;
    for (unsigned level = levels_; level != 0; --level) {
        if (*place == nullptr) {
            // A node that stays empty is found again, or freed with the tree.
            auto* node = static_cast<Node*>(heap_allocate_zeroed(sizeof(Node)));
            if (node == nullptr) return fail_with(ENOMEM);
            *place = node;
            if (parent != nullptr) ++parent->used;
        }
        parent = static_cast<Node*>(*place);
        place = &parent->branch[branch_of(key, level)];
    }
    *place = object;
    ++parent->used;
    return {};
}

/// True: the node is empty and has been freed.
bool RadixTreeBase::erase(Node& node, unsigned level, std::uint64_t key) {
    void*& branch = node.branch[branch_of(key, level)];
    if (level == 1 || erase(*static_cast<Node*>(branch), level - 1, key)) {
        branch = nullptr;
        --node.used;
    }
    if (node.used != 0) return false;
    heap_free(&node);
    return true;
}

void RadixTreeBase::erase(std::uint64_t key) {
    if (!erase(*static_cast<Node*>(top_), levels_, key)) return;
    top_ = nullptr;
    levels_ = 0;
}

void* RadixTreeBase::next(const Node& node, unsigned level, std::uint64_t& key) {
    const std::uint64_t span = std::uint64_t{1} << ((level - 1) * branch_bits);
    for (std::size_t i = branch_of(key, level); i != branches; ++i) {
        void* branch = node.branch[i];
        if (branch != nullptr && level == 1) return branch;
        if (branch != nullptr) {
            // Without success the key is where the next branch begins.
            if (void* found = next(*static_cast<const Node*>(branch), level - 1, key); found != nullptr) return found;
        } else {
            key = (key & ~(span - 1)) + span;
        }
        if (key == 0) return nullptr;
    }
    return nullptr;
}

void* RadixTreeBase::next(std::uint64_t& key) const {
    if (top_ == nullptr || !reaches(key)) return nullptr;
    return next(*static_cast<const Node*>(top_), levels_, key);
}

}  // namespace tenon::ext4
