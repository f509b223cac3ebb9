// SPDX-License-Identifier: Apache-2.0
// The archive as a file system: one inode per entry, in one array that is sorted by path.
#include "kernel/fs/archive.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>

#include "kernel/console/console.h"
#include "kernel/fs/cpio.h"
#include "kernel/mm/heap.h"
#include "kernel/sched/sync.h"
#include "kernel/trap/panic.h"

extern "C" {
/// Weak: an image without files has none.
[[gnu::weak]] extern const std::byte __archive_begin[];
[[gnu::weak]] extern const std::byte __archive_end[];
}

namespace tenon {

namespace {

/// The unit of st_blocks.
constexpr std::size_t block_size = 512;

/// Where there is no archive both addresses are null, and the span is empty.
std::span<const std::byte> archive() { return {__archive_begin, __archive_end}; }

std::string_view without_leading_slashes(std::string_view name) {
    while (name.starts_with("./")) name.remove_prefix(2);
    while (name.starts_with('/')) name.remove_prefix(1);
    return name;
}

class ArchiveInode final : public Inode {
public:
    ArchiveInode(const CpioEntry& entry, ino_t number);
    Outcome<> status(struct stat& status) override;
    Outcome<std::size_t> read(std::span<std::byte> buffer, off_t offset) override;
    Outcome<std::size_t> read_link(std::span<char> buffer) override;
    Outcome<InodeReference> look_up(std::string_view name) override;
    Outcome<InodeReference> parent() override;
    Outcome<bool> read_entry(std::uint64_t& cookie, DirectoryEntry& entry) override;
    [[nodiscard]] std::string_view path() const { return entry_.name; }
    [[nodiscard]] std::size_t blocks() const { return (entry_.data.size() + block_size - 1) / block_size; }

private:
    CpioEntry entry_;
};

class ArchiveFileSystem final : public FileSystem {
public:
    constexpr ArchiveFileSystem() : FileSystem("archive", archive_number, true) {}
    Inode& root() override;
    FileSystemStatistics statistics() override;
};
constinit ArchiveFileSystem the_archive;

/// Made at first use: many programs read no file. The first is the root, whose path is empty.
constinit std::atomic<ArchiveInode*> first_inode = nullptr;
constinit std::size_t inode_count = 0;
constinit Mutex building;

constinit std::array<std::string_view, 16> added_directories;
constinit std::size_t added_count = 0;

constexpr std::uint32_t implied_mode = S_IFDIR | 0555;

/// Calls visit(entry) for the archive's entries, with the root and with the directories that names imply ahead of them.
/// Many of those are met several times.
template <typename Visit>
void for_each_entry(Visit&& visit) {
    std::string_view last;
    const auto visit_with_directories = [&](const CpioEntry& entry) {
        const std::string_view name = entry.name;
        for (std::size_t end = name.find('/'); end != name.npos; end = name.find('/', end + 1))
            if (!last.starts_with(name.substr(0, end)) || (last.size() > end && last[end] != '/'))
                visit(CpioEntry{name.substr(0, end), {}, implied_mode, 0});
        last = name;
        visit(entry);
    };
    visit(CpioEntry{{}, {}, implied_mode, 0});
    visit(CpioEntry{"dev", {}, implied_mode, 0});
    for (std::size_t i = 0; i != added_count; ++i)
        visit_with_directories(CpioEntry{added_directories[i], {}, implied_mode, 0});
    CpioReader reader(archive());
    for (;;) {
        const auto entry = reader.next();
        if (!entry) return warn("the image's file archive is damaged");
        if (!*entry) return;
        CpioEntry found = **entry;
        found.name = without_leading_slashes(found.name);
        while (found.name.ends_with('/')) found.name.remove_suffix(1);
        if (found.name.empty() || found.name == ".") continue;
        visit_with_directories(found);
    }
}

/// The image builder sorts by name already, and then this moves little. An archive made by hand may be unsorted. Of two
/// entries with one name the archive's own comes first.
void sort_by_name(std::span<CpioEntry> entries) {
    const auto before = [](const CpioEntry& one, const CpioEntry& other) {
        const int order = one.name.compare(other.name);
        return order != 0 ? order < 0 : one.mode != implied_mode && other.mode == implied_mode;
    };
    for (std::size_t sorted = 1; sorted < entries.size(); ++sorted) {
        const CpioEntry entry = entries[sorted];
        std::size_t place = sorted;
        for (; place != 0 && before(entry, entries[place - 1]); --place) entries[place] = entries[place - 1];
        entries[place] = entry;
    }
}

/// Null if there is no memory for it.
CpioEntry* sorted_entries(std::size_t& count) {
    count = 0;
    for_each_entry([&](const CpioEntry&) { ++count; });
    auto* const entries = static_cast<CpioEntry*>(heap_allocate(count * sizeof(CpioEntry)));
    if (entries == nullptr) return nullptr;
    std::size_t filled = 0;
    for_each_entry([&](const CpioEntry& entry) { new (&entries[filled++]) CpioEntry(entry); });
    sort_by_name({entries, count});
    const auto same = [](const CpioEntry& one, const CpioEntry& other) { return one.name == other.name; };
    count = static_cast<std::size_t>(std::unique(entries, entries + count, same) - entries);
    return entries;
}

/// Null if there is no memory for them.
ArchiveInode* make_inodes() {
    CpioEntry* const entries = sorted_entries(inode_count);
    if (entries == nullptr) return nullptr;
    auto* const made = static_cast<ArchiveInode*>(heap_allocate(inode_count * sizeof(ArchiveInode)));
    for (std::size_t i = 0; made != nullptr && i != inode_count; ++i) new (&made[i]) ArchiveInode(entries[i], i + 1);
    heap_free(entries);
    return made;
}

std::span<ArchiveInode> inodes() {
    ArchiveInode* first = first_inode.load(std::memory_order_acquire);
    if (first == nullptr) {
        const std::lock_guard guard(building);
        first = first_inode.load(std::memory_order_relaxed);
        if (first == nullptr) first_inode.store(first = make_inodes(), std::memory_order_release);
    }
    if (first == nullptr) panic("there is no memory for the image's file list");
    return {first, inode_count};
}

/// The place of `directory`/`name`, or where it would be. In O(log n).
ArchiveInode* position_of(std::string_view directory, std::string_view name) {
    const auto before = [&](const ArchiveInode& inode, std::nullptr_t) {
        const std::string_view path = inode.path();
        if (directory.empty()) return path < name;
        const int order = path.compare(0, directory.size(), directory);
        if (order != 0) return order < 0;
        if (path.size() == directory.size()) return true;
        if (path[directory.size()] != '/') return static_cast<unsigned char>(path[directory.size()]) < '/';
        return path.substr(directory.size() + 1) < name;
    };
    const auto all = inodes();
    return &*std::lower_bound(all.begin(), all.end(), nullptr, before);
}

bool is_end(const ArchiveInode* inode) { return inode == inodes().data() + inodes().size(); }

bool is_below(std::string_view path, std::string_view directory) {
    return directory.empty() ||
           (path.size() > directory.size() && path[directory.size()] == '/' && path.starts_with(directory));
}

/// The name of what is directly in `directory`, or nothing.
std::string_view name_within(std::string_view directory, std::string_view path) {
    if (!is_below(path, directory)) return {};
    if (!directory.empty()) path.remove_prefix(directory.size() + 1);
    return path.find('/') == path.npos ? path : std::string_view();
}

ArchiveInode::ArchiveInode(const CpioEntry& entry, ino_t number)
    : Inode(the_archive, number, entry.mode), entry_(entry) {}

Outcome<> ArchiveInode::status(struct stat& status) {
    status = {};
    status.st_ino = number();
    status.st_mode = entry_.mode;
    status.st_nlink = 1;
    status.st_size = static_cast<off_t>(entry_.data.size());
    status.st_blocks = static_cast<blkcnt_t>(blocks());
    status.st_atim.tv_sec = status.st_mtim.tv_sec = status.st_ctim.tv_sec = entry_.modified;
    return {};
}

Outcome<std::size_t> ArchiveInode::read(std::span<std::byte> buffer, off_t offset) {
    if (is_directory()) return fail_with(EISDIR);
    const auto begin = std::min(static_cast<std::size_t>(offset), entry_.data.size());
    const std::size_t size = std::min(buffer.size(), entry_.data.size() - begin);
    if (size != 0) std::memcpy(buffer.data(), entry_.data.data() + begin, size);
    return size;
}

Outcome<std::size_t> ArchiveInode::read_link(std::span<char> buffer) {
    if (!is_link()) return fail_with(EINVAL);
    const std::size_t size = std::min(buffer.size(), entry_.data.size());
    std::memcpy(buffer.data(), entry_.data.data(), size);
    return size;
}

Outcome<InodeReference> ArchiveInode::look_up(std::string_view name) {
    if (!is_directory()) return fail_with(ENOTDIR);
    ArchiveInode* found = position_of(path(), name);
    if (is_end(found) || name_within(path(), found->path()) != name) return fail_with(ENOENT);
    return InodeReference::share(*found);
}

Outcome<InodeReference> ArchiveInode::parent() {
    const std::size_t slash = path().rfind('/');
    if (slash == path().npos) return InodeReference::share(the_archive.root());
    return InodeReference::share(*position_of({}, path().substr(0, slash)));
}

Outcome<bool> ArchiveInode::read_entry(std::uint64_t& cookie, DirectoryEntry& entry) {
    if (!is_directory()) return fail_with(ENOTDIR);
    // A cookie is a place in the array, in which all that is below a directory stands together.
    const auto all = inodes();
    std::size_t place = cookie != 0 ? static_cast<std::size_t>(cookie) + 1
                                    : static_cast<std::size_t>(position_of(path(), {}) - all.data());
    for (; place < all.size() && is_below(all[place].path(), path()); ++place) {
        const std::string_view name = name_within(path(), all[place].path());
        if (name.empty() || name.size() > NAME_MAX) continue;
        cookie = place;
        entry.inode = all[place].number();
        entry.type = all[place].type();
        entry.set_name(name);
        return true;
    }
    return false;
}

Inode& ArchiveFileSystem::root() { return inodes().front(); }

FileSystemStatistics ArchiveFileSystem::statistics() {
    std::uint64_t blocks = 0;
    for (const ArchiveInode& inode : inodes()) blocks += inode.blocks();
    return {block_size, blocks, 0, inodes().size(), 0};
}

}  // namespace

FileSystem& archive_file_system() { return the_archive; }

Result<> add_archive_directory(std::string_view path) {
    path = without_leading_slashes(path);
    if (path.empty()) return {};
    if (added_count == added_directories.size()) return fail(Error::no_memory);
    added_directories[added_count++] = path;
    return {};
}

}  // namespace tenon
