// SPDX-License-Identifier: Apache-2.0
// Requests for as many seconds as the first argument says: random reads of 4 KiB, 32 at a time ("random"), or 1 MiB, 4
// at a time, one behind the other ("read", "write"). Prints how many there were, and waits, so that the CPU time can be
// read.
#include <tenon/ready.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "kernel/device/block_device.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/wait.h"
#include "kernel/time/clock.h"

namespace {

using namespace tenon;

constexpr std::size_t most_depth = 32;

struct Pattern {
    std::size_t depth = most_depth;
    std::size_t block = 4096;
    BlockOperation operation = BlockOperation::read;
    bool random = true;
};
Pattern pattern_of(std::string_view mode) {
    if (mode == "read") return {4, 1 << 20, BlockOperation::read, false};
    if (mode == "write") return {4, 1 << 20, BlockOperation::write, false};
    return {};
}

/// Completed requests, from the interrupt to the thread.
struct Completed {
    std::array<BlockRequest*, most_depth> requests{};
    std::atomic<std::uint32_t> produced = 0;
    std::uint32_t consumed = 0;
    bool failed = false;

    static void note(BlockRequest& request) {
        auto& self = *static_cast<Completed*>(request.context);
        if (!request.result) self.failed = true;
        const std::uint32_t index = self.produced.load(std::memory_order_relaxed);
        self.requests[index % most_depth] = &request;
        self.produced.store(index + 1, std::memory_order_release);
        wake_address(self.produced);
    }
    /// Waits for at least one; returns how many.
    std::size_t take(std::array<BlockRequest*, most_depth>& batch) {
        while (produced.load(std::memory_order_acquire) == consumed) wait_on_address(produced, consumed);
        std::size_t count = 0;
        while (consumed != produced.load(std::memory_order_acquire)) batch[count++] = requests[consumed++ % most_depth];
        return count;
    }
};

struct Random {
    std::uint64_t state = 0x9E37'79B9'7F4A'7C15;
    std::uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        return state ^= state << 17;
    }
};

}  // namespace

int main(int argc, char** argv) {
    BlockDevice* disk = find_block_device("vda", 3);
    const Pattern pattern = pattern_of(argc > 2 ? argv[2] : "random");
    const auto [depth, block, operation, random_places] = pattern;
    auto* memory = static_cast<std::byte*>(dma_allocate(depth * block, 4096));
    if (disk == nullptr || memory == nullptr) return 1;
    const Nanoseconds seconds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5;
    const std::uint64_t blocks = disk->size() / block;

    Completed completed;
    Random random;
    std::array<BlockRequest, most_depth> requests;
    std::array<BlockPart, most_depth> parts;
    std::array<BlockRequest*, most_depth> batch;
    for (std::size_t i = 0; i < depth; ++i) {
        parts[i] = {memory + i * block, block};
        requests[i].operation = operation;
        requests[i].parts = std::span(&parts[i], 1);
        requests[i].completed = &Completed::note;
        requests[i].context = &completed;
        batch[i] = &requests[i];
    }
    tenon_ready();
    const Nanoseconds begin = monotonic_now();
    std::uint64_t done = 0, next = 0;
    std::size_t count = depth;
    while (monotonic_now() - begin < seconds * 1'000'000'000 && !completed.failed) {
        for (BlockRequest* request : std::span(batch).first(count))
            request->offset = (random_places ? random.next() : next++) % blocks * block;
        disk->submit(std::span<BlockRequest* const>(batch).first(count));
        count = completed.take(batch);
        done += count;
    }
    const auto took = static_cast<double>(monotonic_now() - begin) / 1e9;
    const BlockStatistics counted = disk->statistics();
    std::printf("%s %llu requests %.3f s %llu doorbells %llu interrupts\n", completed.failed ? "failed" : "done",
                static_cast<unsigned long long>(done), took, static_cast<unsigned long long>(counted.notifications),
                static_cast<unsigned long long>(counted.interrupts));
    std::fflush(stdout);
    for (;;) pause();
}
