// SPDX-License-Identifier: Apache-2.0
// A heap of size-class slabs over a zone of pages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernel/mm/buddy.h"
#include "kernel/mm/size_classes.h"

namespace tenon {

/// Objects of up to 32 KiB come from slabs, larger ones are runs of pages. All operations are O(1), apart from the page
/// allocator's. A slab's state is in its page record; free objects are linked through their own memory, by number. A
/// slab whose objects are all free goes back to the page allocator, except one for each size class, so that a program
/// which allocates and frees one object again and again does not pay for pages each time. One lock, the caller's,
/// guards heap and page allocator. Panics on a pointer that was not allocated or was freed before, and on an object
/// that was written to after it was freed.
class SlabHeap {
public:
    constexpr explicit SlabHeap(BuddyAllocator& pages) : pages_(pages) {}
    SlabHeap(const SlabHeap&) = delete;
    SlabHeap& operator=(const SlabHeap&) = delete;

    /// Page 0 of the zone is at `base`.
    void initialize(std::byte* base) { base_ = base; }

    /// At least `size` bytes at a multiple of `alignment` (a power of two), or null. `kind`, if not null, receives
    /// `released` if the memory was never touched, else `free`.
    [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment, PageState* kind = nullptr);
    void free(void* pointer);
    [[nodiscard]] std::size_t usable_size(const void* pointer) const;
    /// Shrinks a run of pages in place to `size` bytes. False: it is no run, or has not so many bytes.
    bool shrink(void* pointer, std::size_t size);
    /// Gives the kept empty slabs back to the page allocator.
    void trim();

    /// Pages that the heap holds, kept ones included.
    [[nodiscard]] std::uint64_t held_pages() const { return held_; }

private:
    struct SizeClass {
        PageIndex partial = no_page;  ///< circular list of slabs that have free objects
        PageIndex empty = no_page;    ///< the last one in it, if that has no object given out and is kept
    };
    /// The contents of a free object.
    struct FreeObject {
        std::uint64_t next;  ///< object number, or no_object
        std::uint64_t mark;
    };
    struct Place {
        PageIndex slab;
        std::uint32_t object;
    };
    static constexpr std::uint16_t no_object = UINT16_MAX;

    [[nodiscard]] std::byte* address_of(PageIndex page) const { return base_ + std::size_t{page} * page_size; }
    [[nodiscard]] FreeObject* object_at(PageIndex slab, const PageRecord& record, std::uint32_t object) const;
    [[nodiscard]] PageIndex page_of(const void* pointer) const;
    [[nodiscard]] Place place_of(const void* pointer, PageIndex page) const;
    void* allocate_object(std::uint32_t size_class);
    void* allocate_run(std::size_t size, std::size_t alignment, PageState* kind);
    void free_object(void* pointer, PageIndex page);
    bool add_slab(std::uint32_t size_class);
    void keep_or_release(SizeClass& list, PageIndex page, PageRecord& slab);
    void release_slab(SizeClass& list, PageIndex page, PageRecord& slab);
    void link(SizeClass& list, PageIndex page, PageRecord& slab);
    void unlink(SizeClass& list, PageIndex page, PageRecord& slab);

    BuddyAllocator& pages_;
    std::byte* base_ = nullptr;
    std::uint64_t held_ = 0;
    std::array<SizeClass, size_classes::count> classes_ = {};
};

}  // namespace tenon
