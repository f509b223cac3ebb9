// SPDX-License-Identifier: Apache-2.0
// The read-only files inside an image.
#include "kernel/fs/archive.h"

#include <algorithm>
#include <atomic>
#include <new>

#include "kernel/console/console.h"
#include "kernel/fs/cpio.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/sync.h"

extern "C" {
/// Weak: an image without files has none.
[[gnu::weak]] extern const std::byte __archive_begin[];
[[gnu::weak]] extern const std::byte __archive_end[];
}

namespace tenon {

namespace {

/// Made at first use: many programs read no file.
struct Index {
    std::size_t count = 0;
    ArchiveEntry entries[];
};

constinit std::atomic<const Index*> ready_index = nullptr;
constinit Mutex building;

/// Where there is no archive both addresses are null, and the span is empty.
std::span<const std::byte> archive() { return {__archive_begin, __archive_end}; }

std::string_view without_leading_slashes(std::string_view name) {
    while (name.starts_with("./")) name.remove_prefix(2);
    while (name.starts_with('/')) name.remove_prefix(1);
    return name;
}

template <typename Visit>
void for_each_entry(Visit&& visit) {
    CpioReader reader(archive());
    for (;;) {
        const auto entry = reader.next();
        if (!entry) return warn("the image's file archive is damaged");
        if (!*entry) return;
        const std::string_view name = without_leading_slashes((*entry)->name);
        if (!name.empty() && name != ".") visit(ArchiveEntry{name, (*entry)->data, (*entry)->mode, (*entry)->modified});
    }
}

/// The image builder sorts by name already, and then this moves nothing. An archive made by hand may be unsorted.
void sort_by_name(std::span<ArchiveEntry> entries) {
    for (std::size_t sorted = 1; sorted < entries.size(); ++sorted) {
        const ArchiveEntry entry = entries[sorted];
        std::size_t place = sorted;
        for (; place != 0 && entry.name < entries[place - 1].name; --place) entries[place] = entries[place - 1];
        entries[place] = entry;
    }
}

/// Null if there is no memory for it.
const Index* build_index() {
    std::size_t count = 0;
    for_each_entry([&](const ArchiveEntry&) { ++count; });
    void* memory = heap_allocate(sizeof(Index) + count * sizeof(ArchiveEntry));
    if (memory == nullptr) return nullptr;
    auto* index = new (memory) Index;
    for_each_entry([&](const ArchiveEntry& entry) { new (&index->entries[index->count++]) ArchiveEntry(entry); });
    sort_by_name({index->entries, index->count});
    return index;
}

std::span<const ArchiveEntry> entries() {
    const Index* index = ready_index.load(std::memory_order_acquire);
    if (index == nullptr) {
        building.lock();
        index = ready_index.load(std::memory_order_relaxed);
        if (index == nullptr) {
            index = build_index();
            ready_index.store(index, std::memory_order_release);
        }
        building.unlock();
    }
    if (index == nullptr) return {};
    return {index->entries, index->count};
}

}  // namespace

std::size_t archive_position(std::string_view path) {
    const auto all = entries();
    const auto less = [](const ArchiveEntry& entry, std::string_view name) { return entry.name < name; };
    return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), without_leading_slashes(path), less) -
                                    all.begin());
}

std::optional<ArchiveEntry> archive_at(std::size_t index) {
    const auto all = entries();
    if (index >= all.size()) return std::nullopt;
    return all[index];
}

}  // namespace tenon
