// SPDX-License-Identifier: Apache-2.0
// A heap of size-class slabs over a zone of pages.
#include "kernel/mm/slab_heap.h"

#include <algorithm>
#include <bit>

#include "kernel/trap/panic.h"

namespace tenon {

namespace {

/// The mark of a free object. It depends on the address, so that a copy of a free object does not look free.
std::uint64_t mark_of(const void* object) { return reinterpret_cast<std::uintptr_t>(object) ^ 0x5EED'F4EE'0B1E'C700; }

[[noreturn]] void bad_pointer(const void* pointer, const char* what) { panic("heap: %p %s", pointer, what); }

}  // namespace

SlabHeap::FreeObject* SlabHeap::object_at(PageIndex slab, const PageRecord& record, std::uint32_t object) const {
    return reinterpret_cast<FreeObject*>(address_of(slab) +
                                         std::size_t{object} * size_classes::slabs[record.size_class].object_size);
}

PageIndex SlabHeap::page_of(const void* pointer) const {
    // A pointer below the zone becomes a huge offset.
    const std::size_t page =
        (reinterpret_cast<std::uintptr_t>(pointer) - reinterpret_cast<std::uintptr_t>(base_)) / page_size;
    if (page >= pages_.page_count()) bad_pointer(pointer, "is not the heap's");
    return static_cast<PageIndex>(page);
}

SlabHeap::Place SlabHeap::place_of(const void* pointer, PageIndex page) const {
    const PageRecord* record = &pages_.record(page);
    if (record->state == PageState::slab_rest) {
        page = record->slab_head;
        record = &pages_.record(page);
    }
    if (record->state != PageState::slab) bad_pointer(pointer, "is not allocated (freed twice?)");
    const size_classes::Slab& slab = size_classes::slabs[record->size_class];
    const auto offset = static_cast<std::uint64_t>(static_cast<const std::byte*>(pointer) - address_of(page));
    const auto object = static_cast<std::uint32_t>((offset * slab.reciprocal) >> 32);
    if (std::uint64_t{object} * slab.object_size != offset) bad_pointer(pointer, "points into an object");
    if (object >= record->fresh) bad_pointer(pointer, "was never allocated");
    return {page, object};
}

void* SlabHeap::allocate(std::size_t size, std::size_t alignment, PageState* kind) {
    if (kind != nullptr) *kind = PageState::free;
    if (alignment > size_classes::granule) {
        if (alignment > page_size || size > size_classes::largest) return allocate_run(size, alignment, kind);
        size = align_up(size, alignment);
    }
    if (size > size_classes::largest) return allocate_run(size, alignment, kind);
    std::uint32_t size_class = size_classes::index_of(std::max(size, std::size_t{1}));
    // Slabs begin at page boundaries, so objects whose size is a multiple of the alignment are aligned. The next power
    // of two is such a size.
    while (size_classes::slabs[size_class].object_size % alignment != 0 && alignment > size_classes::granule)
        ++size_class;
    return allocate_object(size_class);
}

void* SlabHeap::allocate_object(std::uint32_t size_class) {
    SizeClass& list = classes_[size_class];
    if (list.partial == no_page && !add_slab(size_class)) return nullptr;
    const PageIndex page = list.partial;
    PageRecord& slab = pages_.record(page);
    FreeObject* object;
    if (slab.first_free != no_object) {
        object = object_at(page, slab, slab.first_free);
        if (object->mark != mark_of(object) || (object->next >= slab.fresh && object->next != no_object))
            bad_pointer(object, "was written to after it was freed");
        slab.first_free = static_cast<std::uint16_t>(object->next);
    } else {
        object = object_at(page, slab, slab.fresh);
        ++slab.fresh;
    }
    // Also for a fresh object: the page may have been part of another slab before.
    object->mark = 0;
    if (slab.used == 0 && list.empty == page) list.empty = no_page;
    if (++slab.used == size_classes::slabs[size_class].object_count) unlink(list, page, slab);
    return object;
}

bool SlabHeap::add_slab(std::uint32_t size_class) {
    const std::uint32_t order = size_classes::slabs[size_class].order;
    const PageIndex page = pages_.allocate(order, PageState::slab);
    if (page == no_page) return false;
    held_ += 1U << order;
    for (PageIndex rest = page + 1; rest != page + (1U << order); ++rest) {
        pages_.record(rest).state = PageState::slab_rest;
        pages_.record(rest).slab_head = page;
    }
    PageRecord& slab = pages_.record(page);
    slab.size_class = static_cast<std::uint8_t>(size_class);
    slab.used = 0;
    slab.first_free = no_object;
    slab.fresh = 0;
    link(classes_[size_class], page, slab);
    return true;
}

void SlabHeap::free(void* pointer) {
    if (pointer == nullptr) return;
    const PageIndex page = page_of(pointer);
    const PageRecord& record = pages_.record(page);
    if (record.state != PageState::large) return free_object(pointer, page);
    if (address_of(page) != pointer) bad_pointer(pointer, "points into an object");
    held_ -= record.page_count;
    pages_.free_run(page);
}

void SlabHeap::free_object(void* pointer, PageIndex page) {
    const Place place = place_of(pointer, page);
    PageRecord& slab = pages_.record(place.slab);
    FreeObject* object = object_at(place.slab, slab, place.object);
    if (object->mark == mark_of(object)) {
        // Almost certainly freed twice. But a program may have written these bytes, so the free list decides.
        std::uint32_t other = slab.first_free;
        for (std::uint32_t i = 0; i != slab.fresh && other < slab.fresh; ++i) {
            if (other == place.object) bad_pointer(pointer, "is freed twice");
            other = static_cast<std::uint32_t>(object_at(place.slab, slab, other)->next);
        }
    }
    if (slab.used == 0) bad_pointer(pointer, "is freed twice");
    object->next = slab.first_free;
    object->mark = mark_of(object);
    slab.first_free = static_cast<std::uint16_t>(place.object);
    SizeClass& list = classes_[slab.size_class];
    if (slab.used == size_classes::slabs[slab.size_class].object_count) link(list, place.slab, slab);
    if (--slab.used == 0) keep_or_release(list, place.slab, slab);
}

/// `slab` is in the list, and all its objects are free.
void SlabHeap::keep_or_release(SizeClass& list, PageIndex page, PageRecord& slab) {
    if (list.empty != no_page) return release_slab(list, page, slab);
    list.empty = page;
    // At the end of the list: the other slabs are filled first.
    if (slab.next == page) return;
    unlink(list, page, slab);
    link(list, page, slab);
    list.partial = slab.next;
}

void SlabHeap::release_slab(SizeClass& list, PageIndex page, PageRecord& slab) {
    unlink(list, page, slab);
    const std::uint32_t order = size_classes::slabs[slab.size_class].order;
    held_ -= 1U << order;
    for (PageIndex rest = page + 1; rest != page + (1U << order); ++rest)
        pages_.record(rest).state = PageState::interior;
    slab.order = static_cast<std::uint8_t>(order);
    pages_.free(page, order, PageState::slab);
}

void SlabHeap::trim() {
    for (SizeClass& list : classes_) {
        if (list.empty == no_page) continue;
        release_slab(list, list.empty, pages_.record(list.empty));
        list.empty = no_page;
    }
}

void* SlabHeap::allocate_run(std::size_t size, std::size_t alignment, PageState* kind) {
    const std::size_t limit = std::size_t{pages_.page_count()} * page_size;
    if (size > limit || alignment > limit) return nullptr;
    const auto count = static_cast<PageIndex>(std::max(align_up(size, page_size) / page_size, std::uint64_t{1}));
    const auto order = alignment <= page_size ? 0 : static_cast<std::uint32_t>(std::countr_zero(alignment / page_size));
    const PageIndex page = pages_.allocate_run(count, order, kind);
    if (page == no_page) return nullptr;
    held_ += count;
    return address_of(page);
}

bool SlabHeap::shrink(void* pointer, std::size_t size) {
    const PageIndex page = page_of(pointer);
    const PageRecord& run = pages_.record(page);
    // A slab's object would waste less.
    if (run.state != PageState::large || size <= size_classes::largest) return false;
    const std::uint64_t count = align_up(size, page_size) / page_size;
    if (count > run.page_count) return false;
    held_ -= run.page_count - count;
    pages_.shrink_run(page, static_cast<PageIndex>(count));
    return true;
}

std::size_t SlabHeap::usable_size(const void* pointer) const {
    const PageIndex page = page_of(pointer);
    const PageRecord& record = pages_.record(page);
    if (record.state == PageState::large && address_of(page) == pointer)
        return std::size_t{record.page_count} * page_size;
    return size_classes::slabs[pages_.record(place_of(pointer, page).slab).size_class].object_size;
}

void SlabHeap::link(SizeClass& list, PageIndex page, PageRecord& slab) {
    if (list.partial == no_page) {
        slab.next = slab.previous = page;
    } else {
        PageRecord& first = pages_.record(list.partial);
        slab.next = list.partial;
        slab.previous = first.previous;
        pages_.record(first.previous).next = page;
        first.previous = page;
    }
    list.partial = page;
}

void SlabHeap::unlink(SizeClass& list, PageIndex page, PageRecord& slab) {
    if (slab.next == page) {
        list.partial = no_page;
        return;
    }
    pages_.record(slab.next).previous = slab.previous;
    pages_.record(slab.previous).next = slab.next;
    if (list.partial == page) list.partial = slab.next;
}

}  // namespace tenon
