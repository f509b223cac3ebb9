// SPDX-License-Identifier: Apache-2.0
// Attributes of files in RAM.
#include "kernel/fs/tmpfs/node.h"

#include "kernel/mm/heap.h"
#include "kernel/time/clock.h"

namespace tenon::tmpfs {

namespace {

timespec now() {
    constexpr Nanoseconds second = 1'000'000'000;
    const Nanoseconds time = realtime_now();
    return {static_cast<time_t>(time / second), static_cast<long>(time % second)};
}

bool is_later(const timespec& one, const timespec& other) {
    return one.tv_sec != other.tv_sec ? one.tv_sec > other.tv_sec : one.tv_nsec > other.tv_nsec;
}

}  // namespace

Node::Node(Tmpfs& tmpfs, mode_t mode)
    : Inode(tmpfs, tmpfs.next_number(), mode),
      tmpfs_(tmpfs),
      mode_(mode),
      accessed_(now()),
      modified_(accessed_),
      changed_(accessed_) {}

Node::~Node() { tmpfs_.inodes().give_back(); }

Outcome<> Node::status(struct stat& status) {
    const std::lock_guard guard(mutex_);
    status = {};
    status.st_ino = number();
    status.st_mode = mode_;
    status.st_nlink = static_cast<nlink_t>(links());
    status.st_uid = owner_;
    status.st_gid = group_;
    status.st_atim = accessed_;
    status.st_mtim = modified_;
    status.st_ctim = changed_;
    measure(status);
    return {};
}

Outcome<> Node::change(const AttributeChange& change) {
    const std::lock_guard guard(mutex_);
    if (change.permissions) mode_ = (mode_ & S_IFMT) | *change.permissions;
    if ((change.owner || change.group) && !is_directory()) {
        // Another owner does not inherit rights; without execution by the group S_ISGID means something else.
        mode_ &= ~static_cast<mode_t>(S_ISUID);
        if ((mode_ & S_IXGRP) != 0) mode_ &= ~static_cast<mode_t>(S_ISGID);
    }
    if (change.owner) owner_ = *change.owner;
    if (change.group) group_ = *change.group;
    if (change.accessed) accessed_ = *change.accessed;
    if (change.modified) modified_ = *change.modified;
    changed_ = now();
    return {};
}

void Node::inherit(Node& directory) {
    const std::lock_guard guard(directory.mutex_);
    if ((directory.mode_ & S_ISGID) == 0) return;
    group_ = directory.group_;
    if (is_directory()) mode_ |= S_ISGID;
}

void Node::touch_changed() {
    const std::lock_guard guard(mutex_);
    changed_ = now();
}

void Node::touch_accessed() {
    constexpr time_t day = 86'400;
    const timespec time = now();
    if (is_later(accessed_, modified_) && is_later(accessed_, changed_) && time.tv_sec - accessed_.tv_sec < day) return;
    accessed_ = time;
}

void Node::touch_modified() { modified_ = changed_ = now(); }

void* Node::operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
void Node::operator delete(void* object) { heap_free(object); }

}  // namespace tenon::tmpfs
