// SPDX-License-Identifier: Apache-2.0
// The lost-write hammer: pages are dropped as fast as can be while threads write to them at random moments, and blocks
// are allocated, checked and freed under the balloon's and the reports' hands. No write may be lost.
//
//   hammer DROPS [unsafe]     `unsafe` drops without stopping writers, and must lose writes: the hammer can fail
//
// Written for any number of vCPUs: drop_zero_pages() itself keeps writers out.
#include <atomic>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "balloon/reporting.h"
#include "balloon/zero_drop.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/base/address.h"
#include "kernel/mm/host_pages.h"
#include "tests/hammer/churn.h"
#include "tests/hammer/writer.h"

namespace {

using namespace tenon;
using namespace hammer;

constexpr std::size_t writer_count = 4;
constexpr PageIndex pages_each = balloon::chunk_pages / writer_count;

/// A chunk of pages, aligned to one.
std::byte* make_arena() {
    constexpr std::size_t size = balloon::chunk_pages * page_size;
    auto* arena = static_cast<std::byte*>(aligned_alloc(size, size));
    if (arena == nullptr) std::exit(2);
    std::memset(arena, 0, size);
    return arena;
}

PageIndex page_of(const std::byte* address) {
    return static_cast<PageIndex>(to_integer(to_physical(address)) / page_size);
}

/// drop_zero_pages() without running alone: writes may come between the check and the drop.
std::uint32_t drop_carelessly(std::byte* arena, balloon::ZeroTest is_zero) {
    std::uint64_t zero = 0;
    for (PageIndex page = 0; page != balloon::chunk_pages; ++page)
        if (is_zero(arena + std::size_t{page} * page_size)) zero |= std::uint64_t{1} << page;
    std::vector<balloon::PageRun> runs;
    balloon::for_each_run(zero, page_of(arena), [&](balloon::PageRun run) {
        if (!drop_pages(arena + std::size_t{run.first - page_of(arena)} * page_size, run.count * page_size))
            runs.push_back(run);
    });
    if (!balloon::tell_device(runs)) return 0;
    return static_cast<std::uint32_t>(std::popcount(zero));
}

bool wait_for_device() {
    const Nanoseconds deadline = monotonic_now() + 10'000'000'000;
    while (!balloon::may_report_in_use()) {
        if (monotonic_now() > deadline) return false;
        Thread::sleep_until(monotonic_now() + 1'000'000);
    }
    return true;
}

struct Outcome {
    std::uint64_t drops = 0, writes = 0, lost = 0, blocks = 0, damaged = 0;
};

Outcome hammer_on(std::uint64_t wanted, bool careless) {
    std::byte* arena = make_arena();
    std::atomic<std::uint64_t> drops = 0;
    std::vector<std::unique_ptr<Writer>> writers;
    for (std::size_t i = 0; i != writer_count; ++i) {
        writers.push_back(std::make_unique<Writer>(arena + i * pages_each * page_size, pages_each, i + 1, drops));
        writers.back()->start();
    }
    Churn churn;
    churn.start();

    Outcome result;
    const balloon::ZeroTest is_zero = balloon::choose_zero_test(tenon_xstate_mask);
    while (drops < wanted)
        drops += careless ? drop_carelessly(arena, is_zero)
                          : static_cast<std::uint32_t>(
                                std::popcount(balloon::drop_zero_pages(page_of(arena), is_zero, 0).dropped));

    for (const auto& writer : writers) writer->stop();
    for (const auto& writer : writers) {
        writer->join();
        result.writes += writer->writes();
        result.lost += writer->lost();
    }
    churn.stop();
    result.drops = drops;
    result.blocks = churn.blocks();
    result.damaged = churn.damaged();
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t wanted = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0;
    const bool careless = argc == 3 && std::strcmp(argv[2], "unsafe") == 0;
    if (wanted == 0 || argc > 3 || (argc == 3 && !careless)) {
        std::puts("hammer DROPS [unsafe]");
        return 2;
    }
    if (!wait_for_device()) {
        std::puts("this machine has no balloon device that takes zero pages in use");
        return 2;
    }
    const Outcome result = hammer_on(wanted, careless);
    std::printf("drops %llu writes %llu lost %llu blocks %llu damaged %llu\n",
                static_cast<unsigned long long>(result.drops), static_cast<unsigned long long>(result.writes),
                static_cast<unsigned long long>(result.lost), static_cast<unsigned long long>(result.blocks),
                static_cast<unsigned long long>(result.damaged));
    return result.lost == 0 && result.damaged == 0 ? 0 : 1;
}
