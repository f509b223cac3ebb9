// SPDX-License-Identifier: Apache-2.0
// The heap, against a model that remembers what each object holds.
#include "kernel/mm/slab_heap.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <vector>

#include "tests/unit/kernel/mm/host_zone.h"
#include "tests/unit/kernel/random.h"

using namespace tenon;
using tenon::test::HostZone;
using tenon::test::Panic;
using tenon::test::Random;

namespace {

struct Fixture {
    explicit Fixture(PageIndex pages) : host(pages), heap(host.zone.heap), buddy(host.zone.pages) {
        buddy.add(0, pages);
    }
    HostZone host;
    SlabHeap& heap;
    BuddyAllocator& buddy;
};

bool is_aligned(const void* pointer, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(pointer) % alignment == 0;
}

}  // namespace

TEST_CASE("heap: sizes are what was asked for, and at most a quarter more") {
    Fixture f(1024);
    for (std::size_t size = 1; size <= 40'000; size += size < 300 ? 1 : 97) {
        void* pointer = f.heap.allocate(size, 16);
        REQUIRE(pointer != nullptr);
        REQUIRE(is_aligned(pointer, 16));
        const std::size_t usable = f.heap.usable_size(pointer);
        REQUIRE(usable >= size);
        if (size > 64) REQUIRE(usable <= size + size / 4 + 16);
        std::memset(pointer, 0xAB, usable);
        f.heap.free(pointer);
    }
    f.heap.trim();
    CHECK(f.heap.held_pages() == 0);
    CHECK(f.buddy.free_pages() == 1024);
}

TEST_CASE("heap: alignments up to pages and above") {
    Fixture f(1 << 14);
    std::vector<void*> held;
    // The host's memory is aligned to a page only; blocks above that are aligned within the zone.
    const auto base = reinterpret_cast<std::uintptr_t>(f.host.zone.base);
    for (std::size_t alignment = 1; alignment <= 1 << 20; alignment *= 2)
        for (const std::size_t size : {0UL, 1UL, 17UL, 100UL, 5000UL, 33'000UL, 70'000UL}) {
            void* pointer = f.heap.allocate(size, alignment);
            REQUIRE(pointer != nullptr);
            REQUIRE((reinterpret_cast<std::uintptr_t>(pointer) - base) % alignment == 0);
            REQUIRE(f.heap.usable_size(pointer) >= size);
            held.push_back(pointer);
        }
    for (void* pointer : held) f.heap.free(pointer);
    f.heap.trim();
    CHECK(f.buddy.free_pages() == 1 << 14);
}

TEST_CASE("heap: random work overwrites nobody's bytes, and everything comes back") {
    for (const std::uint32_t seed : {11U, 12U, 13U}) {
        Fixture f(6000);
        Random random(seed);
        struct Object {
            std::uint8_t* bytes;
            std::size_t size;
            std::uint8_t fill;
        };
        std::vector<Object> held;
        const auto check = [](const Object& object) {
            for (std::size_t i = 0; i < object.size; i += object.size < 512 ? 1 : 61)
                if (object.bytes[i] != object.fill) FAIL("an object was overwritten");
        };
        for (int step = 0; step != 30'000; ++step) {
            if (held.empty() || random(100) < 55) {
                const std::size_t size = random(10) == 0 ? random(200'000) : random(1U << (4 + random(12)));
                const std::size_t alignment = random(8) == 0 ? 1UL << random(13) : 16;
                auto* bytes = static_cast<std::uint8_t*>(f.heap.allocate(size, alignment));
                if (bytes == nullptr) continue;
                REQUIRE(is_aligned(bytes, alignment));
                const auto fill = static_cast<std::uint8_t>(step);
                std::memset(bytes, fill, size);
                held.push_back({bytes, size, fill});
            } else {
                std::swap(held[random(held.size())], held.back());
                Object& object = held.back();
                check(object);
                if (random(4) == 0 && object.size > 40'000 && f.heap.shrink(object.bytes, object.size / 2 + 20'000)) {
                    object.size = object.size / 2 + 20'000;
                    continue;
                }
                f.heap.free(object.bytes);
                held.pop_back();
            }
        }
        for (const Object& object : held) {
            check(object);
            f.heap.free(object.bytes);
        }
        f.heap.trim();
        CHECK(f.heap.held_pages() == 0);
        CHECK(f.buddy.free_pages() == 6000);
        f.host.check_sums();
    }
}

TEST_CASE("heap: one empty slab of a class is kept, the others go back") {
    Fixture f(1024);
    std::vector<void*> held;
    for (int i = 0; i != 256 * 5; ++i) held.push_back(f.heap.allocate(16, 16));
    CHECK(f.heap.held_pages() == 5);
    for (void* pointer : held) f.heap.free(pointer);
    CHECK(f.heap.held_pages() == 1);
    // Alternating use does not go to the page allocator.
    for (int i = 0; i != 100; ++i) {
        void* pointer = f.heap.allocate(16, 16);
        CHECK(f.heap.held_pages() == 1);
        f.heap.free(pointer);
    }
    f.heap.trim();
    CHECK(f.heap.held_pages() == 0);
}

TEST_CASE("heap: a large object takes no more pages than it has") {
    Fixture f(1024);
    void* pointer = f.heap.allocate(129 * page_size - 5, 16);
    CHECK(f.heap.held_pages() == 129);
    CHECK(f.buddy.free_pages() == 1024 - 129);
    CHECK_FALSE(f.heap.shrink(pointer, 300 * page_size));
    CHECK_FALSE(f.heap.shrink(pointer, 100));
    CHECK(f.heap.shrink(pointer, 40 * page_size - 1));
    CHECK(f.heap.usable_size(pointer) == 40 * page_size);
    CHECK(f.buddy.free_pages() == 1024 - 40);
    f.heap.free(pointer);
    CHECK(f.buddy.free_pages() == 1024);
}

TEST_CASE("heap: without memory it says so, and stays whole") {
    Fixture f(64);
    CHECK(f.heap.allocate(65 * page_size, 16) == nullptr);
    CHECK(f.heap.allocate(SIZE_MAX, 16) == nullptr);
    CHECK(f.heap.allocate(SIZE_MAX - 4095, 4096) == nullptr);
    CHECK(f.heap.allocate(16, std::size_t{1} << 40) == nullptr);
    std::vector<void*> held;
    while (void* pointer = f.heap.allocate(1000, 16)) held.push_back(pointer);
    CHECK(held.size() == 64 * 4);
    for (void* pointer : held) f.heap.free(pointer);
    f.heap.trim();
    CHECK(f.buddy.free_pages() == 64);
}

TEST_CASE("heap: what is wrong to free is found") {
    Fixture f(1024);
    auto* small = static_cast<std::byte*>(f.heap.allocate(40, 16));
    auto* other = static_cast<std::byte*>(f.heap.allocate(40, 16));
    auto* large = static_cast<std::byte*>(f.heap.allocate(100'000, 16));
    auto* slab_of_many_pages = static_cast<std::byte*>(f.heap.allocate(20'000, 16));
    int on_the_stack = 0;
    CHECK_THROWS_AS(f.heap.free(&on_the_stack), Panic);
    CHECK_THROWS_AS(f.heap.free(small + 8), Panic);
    CHECK_THROWS_AS(f.heap.free(small + 48 * 10), Panic);  // never given out
    CHECK_THROWS_AS(f.heap.free(large + 16), Panic);
    CHECK_THROWS_AS(f.heap.free(large + page_size), Panic);
    CHECK_THROWS_AS(f.heap.free(slab_of_many_pages + page_size), Panic);
    CHECK_THROWS_AS(f.heap.usable_size(small + 1), Panic);
    const PageIndex pages = f.buddy.allocate(0);
    CHECK_THROWS_AS(f.heap.free(f.host.zone.address_of(pages)), Panic);
    f.heap.free(nullptr);

    f.heap.free(small);
    CHECK_THROWS_AS(f.heap.free(small), Panic);
    f.heap.free(other);  // the slab is empty now, and kept
    CHECK_THROWS_AS(f.heap.free(other), Panic);
    f.heap.trim();
    CHECK_THROWS_AS(f.heap.free(other), Panic);
    f.heap.free(large);
    CHECK_THROWS_AS(f.heap.free(large), Panic);
}

TEST_CASE("heap: an object that looks like a free one is not taken for it") {
    Fixture f(64);
    auto* pointer = static_cast<std::uint64_t*>(f.heap.allocate(64, 16));
    auto* keeps_slab = f.heap.allocate(64, 16);
    f.heap.free(pointer);
    const std::uint64_t mark = pointer[1];
    auto* again = static_cast<std::uint64_t*>(f.heap.allocate(64, 16));
    REQUIRE(again == pointer);
    again[1] = mark;
    f.heap.free(again);
    f.heap.free(keeps_slab);
    CHECK(f.heap.held_pages() == 1);
}

TEST_CASE("heap: a write after free is found when the object is given out again") {
    Fixture f(64);
    auto* pointer = static_cast<std::uint64_t*>(f.heap.allocate(64, 16));
    auto* keeps_slab = f.heap.allocate(64, 16);
    f.heap.free(pointer);
    pointer[1] = 5;
    CHECK_THROWS_AS(f.heap.allocate(64, 16), Panic);
    static_cast<void>(keeps_slab);
}
