// SPDX-License-Identifier: Apache-2.0
// A file's pages: those that were written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernel/base/outcome.h"
#include "kernel/fs/tmpfs/budget.h"

namespace tenon::tmpfs {

/// A tree with 64 branches at each node, as deep as the last page needs: one page alone has no node. The caller locks.
class SparsePages {
public:
    explicit SparsePages(Budget& budget) : budget_(budget) {}
    SparsePages(const SparsePages&) = delete;
    SparsePages& operator=(const SparsePages&) = delete;
    ~SparsePages() { cut(0); }

    /// Page number `index`, or null: a hole.
    [[nodiscard]] std::byte* find(std::uint64_t index) const;
    /// The same; a hole becomes a page: of zeros, unless all of it is going to be `overwritten`. Errors: ENOSPC (the
    /// budget), ENOMEM.
    [[nodiscard]] Outcome<std::byte*> obtain(std::uint64_t index, bool overwritten = false);
    /// Gives back the pages from `first` on.
    void cut(std::uint64_t first);

    static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
    /// The first page from `index` on that there is, or `none`.
    [[nodiscard]] std::uint64_t next_page(std::uint64_t index) const;
    /// The first hole from `index` on.
    [[nodiscard]] std::uint64_t next_hole(std::uint64_t index) const;
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    static constexpr unsigned branch_bits = 6;
    static constexpr std::size_t branches = 1 << branch_bits;
    /// Branches lead to nodes, on level 1 to pages. All zeros: no branch leads anywhere.
    struct Node {
        void* branch[branches];
    };

    /// How many pages one branch of a node on `level` leads to.
    static constexpr std::uint64_t span(unsigned level) { return std::uint64_t{1} << (branch_bits * (level - 1)); }
    [[nodiscard]] bool reaches(std::uint64_t index) const;
    [[nodiscard]] Outcome<> grow(std::uint64_t index);
    [[nodiscard]] Outcome<> make_page(void*& place, bool overwritten);
    /// True: nothing is left of `place`, which is then null.
    bool cut(void*& place, unsigned level, std::uint64_t first);
    [[nodiscard]] static std::uint64_t next_page(const void* place, unsigned level, std::uint64_t index);

    Budget& budget_;
    void* top_ = nullptr;
    unsigned levels_ = 0;  ///< 0: `top_` is page 0
    std::uint64_t count_ = 0;
};

}  // namespace tenon::tmpfs
