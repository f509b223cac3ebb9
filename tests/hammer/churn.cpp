// SPDX-License-Identifier: Apache-2.0
// A thread that allocates, fills, checks and frees large blocks.
#include "tests/hammer/churn.h"

#include <cstdio>
#include <cstdlib>

#include "kernel/base/address.h"
#include "kernel/time/clock.h"

namespace hammer {

namespace {

constexpr std::size_t most_pages = 128;
constexpr tenon::Nanoseconds longest_pause = 2'000'000;
/// One word of each page: the host takes memory by pages.
constexpr std::size_t step = tenon::page_size / sizeof(std::uint64_t);

}  // namespace

void Churn::start() {
    const tenon::Thread::Options options{.name = "churn", .priority = tenon::Priority::network};
    const auto made = tenon::Thread::create(
        options, [](void* churn) { static_cast<Churn*>(churn)->run(); }, this);
    if (!made) {
        std::puts("no memory for a thread");
        std::exit(2);
    }
    thread_ = *made;
}

void Churn::stop() {
    stopping_.store(true);
    tenon::Thread::join(*thread_);
}

void Churn::run() {
    while (!stopping_.load(std::memory_order_relaxed)) {
        tenon::Thread::sleep_until(tenon::monotonic_now() + random_.below(longest_pause));
        replace(held_[random_.below(held_.size())]);
    }
    for (Block& block : held_) {
        if (!intact(block)) damaged_.fetch_add(1);
        std::free(block.words);
    }
}

bool Churn::intact(const Block& block) {
    for (std::size_t i = 0; i < block.count; i += step)
        if (block.words[i] != block.value + i) return false;
    return true;
}

void Churn::replace(Block& block) {
    if (!intact(block)) damaged_.fetch_add(1);
    std::free(block.words);
    block.count = (1 + random_.below(most_pages)) * step;
    block.words = static_cast<std::uint64_t*>(std::malloc(block.count * sizeof(std::uint64_t)));
    if (block.words == nullptr) block.count = 0;  // the balloon has it
    block.value = random_();
    for (std::size_t i = 0; i < block.count; i += step) block.words[i] = block.value + i;
    blocks_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace hammer
