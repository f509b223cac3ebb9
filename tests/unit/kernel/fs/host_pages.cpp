// SPDX-License-Identifier: Apache-2.0
// What file systems in RAM ask of the kernel, on the build machine.
#include "host_pages.h"

#include <cstdlib>
#include <cstring>
#include <limits>

#include "kernel/base/address.h"
#include "kernel/fs/file_system.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/time/clock.h"

namespace tenon {

std::int64_t& test::pages_in_use() {
    static std::int64_t count = 0;
    return count;
}
std::int64_t& test::pages_left() {
    static std::int64_t count = std::numeric_limits<std::int64_t>::max();
    return count;
}

void* allocate_pages(std::uint32_t order) {
    if (test::pages_left() == 0) return nullptr;
    --test::pages_left();
    ++test::pages_in_use();
    void* pages = std::aligned_alloc(page_size, page_size << order);
    std::memset(pages, 0xA5, page_size << order);
    return pages;
}
void free_pages(void* pages, std::uint32_t) {
    --test::pages_in_use();
    std::free(pages);
}
void* heap_allocate_zeroed(std::size_t size) { return std::calloc(1, size); }
dev_t next_file_system_number() { return 3; }
Nanoseconds realtime_now() {
    static Nanoseconds now = 1'700'000'000'000'000'000;
    return now += 1000;
}

}  // namespace tenon
