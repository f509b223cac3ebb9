// SPDX-License-Identifier: Apache-2.0
// A thread that allocates, fills, checks and frees large blocks, while the balloon and the reports take what is free.
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "kernel/sched/thread.h"
#include "tests/hammer/numbers.h"

namespace hammer {

class Churn {
public:
    void start();
    /// Returns when the thread has ended.
    void stop();

    [[nodiscard]] std::uint64_t blocks() const { return blocks_.load(); }
    /// Blocks whose contents were not as written.
    [[nodiscard]] std::uint64_t damaged() const { return damaged_.load(); }

private:
    struct Block {
        std::uint64_t* words = nullptr;
        std::size_t count = 0;
        std::uint64_t value = 0;
    };

    void run();
    void replace(Block& block);
    [[nodiscard]] static bool intact(const Block& block);

    Numbers random_{99};
    std::vector<Block> held_{16};
    std::atomic<bool> stopping_ = false;
    std::atomic<std::uint64_t> blocks_ = 0;
    std::atomic<std::uint64_t> damaged_ = 0;
    tenon::Thread* thread_ = nullptr;
};

}  // namespace hammer
