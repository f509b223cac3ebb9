// SPDX-License-Identifier: Apache-2.0
// What files, directories and links in RAM have in common: attributes.
#pragma once

#include <mutex>

#include "kernel/fs/tmpfs/tmpfs.h"

namespace tenon::tmpfs {

class Node : public Inode {
public:
    Outcome<> status(struct stat& status) override;
    Outcome<> change(const AttributeChange& change) override;

    /// How many names it has; Tmpfs::naming() guards it.
    [[nodiscard]] std::uint32_t links() const { return links_.load(std::memory_order_relaxed); }
    void add_links(int count) { links_.fetch_add(static_cast<std::uint32_t>(count), std::memory_order_relaxed); }
    /// What a new file in a directory with S_ISGID has from that: the group, and, as a directory, that bit.
    void inherit(Node& directory);
    /// A name has come or gone.
    void touch_changed();

    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept;
    static void operator delete(void* object);

protected:
    Node(Tmpfs& tmpfs, mode_t mode);
    virtual ~Node();
    void unreferenced() override { delete this; }
    [[nodiscard]] Tmpfs& tmpfs() const { return tmpfs_; }

    /// Fills in size and blocks, with the lock held.
    virtual void measure(struct stat& status) const = 0;
    // With the lock held.
    /// As Linux's relatime: a time of access is noted if it is a day old, or not later than the last change.
    void touch_accessed();
    void touch_modified();

    Mutex mutex_;  ///< guards attributes and contents

private:
    Tmpfs& tmpfs_;
    std::atomic<std::uint32_t> links_ = 0;
    mode_t mode_;
    uid_t owner_ = 0;
    gid_t group_ = 0;
    timespec accessed_, modified_, changed_;
};

/// Has taken an inode from the budget, and has a reference. Errors: ENOSPC, ENOMEM.
template <typename T, typename... Arguments>
Outcome<InodeReference> make_node(Tmpfs& tmpfs, Arguments&&... arguments) {
    if (!tmpfs.inodes().take()) return fail_with(ENOSPC);
    T* node = new (std::nothrow) T(tmpfs, std::forward<Arguments>(arguments)...);
    if (node == nullptr) {
        tmpfs.inodes().give_back();
        return fail_with(ENOMEM);
    }
    return InodeReference(node);
}

}  // namespace tenon::tmpfs
