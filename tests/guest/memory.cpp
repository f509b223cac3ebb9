// SPDX-License-Identifier: Apache-2.0
// The heap and the page allocator in the running system: malloc, new, the DMA zone, and several threads at once.
#include <malloc.h>
#include <tenon/memory.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "kernel/base/address.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/page_allocator.h"
#include "tests/guest/test.h"

namespace {

/// Not known to the compiler, which else warns about sizes that cannot be.
volatile std::size_t too_much = SIZE_MAX / 2;

tenon_memory_statistics statistics() {
    tenon_memory_statistics now;
    tenon_get_memory_statistics(&now);
    return now;
}

/// A generator for each thread, without state that they share.
class Numbers {
public:
    explicit Numbers(std::uint32_t seed) : state_(seed) {}
    std::uint32_t operator()(std::uint32_t limit) {
        state_ = state_ * 1'664'525 + 1'013'904'223;
        return (state_ >> 8) % limit;
    }

private:
    std::uint32_t state_;
};

/// Allocates and frees at random; counts bytes that are not as they were written.
std::size_t churn(std::uint32_t seed, int steps) {
    struct Object {
        std::unique_ptr<std::uint8_t, decltype(&std::free)> bytes{nullptr, &std::free};
        std::size_t size = 0;
        std::uint8_t fill = 0;
    };
    Numbers random(seed);
    std::vector<Object> objects(200);
    std::size_t wrong = 0;
    for (int step = 0; step != steps; ++step) {
        Object& object = objects[random(200)];
        for (std::size_t i = 0; i != object.size; ++i) wrong += object.bytes.get()[i] != object.fill;
        object.size = random(16) == 0 ? random(100'000) : random(600);
        object.fill = static_cast<std::uint8_t>(random(256));
        object.bytes.reset(static_cast<std::uint8_t*>(std::malloc(object.size)));
        if (object.bytes == nullptr)
            object.size = 0;
        else
            std::memset(object.bytes.get(), object.fill, object.size);
    }
    return wrong;
}

}  // namespace

GUEST_TEST(malloc_aligns_and_says_how_much_there_is) {
    for (const std::size_t size : {1UL, 15UL, 16UL, 17UL, 100UL, 1000UL, 40'000UL, 3'000'000UL}) {
        void* memory = std::malloc(size);
        EXPECT(memory != nullptr);
        EXPECT(reinterpret_cast<std::uintptr_t>(memory) % 16 == 0);
        EXPECT(malloc_usable_size(memory) >= size);
        std::free(memory);
    }
}

GUEST_TEST(realloc_keeps_what_was_written) {
    auto* bytes = static_cast<std::uint8_t*>(std::malloc(1));
    bytes[0] = 0;
    std::size_t size = 1;
    for (const std::size_t next : {20UL, 500UL, 5000UL, 200'000UL, 70'000UL, 90UL}) {
        bytes = static_cast<std::uint8_t*>(std::realloc(bytes, next));
        EXPECT(bytes != nullptr);
        for (std::size_t i = 0; i != std::min(size, next); ++i) EXPECT(bytes[i] == static_cast<std::uint8_t>(i * 7));
        for (std::size_t i = 0; i != next; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7);
        size = next;
    }
    std::free(bytes);
}

GUEST_TEST(calloc_gives_zeros_even_in_used_memory) {
    for (int round = 0; round != 3; ++round) {
        auto* bytes = static_cast<std::uint8_t*>(std::calloc(1000, 77));
        for (std::size_t i = 0; i != 77'000; ++i) EXPECT(bytes[i] == 0);
        std::memset(bytes, 0xFF, 77'000);
        std::free(bytes);
    }
}

GUEST_TEST(large_zeroed_memory_is_zero_whether_it_was_used_or_not) {
    constexpr std::size_t size = 8 << 20;
    for (int round = 0; round != 3; ++round) {
        auto* bytes = static_cast<std::uint8_t*>(std::calloc(size, 1));
        EXPECT(bytes != nullptr);
        for (std::size_t i = 0; i < size; i += 509) EXPECT(bytes[i] == 0);
        std::memset(bytes, 0xFF, size / 2);
        std::free(bytes);
    }
}

GUEST_TEST(aligned_memory_of_every_kind) {
    for (std::size_t alignment = 8; alignment <= 65'536; alignment *= 2) {
        void* memory = nullptr;
        EXPECT(posix_memalign(&memory, alignment, 100) == 0);
        EXPECT(reinterpret_cast<std::uintptr_t>(memory) % alignment == 0);
        std::free(memory);
    }
    struct alignas(256) Wide {
        char bytes[256];
    };
    const auto wide = std::make_unique<Wide>();
    EXPECT(reinterpret_cast<std::uintptr_t>(wide.get()) % 256 == 0);
}

GUEST_TEST(too_much_memory_is_refused) {
    EXPECT(std::malloc(too_much) == nullptr);
    EXPECT(std::calloc(too_much, 3) == nullptr);
    EXPECT_THROW(::operator new(too_much), std::bad_alloc);
    const auto now = statistics();
    EXPECT(std::malloc(now.total) == nullptr);
}

GUEST_TEST(freed_memory_comes_back) {
    tenon_trim_memory();
    const std::uint64_t before = statistics().free;
    {
        std::vector<std::unique_ptr<char[]>> objects;
        for (int i = 0; i != 2000; ++i) objects.push_back(std::make_unique<char[]>(static_cast<std::size_t>(i) * 5));
        EXPECT(statistics().free < before - 5'000'000);
    }
    tenon_trim_memory();
    EXPECT(statistics().free == before);
}

GUEST_TEST(all_of_memory_can_be_had_and_given_back) {
    tenon_trim_memory();
    const std::uint64_t before = statistics().free;
    struct Chunk {
        Chunk* next;
    };
    Chunk* chunks = nullptr;
    std::size_t count = 0;
    while (void* memory = tenon::heap_allocate(100'000)) {
        chunks = new (memory) Chunk{chunks};
        ++count;
    }
    while (chunks != nullptr) tenon::heap_free(std::exchange(chunks, chunks->next));
    tenon_trim_memory();
    // Pieces of 25 pages come from blocks of 32, whose rest is too small for another.
    EXPECT(count > before / 100'000 * 3 / 4);
    EXPECT(statistics().free == before);
    // And it is whole again: one piece of a quarter.
    void* large = tenon::heap_allocate(before / 4);
    EXPECT(large != nullptr);
    tenon::heap_free(large);
}

GUEST_TEST(threads_share_the_heap) {
    tenon_trim_memory();
    std::size_t wrong[4] = {};
    {
        std::vector<std::jthread> threads;
        for (std::uint32_t i = 0; i != 4; ++i) threads.emplace_back([i, &wrong] { wrong[i] = churn(i + 1, 5000); });
    }
    for (const std::size_t each : wrong) EXPECT(each == 0);
}

GUEST_TEST(pages_come_in_natural_alignment) {
    for (std::uint32_t order = 0; order != 9; ++order) {
        void* pages = tenon::allocate_pages(order);
        EXPECT(pages != nullptr);
        EXPECT(reinterpret_cast<std::uintptr_t>(pages) % (tenon::page_size << order) == 0);
        EXPECT(!tenon::in_dma_zone(pages, 1));
        tenon::free_pages(pages, order);
    }
    EXPECT(tenon::allocate_pages(26) == nullptr);
}

GUEST_TEST(memory_for_devices_lies_in_its_zone) {
    const std::uint64_t before = statistics().io_free;
    void* pieces[20];
    for (std::size_t i = 0; i != 20; ++i) {
        pieces[i] = tenon::dma_allocate(i * 700 + 1, i % 2 == 0 ? 16 : 4096);
        EXPECT(pieces[i] != nullptr);
        EXPECT(tenon::in_dma_zone(pieces[i], i * 700 + 1));
        std::memset(pieces[i], 0x5A, i * 700 + 1);
    }
    EXPECT(statistics().io_free <= before);
    for (void* piece : pieces) tenon::dma_free(piece);
    int local = 0;
    EXPECT(!tenon::in_dma_zone(&local, sizeof(local)));
    EXPECT(tenon::dma_allocate(too_much) == nullptr);
}
