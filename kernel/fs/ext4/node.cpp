// SPDX-License-Identifier: Apache-2.0
// Attributes of files on the disk.
#include "kernel/fs/ext4/node.h"

#include <mutex>
#include <new>

#include "kernel/fs/ext4/volume.h"
#include "kernel/mm/heap.h"
#include "kernel/time/clock.h"

namespace tenon::ext4 {

namespace {

bool is_later(const timespec& one, const timespec& other) {
    return one.tv_sec != other.tv_sec ? one.tv_sec > other.tv_sec : one.tv_nsec > other.tv_nsec;
}

}  // namespace

timespec time_now() {
    constexpr Nanoseconds second = 1'000'000'000;
    const Nanoseconds time = realtime_now();
    return {static_cast<time_t>(time / second), static_cast<long>(time % second)};
}

Node::Node(Volume& volume, std::uint32_t number, const InodeRecord& record)
    : Inode(volume, number, record.mode), record_(record) {}

Volume& Node::volume() const { return static_cast<Volume&>(file_system()); }

void Node::note_change(bool data) {
    changed_in_ = volume().transaction();
    if (data) data_changed_in_ = changed_in_;
    volume().note_change(*this);
}

void Node::touch_changed() {
    record_.set_time(InodeRecord::Time::changed, time_now());
    note_change(false);
}

void Node::touch_modified() {
    // As Linux's: times of changes move in steps, so that a file that is written often does not change its inode each
    // time, which an fsync() would have to commit.
    constexpr long step = 4'000'000;
    timespec now = time_now();
    now.tv_nsec -= now.tv_nsec % step;
    const timespec before = record_.time(InodeRecord::Time::modified);
    if (before.tv_sec == now.tv_sec && before.tv_nsec == now.tv_nsec) return;
    record_.set_time(InodeRecord::Time::modified, now);
    record_.set_time(InodeRecord::Time::changed, now);
    note_change(false);
}

/// As Linux's relatime: a time of access is noted if it is a day old, or not later than the last change.
void Node::touch_accessed() {
    constexpr time_t day = 86'400;
    if (!volume().may_write()) return;
    const timespec now = time_now();
    const timespec accessed = record_.time(InodeRecord::Time::accessed);
    if (is_later(accessed, record_.time(InodeRecord::Time::modified)) &&
        is_later(accessed, record_.time(InodeRecord::Time::changed)) && now.tv_sec - accessed.tv_sec < day)
        return;
    record_.set_time(InodeRecord::Time::accessed, now);
    note_change(false);
}

Outcome<> Node::status(struct stat& status) {
    const std::lock_guard guard(volume().mutex());
    status = {};
    status.st_ino = number();
    status.st_mode = record_.mode;
    status.st_nlink = record_.links;
    status.st_uid = static_cast<uid_t>(record_.owner());
    status.st_gid = static_cast<gid_t>(record_.group());
    status.st_size = static_cast<off_t>(size());
    std::uint64_t blocks = std::uint64_t{record_.blocks_high} << 32 | record_.blocks_low;
    if ((record_.flags & InodeRecord::huge_file_flag) != 0) blocks *= volume().block_size() / 512;
    blocks += reserved_blocks() * (volume().block_size() / 512);
    status.st_blocks = static_cast<blkcnt_t>(blocks);
    status.st_atim = record_.time(InodeRecord::Time::accessed);
    status.st_mtim = record_.time(InodeRecord::Time::modified);
    status.st_ctim = record_.time(InodeRecord::Time::changed);
    return {};
}

Outcome<> Node::change(const AttributeChange& change) {
    const std::lock_guard guard(volume().mutex());
    CHECK(volume().begin(0));
    if (change.permissions) record_.mode = static_cast<std::uint16_t>((record_.mode & S_IFMT) | *change.permissions);
    if ((change.owner || change.group) && !is_directory()) {
        // Another owner does not inherit rights; without execution by the group S_ISGID means something else.
        record_.mode &= static_cast<std::uint16_t>(~S_ISUID);
        if ((record_.mode & S_IXGRP) != 0) record_.mode &= static_cast<std::uint16_t>(~S_ISGID);
    }
    if (change.owner) record_.set_owner(*change.owner);
    if (change.group) record_.set_group(*change.group);
    if (change.accessed) record_.set_time(InodeRecord::Time::accessed, *change.accessed);
    if (change.modified) record_.set_time(InodeRecord::Time::modified, *change.modified);
    touch_changed();
    return {};
}

Outcome<> Node::synchronise(bool data_only) {
    const std::lock_guard guard(volume().mutex());
    if (volume().read_only()) return {};
    want_written();
    return volume().round(changed_in(data_only) > volume().committed() ? Level::commit : Level::flush);
}

void Node::unreferenced() { volume().release(*this); }

void* Node::operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
void Node::operator delete(void* object) { heap_free(object); }

}  // namespace tenon::ext4
