// SPDX-License-Identifier: Apache-2.0
// A thread that writes to pages at random moments, and notices when a write was lost.
#include "tests/hammer/writer.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "kernel/base/address.h"
#include "kernel/time/clock.h"

namespace hammer {

namespace {

constexpr std::size_t words_in_page = tenon::page_size / sizeof(std::uint64_t);
constexpr int most_steps = 64;
constexpr tenon::Nanoseconds shortest_limit = 200'000, longest_limit = 100'000'000;

}  // namespace

Writer::Writer(std::byte* pages, std::size_t count, std::uint64_t seed, const std::atomic<std::uint64_t>& drops)
    : pages_(pages), expected_(count), random_(seed), drops_(drops) {}

void Writer::start() {
    const tenon::Thread::Options options{.name = "writer", .priority = tenon::Priority::network};
    const auto made = tenon::Thread::create(
        options, [](void* writer) { static_cast<Writer*>(writer)->run(); }, this);
    if (!made) {
        std::puts("no memory for a writer");
        std::exit(2);
    }
    thread_ = *made;
}

void Writer::join() { tenon::Thread::join(*thread_); }

void Writer::run() {
    tenon::Nanoseconds longest_pause = shortest_limit;
    for (std::uint64_t seen = 0; !stopping_.load(std::memory_order_relaxed);) {
        tenon::Thread::sleep_until(tenon::monotonic_now() + random_.below(longest_pause));
        const std::uint64_t now = drops_.load(std::memory_order_relaxed);
        longest_pause = now == seen ? std::min(longest_pause * 2, longest_limit)
                                    : std::max(longest_pause - longest_pause / 4, shortest_limit);
        seen = now;
        for (auto steps = random_.below(most_steps); steps != 0; --steps) step();
    }
    // Every page is looked at once more.
    for (std::size_t i = 0; i != expected_.size() * 16; ++i) step();
}

void Writer::step() {
    const std::size_t page = random_.below(expected_.size());
    Expected& expected = expected_[page];
    auto* words = reinterpret_cast<volatile std::uint64_t*>(pages_ + page * tenon::page_size);
    if (words[expected.word] != expected.value) lost_.fetch_add(1, std::memory_order_relaxed);
    words[expected.word] = 0;
    expected.word = random_.below(words_in_page);
    // Half of the pages hold nothing but zeros at any time.
    expected.value = random_.below(2) == 0 ? 0 : random_() | 1;
    words[expected.word] = expected.value;
    writes_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace hammer
