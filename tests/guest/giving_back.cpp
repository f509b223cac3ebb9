// SPDX-License-Identifier: Apache-2.0
// Memory that was freed goes back: from the heap to the page allocator, and from there to the host.
#include <tenon/memory.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "balloon/reporting.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/reclaim/page_out.h"
#include "kernel/reclaim/reclaim.h"
#include "kernel/sched/stack_cache.h"
#include "kernel/sched/thread.h"
#include "kernel/time/clock.h"
#include "tests/guest/test.h"

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

tenon_memory_statistics statistics() {
    tenon_memory_statistics now;
    tenon_get_memory_statistics(&now);
    return now;
}

template <typename Condition>
bool within_seconds(std::uint64_t seconds, Condition&& condition) {
    const tenon::Nanoseconds deadline = tenon::monotonic_now() + seconds * 1'000'000'000;
    while (!condition()) {
        if (tenon::monotonic_now() >= deadline) return false;
        tenon::Thread::sleep_until(tenon::monotonic_now() + 5'000'000);
    }
    return true;
}

void need_reporting() {
    if (!within_seconds(2, [] { return tenon::balloon::may_report(); }))
        tenon::test::skip("there is no device that takes reports");
}

std::vector<std::unique_ptr<char[]>> touch(std::size_t mebibytes) {
    std::vector<std::unique_ptr<char[]>> blocks;
    for (std::size_t i = 0; i != mebibytes; ++i) {
        blocks.push_back(std::make_unique_for_overwrite<char[]>(mebibyte));
        std::memset(blocks.back().get(), 0x5A, mebibyte);
    }
    return blocks;
}

std::atomic<int> pressure_calls = 0;

/// A shrinker that frees memory, but reports that it gave none.
std::vector<std::unique_ptr<char[]>> secret;
std::uint64_t give_in_secret(std::uint64_t) {
    secret.clear();
    return 0;
}
TENON_SHRINKER(balloon, give_in_secret);

}  // namespace

GUEST_TEST(freed_memory_is_reported_to_the_host_after_a_moment) {
    need_reporting();
    const std::uint64_t reported = statistics().reported;
    auto blocks = touch(16);
    blocks.clear();
    EXPECT(within_seconds(30, [&] { return statistics().reported >= reported + 16 * mebibyte; }));
    const auto now = statistics();
    EXPECT(now.free - now.released < 8 * mebibyte);
}

GUEST_TEST(reported_memory_reads_as_zeros_where_calloc_relies_on_it) {
    need_reporting();
    auto blocks = touch(32);
    blocks.clear();
    tenon::reclaim_now();
    for (int i = 0; i != 8; ++i) {
        auto* bytes = static_cast<unsigned char*>(std::calloc(4 * mebibyte, 1));
        EXPECT(bytes != nullptr);
        for (std::size_t at = 0; at < 4 * mebibyte; at += 64) EXPECT(bytes[at] == 0);
        std::memset(bytes, 0xFF, 4 * mebibyte);
        std::free(bytes);
    }
}

GUEST_TEST(reclaim_now_reports_down_to_single_pages) {
    need_reporting();
    void* pages[64];
    for (void*& page : pages) {
        page = tenon::allocate_pages(0);
        std::memset(page, 1, tenon::page_size);
    }
    for (std::size_t i = 0; i < 64; i += 2) tenon::free_pages(pages[i], 0);
    tenon::reclaim_now();
    // The host holds no memory for free pages any more, except for those freed since.
    const auto now = statistics();
    EXPECT(now.free - now.released <= 16 * tenon::page_size);
    for (std::size_t i = 1; i < 64; i += 2) tenon::free_pages(pages[i], 0);
}

GUEST_TEST(stacks_of_ended_threads_are_free_again) {
    {
        std::jthread warm_up([] {});
    }
    tenon_trim_memory();
    const std::uint64_t before = statistics().free;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 16; ++i)
            threads.emplace_back([] {
                volatile char used[16'384];
                used[0] = 1;
                (void)used[0];
            });
    }
    tenon_trim_memory();
    EXPECT(within_seconds(5, [&] { return tenon_trim_memory(), statistics().free >= before; }));
}

GUEST_TEST(a_thread_takes_the_stack_of_one_that_has_ended) {
    (void)tenon::drop_cached_stacks();
    {
        std::jthread ended([] {});
    }
    // The thread's memory is freed after it has been joined.
    EXPECT(within_seconds(5, [] { return tenon::drop_cached_stacks() == tenon::default_stack_size; }));
    EXPECT(tenon::drop_cached_stacks() == 0);
    void* stack = tenon::take_stack(5);
    tenon::give_stack(stack, 5);
    EXPECT(tenon::take_stack(5) == stack);
    // None is left, and another size is not kept.
    EXPECT(tenon::drop_cached_stacks() == 0);
    tenon::give_stack(stack, 5);
    void* small = tenon::take_stack(2);
    tenon::give_stack(small, 2);
    EXPECT(tenon::drop_cached_stacks() == tenon::default_stack_size);
    // No more than a few, however many end.
    std::vector<void*> stacks;
    for (int i = 0; i != 32; ++i) stacks.push_back(tenon::take_stack(5));
    for (void* each : stacks) tenon::give_stack(each, 5);
    EXPECT(tenon::drop_cached_stacks() <= 16 * tenon::default_stack_size);
}

GUEST_TEST(allocations_succeed_while_free_memory_is_being_reported) {
    need_reporting();
    for (int round = 0; round != 3; ++round) {
        auto blocks = touch(64);
        blocks.clear();
        std::jthread reclaimer([] { tenon::reclaim_now(); });
        // Allocates as much as was free, at once.
        auto again = touch(64);
        EXPECT(again.size() == 64);
    }
}

GUEST_TEST(a_program_hears_when_memory_is_short) {
    const std::uint64_t calls = statistics().pressure_calls;
    pressure_calls.store(0);
    EXPECT(tenon_set_memory_pressure_handler([](std::uint64_t) { pressure_calls.fetch_add(1); }) == 0);
    std::vector<std::unique_ptr<char[]>> blocks;
    while (statistics().free > statistics().total / 20)
        blocks.push_back(std::make_unique_for_overwrite<char[]>(mebibyte));
    EXPECT(within_seconds(10, [] { return pressure_calls.load() != 0; }));
    EXPECT(statistics().pressure_calls > calls);
    blocks.clear();
    EXPECT(tenon_set_memory_pressure_handler(nullptr) == 0);
    const int heard = pressure_calls.load();
    while (statistics().free > statistics().total / 20)
        blocks.push_back(std::make_unique_for_overwrite<char[]>(mebibyte));
    EXPECT(pressure_calls.load() == heard);
}

GUEST_TEST(paging_out_keeps_what_was_written) {
    auto blocks = touch(4);
    for (std::size_t i = 0; i != blocks.size(); ++i) blocks[i][4096 * i] = static_cast<char>(i);
    const std::uint64_t before = statistics().paged_out;
    tenon::page_out_memory(8 * mebibyte);
    EXPECT(statistics().paged_out >= before + 4 * mebibyte);
    EXPECT(statistics().paged_out <= before + 8 * mebibyte);
    // A request for more than there is ends after one pass over memory.
    tenon::page_out_memory(UINT64_MAX);
    for (std::size_t i = 0; i != blocks.size(); ++i) {
        EXPECT(blocks[i][4096 * i] == static_cast<char>(i));
        EXPECT(blocks[i][mebibyte - 1] == 0x5A);
    }
}

GUEST_TEST(an_allocation_finds_what_came_back_while_it_asked_around) {
    std::vector<std::unique_ptr<char[]>> all;
    all.reserve(16384);
    secret.reserve(64);
    while (char* block = new (std::nothrow) char[mebibyte]) all.emplace_back(block);
    EXPECT(all.size() > 2);
    for (std::size_t i = 0; i != std::min<std::size_t>(all.size() / 2, 64); ++i) {
        secret.push_back(std::move(all.back()));
        all.pop_back();
    }
    const std::unique_ptr<char[]> block(new (std::nothrow) char[mebibyte]);
    EXPECT(block != nullptr);
    EXPECT(secret.empty());
}
