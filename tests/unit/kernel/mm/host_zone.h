// SPDX-License-Identifier: Apache-2.0
// A zone of pages on the build machine: address space from the host, so that pages that are not touched cost nothing.
#pragma once

#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "kernel/mm/zone.h"
#include "tests/unit/kernel/panic.h"

namespace tenon::test {

class HostZone {
public:
    explicit HostZone(PageIndex page_count) : page_count_(page_count) {
        memory_ = map(std::size_t{page_count} * page_size);
        metadata_ = map(PageRecords::bytes(page_count));
        zone.initialize(memory_, PageRecords(metadata_, page_count), page_count, BuddyAllocator::order_count - 1);
    }
    ~HostZone() {
        ::munmap(memory_, std::size_t{page_count_} * page_size);
        ::munmap(metadata_, PageRecords::bytes(page_count_));
    }
    HostZone(const HostZone&) = delete;
    HostZone& operator=(const HostZone&) = delete;

    /// Pages of metadata that were written or read.
    [[nodiscard]] std::size_t metadata_pages_touched() const {
        std::vector<unsigned char> resident((PageRecords::bytes(page_count_) + page_size - 1) / page_size);
        REQUIRE(::mincore(metadata_, PageRecords::bytes(page_count_), resident.data()) == 0);
        std::size_t touched = 0;
        for (const unsigned char page : resident) touched += page & 1;
        return touched;
    }

    /// Counts free blocks by looking at every record, and checks that the allocator's sums agree with that.
    void check_sums() const {
        std::uint64_t free = 0, released = 0;
        for (PageIndex page = 0; page < page_count_;) {
            const PageRecord& record = zone.pages.record(page);
            if (record.state != PageState::free && record.state != PageState::released) {
                ++page;
                continue;
            }
            REQUIRE(page % (1U << record.order) == 0);
            free += 1U << record.order;
            if (record.state == PageState::released) released += 1U << record.order;
            for (PageIndex inside = page + 1; inside != page + (1U << record.order); ++inside)
                if (zone.pages.record(inside).state != PageState::interior)
                    FAIL("a page inside of a free block has a state");
            page += 1U << record.order;
        }
        REQUIRE(free == zone.pages.free_pages());
        REQUIRE(released == zone.pages.released_pages());
    }

    Zone zone;

private:
    static std::byte* map(std::size_t size) {
        void* memory =
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        return static_cast<std::byte*>(memory);
    }
    PageIndex page_count_;
    std::byte* memory_;
    std::byte* metadata_;
};

}  // namespace tenon::test
