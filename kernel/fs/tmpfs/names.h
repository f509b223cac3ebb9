// SPDX-License-Identifier: Apache-2.0
// The names in a directory.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/fs/inode.h"

namespace tenon::tmpfs {

/// A name, and what it stands for. Its cookie is its name's hash, and a number that tells equal hashes apart.
struct Name {
    Name* next;
    std::uint64_t cookie;
    InodeReference inode;
    std::uint8_t size;
    char text[];
    [[nodiscard]] std::string_view view() const { return {text, size}; }
};

/// A hash table whose order is that of the hashes: the first bits choose the chain, and each chain is sorted. So a
/// listing goes on at a cookie, whatever has come and gone, and also after the table has grown. The caller locks.
class Names {
public:
    /// `seed` is secret, so that nobody can choose names with equal hashes.
    explicit Names(std::uint64_t seed) : seed_(seed) {}
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;
    ~Names();

    [[nodiscard]] Name* find(std::string_view text) const;
    /// `text` is not there yet. Error: ENOMEM.
    Outcome<Name*> add(std::string_view text, InodeReference inode);
    void remove(Name& name);
    /// The one behind `cookie`, or null; 0 is ahead of the first.
    [[nodiscard]] Name* after(std::uint64_t cookie) const;
    [[nodiscard]] std::size_t count() const { return count_; }

    static constexpr unsigned cookie_bits = 62;

private:
    static constexpr unsigned number_bits = 16;
    [[nodiscard]] std::uint64_t hash(std::string_view text) const;
    [[nodiscard]] Name*& chain(std::uint64_t cookie) const { return chains_[cookie >> (cookie_bits - bits_)]; }
    /// Where `cookie` is in its chain, or would be.
    [[nodiscard]] Name** place(std::uint64_t cookie) const;
    /// Without memory the table stays as it is.
    void resize(unsigned bits);

    Name** chains_ = nullptr;
    unsigned bits_ = 0;
    std::atomic<std::size_t> count_ = 0;  // may be read without the lock
    std::uint64_t seed_;
};

}  // namespace tenon::tmpfs
