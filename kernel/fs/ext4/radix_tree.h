// SPDX-License-Identifier: Apache-2.0
// Objects by number: blocks, inodes, pages of a file.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/base/outcome.h"

namespace tenon::ext4 {

/// A tree with 64 branches at each node, as deep as the largest number needs. The caller locks.
class RadixTreeBase {
protected:
    RadixTreeBase() = default;
    RadixTreeBase(const RadixTreeBase&) = delete;
    RadixTreeBase& operator=(const RadixTreeBase&) = delete;
    ~RadixTreeBase();

    [[nodiscard]] void* find(std::uint64_t key) const;
    /// `object` is not null, and nothing is at `key` yet. Error: ENOMEM.
    Outcome<> insert(std::uint64_t key, void* object);
    void erase(std::uint64_t key);
    /// The first object from `key` on, and its number; or null.
    [[nodiscard]] void* next(std::uint64_t& key) const;

private:
    static constexpr unsigned branch_bits = 6;
    static constexpr std::size_t branches = 1 << branch_bits;
    struct Node {
        void* branch[branches];
        unsigned used;
    };
    [[nodiscard]] bool reaches(std::uint64_t key) const {
        return levels_ * branch_bits >= 64 || key >> (levels_ * branch_bits) == 0;
    }
    static std::size_t branch_of(std::uint64_t key, unsigned level) {
        return key >> ((level - 1) * branch_bits) & (branches - 1);
    }
    static void* next(const Node& node, unsigned level, std::uint64_t& key);
    static bool erase(Node& node, unsigned level, std::uint64_t key);
    static void free_nodes(Node& node, unsigned level);

    void* top_ = nullptr;  // a Node
    unsigned levels_ = 0;  // level 1 has the objects
};

/// Does not own its objects.
template <typename T>
class RadixTree : private RadixTreeBase {
public:
    [[nodiscard]] T* find(std::uint64_t key) const { return static_cast<T*>(RadixTreeBase::find(key)); }
    Outcome<> insert(std::uint64_t key, T& object) {
        CHECK(RadixTreeBase::insert(key, &object));
        ++count_;
        return {};
    }
    /// Something is at `key`.
    void erase(std::uint64_t key) {
        RadixTreeBase::erase(key);
        --count_;
    }
    /// The first object from `key` on, which becomes its number; null: there is none.
    [[nodiscard]] T* next(std::uint64_t& key) const { return static_cast<T*>(RadixTreeBase::next(key)); }
    [[nodiscard]] std::size_t count() const { return count_; }

private:
    std::size_t count_ = 0;
};

}  // namespace tenon::ext4
