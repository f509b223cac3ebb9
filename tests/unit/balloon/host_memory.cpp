// SPDX-License-Identifier: Apache-2.0
// The functions of kernel and host that the balloon calls, on the build machine.
#include "tests/unit/balloon/host_memory.h"

#include <cstring>
#include <map>

#include "hypercall/layout.h"
#include "kernel/mm/host_pages.h"
#include "kernel/mm/memory_counters.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/time/clock.h"

namespace tenon {

namespace test {

HostMemoryLog& host_memory() {
    static HostMemoryLog log;
    return log;
}

}  // namespace test

bool drop_pages(void* pages, std::size_t bytes) {
    if (!test::host_memory().guest_drops) return false;
    if (bytes == 0) return true;
    const auto offset = static_cast<std::uint64_t>(static_cast<std::byte*>(pages) - test::zone_base);
    if (offset < test::zone_size) {
        test::host_memory().dropped.push_back({offset / abi::page_size, bytes / abi::page_size});
    } else {
        std::memset(pages, 0, bytes);
        test::host_memory().dropped_records += bytes;
    }
    return true;
}

bool file_backed(const void*, std::size_t) { return test::host_memory().file_backed; }

namespace {
std::map<abi::MemoryCounter, std::uint64_t> counters;
}
void count_memory(abi::MemoryCounter counter, std::uint64_t amount) { counters[counter] += amount; }
void set_memory_count(abi::MemoryCounter counter, std::uint64_t value) { counters[counter] = value; }
std::uint64_t memory_count(abi::MemoryCounter counter) { return counters[counter]; }

MemoryStatistics memory_statistics() {
    return {.total_bytes = 64 << 20,
            .free_bytes = 48 << 20,
            .released_bytes = 32 << 20,
            .heap_bytes = 0,
            .dma_total_bytes = 4 << 20,
            .dma_free_bytes = 4 << 20};
}

Nanoseconds monotonic_now() { return test::host_memory().now += 1'000'000'000; }

}  // namespace tenon
