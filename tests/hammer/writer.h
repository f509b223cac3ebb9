// SPDX-License-Identifier: Apache-2.0
// A thread that writes to pages at random moments, and notices when a write was lost.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "kernel/sched/thread.h"
#include "tests/hammer/numbers.h"

namespace hammer {

/// A page holds zeros, except for at most one word, which only its writer changes and remembers.
class Writer {
public:
    /// Owns `count` pages at `pages`, for as long as it lives. Runs at a higher priority than the thread that drops
    /// pages, woken by the timer at random moments: so it interrupts the dropping at every instruction sooner or later.
    /// `drops` is the number of drops so far: on a slow machine the writer leaves them more time.
    Writer(std::byte* pages, std::size_t count, std::uint64_t seed, const std::atomic<std::uint64_t>& drops);

    void start();
    void stop() { stopping_.store(true); }
    void join();

    [[nodiscard]] std::uint64_t writes() const { return writes_.load(); }
    [[nodiscard]] std::uint64_t lost() const { return lost_.load(); }

private:
    struct Expected {
        std::size_t word = 0;
        std::uint64_t value = 0;
    };

    void run();
    void step();

    std::byte* pages_;
    std::vector<Expected> expected_;
    Numbers random_;
    const std::atomic<std::uint64_t>& drops_;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::uint64_t> writes_ = 0;
    std::atomic<std::uint64_t> lost_ = 0;
    tenon::Thread* thread_ = nullptr;
};

}  // namespace hammer
