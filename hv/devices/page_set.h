// SPDX-License-Identifier: Apache-2.0
// A set of pages by their frame numbers.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>

namespace hv {

/// One bit per page: 32 KiB per GiB, which become resident only where bits are set (the C library takes large blocks
/// from the kernel, zero-filled). Not thread-safe.
class PageSet {
public:
    /// Empties the set, and makes room for frames below `frames`. Without memory for that it takes no frames.
    void make_room(std::uint64_t frames) {
        count_ = 0;
        constexpr std::uint64_t bits = 64;
        words_.reset(static_cast<std::uint64_t*>(std::calloc((frames + bits - 1) / bits, sizeof(std::uint64_t))));
        frames_ = words_ != nullptr ? frames : 0;
    }
    void clear() {
        words_.reset();
        frames_ = count_ = 0;
    }

    /// Adds a frame. False: the set has it already, or has no room for it.
    [[nodiscard]] bool insert(std::uint64_t frame) {
        if (frame >= frames_ || (word(frame) & bit(frame)) != 0) return false;
        word(frame) |= bit(frame);
        ++count_;
        return true;
    }
    /// Removes a frame. False: the set does not have it.
    [[nodiscard]] bool erase(std::uint64_t frame) {
        if (frame >= frames_ || (word(frame) & bit(frame)) == 0) return false;
        word(frame) &= ~bit(frame);
        --count_;
        return true;
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    struct Free {
        void operator()(std::uint64_t* words) const { std::free(words); }
    };
    [[nodiscard]] std::uint64_t& word(std::uint64_t frame) const { return words_.get()[frame / 64]; }
    [[nodiscard]] static std::uint64_t bit(std::uint64_t frame) { return 1ULL << frame % 64; }

    std::unique_ptr<std::uint64_t, Free> words_;
    std::uint64_t frames_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace hv
