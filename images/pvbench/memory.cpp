// SPDX-License-Identifier: Apache-2.0
// Memory: touching, allocating, reading and writing it.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>

#include "measures.h"
#include "system.h"

namespace pvbench {

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t mebibyte = 1 << 20;
constexpr char no_memory[] = "there is not enough memory";

struct Free {
    void operator()(void* memory) const { std::free(memory); }
};
using Block = std::unique_ptr<char, Free>;

std::size_t free_memory() {
    return static_cast<std::size_t>(sysconf(_SC_AVPHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

Block allocate(std::size_t size) { return Block(static_cast<char*>(aligned_alloc(page, size))); }

/// A block that is larger than the caches of most machines; smaller if there is little memory. Each page of it is
/// touched.
Block large_block(std::size_t& size, std::size_t most) {
    size = std::min(most, free_memory() / 8) / mebibyte * mebibyte;
    Block block = size == 0 ? nullptr : allocate(size);
    if (block) std::memset(block.get(), 1, size);
    return block;
}

void touch_pages(volatile char* memory, std::size_t size) {
    for (std::size_t i = 0; i < size; i += page) memory[i] = 1;
}

/// The speed of work(block, size), which passes over all of a large block.
template <typename Work>
Outcome bandwidth(const Options& options, Work work) {
    std::size_t size = 0;
    const Block block = large_block(size, 64 * mebibyte);
    if (!block) return LeaveOut(no_memory);
    return take_samples(options, {.samples = 100, .warm_up = 2}, [&] {
        return megabytes_per_second(static_cast<double>(size), time_of([&] { work(block.get(), size); }));
    });
}

}  // namespace

Outcome first_touch(const Options& options) {
    // Nothing is freed until the end: a page that comes back would not be touched for the first time.
    constexpr std::size_t chunk = 256 * 1024;
    const std::size_t chunks = std::min(64 * mebibyte, free_memory() / 4) / chunk / (options.repetitions + 1);
    if (chunks == 0) return LeaveOut(no_memory);
    std::vector<Block> blocks;
    return take_samples(options, {.samples = chunks, .warm_up = 1}, [&]() -> std::expected<double, std::string> {
        char* memory = blocks.emplace_back(allocate(chunk)).get();
        if (memory == nullptr) return LeaveOut(no_memory);
        return time_of([&] { touch_pages(memory, chunk); }) / (static_cast<double>(chunk) / page);
    });
}

Outcome page_fault(const Options& options) {
    constexpr std::size_t size = 256 * 1024;
    return take_samples(options, {.samples = 400, .warm_up = 20}, [&]() -> std::expected<double, std::string> {
        const auto pages = system::DemandPages::map(size);
        if (!pages) return LeaveOut(pages.error());
        return time_of([&] { touch_pages(pages->data(), size); }) / (static_cast<double>(size) / page);
    });
}

namespace {

Outcome allocation(const Options& options, std::size_t size) {
    constexpr int pairs = 1000;
    return take_samples(options, {.samples = 400, .warm_up = 20}, [&] {
        return time_of([&] {
                   for (int i = 0; i != pairs; ++i) {
                       void* memory = std::malloc(size);
                       keep(memory);
                       std::free(memory);
                   }
               }) /
               pairs;
    });
}

}  // namespace

Outcome allocate_small(const Options& options) { return allocation(options, 64); }
Outcome allocate_large(const Options& options) { return allocation(options, 256 * 1024); }

Outcome memory_read(const Options& options) {
    return bandwidth(options, [](const char* memory, std::size_t size) {
        const auto* words = reinterpret_cast<const std::uint64_t*>(memory);
        keep(std::accumulate(words, words + size / sizeof(*words), std::uint64_t{0}));
    });
}

Outcome memory_write(const Options& options) {
    return bandwidth(options, [](char* memory, std::size_t size) {
        std::memset(memory, 2, size);
        keep(memory);
    });
}

Outcome memory_copy(const Options& options) {
    return bandwidth(options, [](char* memory, std::size_t size) {
        // Half of the block is read, half of it written: `size` bytes move in all.
        std::memcpy(memory, memory + size / 2, size / 2);
        keep(memory);
    });
}

Outcome memory_latency(const Options& options) {
    // One word a cache line, each naming the next: one circle through all of them (Sattolo's shuffle).
    constexpr std::size_t line = 64;
    std::size_t size = 0;
    const Block block = large_block(size, 64 * mebibyte);
    if (!block) return LeaveOut(no_memory);
    const auto at = [&](std::size_t index) -> std::uint32_t& {
        return *reinterpret_cast<std::uint32_t*>(block.get() + index * line);
    };
    const auto count = static_cast<std::uint32_t>(size / line);
    for (std::uint32_t i = 0; i != count; ++i) at(i) = i;
    std::minstd_rand random(1);
    for (std::uint32_t i = count - 1; i > 0; --i)
        std::swap(at(i), at(std::uniform_int_distribution<std::uint32_t>(0, i - 1)(random)));
    std::uint32_t place = 0;
    constexpr int loads = 10'000;
    return take_samples(options, {.samples = 200, .warm_up = 10}, [&] {
        const double time = time_of([&] {
            for (int i = 0; i != loads; ++i) place = at(place);
            keep(place);
        });
        return time / loads;
    });
}

}  // namespace pvbench
