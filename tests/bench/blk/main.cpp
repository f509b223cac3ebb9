// SPDX-License-Identifier: Apache-2.0
// Random reads of 4 KiB, 32 at a time, for as many seconds as the first argument says. Prints how many there were, and
// waits, so that the CPU time can be read.
#include <tenon/ready.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "kernel/device/block_device.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/wait.h"
#include "kernel/time/clock.h"

namespace {

using namespace tenon;

constexpr std::size_t depth = 32;
constexpr std::size_t block = 4096;

/// Completed requests, from the interrupt to the thread.
struct Completed {
    std::array<BlockRequest*, depth> requests{};
    std::atomic<std::uint32_t> produced = 0;
    std::uint32_t consumed = 0;
    bool failed = false;

    static void note(BlockRequest& request) {
        auto& self = *static_cast<Completed*>(request.context);
        if (!request.result) self.failed = true;
        const std::uint32_t index = self.produced.load(std::memory_order_relaxed);
        self.requests[index % depth] = &request;
        self.produced.store(index + 1, std::memory_order_release);
        wake_address(self.produced);
    }
    /// Waits for at least one; returns how many.
    std::size_t take(std::array<BlockRequest*, depth>& batch) {
        while (produced.load(std::memory_order_acquire) == consumed) wait_on_address(produced, consumed);
        std::size_t count = 0;
        while (consumed != produced.load(std::memory_order_acquire)) batch[count++] = requests[consumed++ % depth];
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
    auto* memory = static_cast<std::byte*>(dma_allocate(depth * block, block));
    if (disk == nullptr || memory == nullptr) return 1;
    const Nanoseconds seconds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 5;
    const std::uint64_t blocks = disk->size() / block;

    Completed completed;
    Random random;
    std::array<BlockRequest, depth> requests;
    std::array<BlockPart, depth> parts;
    std::array<BlockRequest*, depth> batch;
    for (std::size_t i = 0; i < depth; ++i) {
        parts[i] = {memory + i * block, block};
        requests[i].operation = BlockOperation::read;
        requests[i].parts = std::span(&parts[i], 1);
        requests[i].completed = &Completed::note;
        requests[i].context = &completed;
        batch[i] = &requests[i];
    }
    tenon_ready();
    const Nanoseconds begin = monotonic_now();
    std::uint64_t done = 0;
    std::size_t count = depth;
    while (monotonic_now() - begin < seconds * 1'000'000'000 && !completed.failed) {
        for (BlockRequest* request : std::span(batch).first(count)) request->offset = random.next() % blocks * block;
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
