// SPDX-License-Identifier: Apache-2.0
// What files, directories, links and devices on the disk have in common: the inode's record.
#pragma once

#include "kernel/base/intrusive_list.h"
#include "kernel/fs/ext4/inode_record.h"
#include "kernel/fs/inode.h"

namespace tenon::ext4 {

class Volume;
struct ChangedTag;

/// Volume::mutex() guards all of it. The volume has a reference to each node that has a name, and drops it when memory
/// is needed, or with the last name.
class Node : public Inode, public ListLink<ChangedTag> {
public:
    Node(Volume& volume, std::uint32_t number, const InodeRecord& record);
    virtual ~Node() = default;
    Outcome<> status(struct stat& status) override;
    Outcome<> change(const AttributeChange& change) override;
    Outcome<> synchronise(bool data_only) override;

    [[nodiscard]] std::uint32_t index() const { return static_cast<std::uint32_t>(number()); }
    [[nodiscard]] InodeRecord& record() { return record_; }
    [[nodiscard]] const InodeRecord& record() const { return record_; }
    [[nodiscard]] std::uint32_t links() const { return record_.links; }
    using Inode::references;

    // With the lock held.
    /// The record has been changed: it goes into the running transaction. `data`: size or blocks have.
    void note_change(bool data);
    void touch_accessed();
    void touch_modified();  ///< and changed
    void touch_changed();
    /// Nothing of it is in memory only.
    [[nodiscard]] virtual bool is_clean() const { return !is_changed_; }
    /// The disk reads or writes what it has in memory.
    [[nodiscard]] virtual bool is_busy() const { return false; }
    /// How many transactions must have been committed for it to be durable.
    [[nodiscard]] std::uint64_t changed_in(bool data_only) const { return data_only ? data_changed_in_ : changed_in_; }
    /// What it has in memory of its contents goes.
    virtual void drop_contents() {}
    [[nodiscard]] virtual std::uint64_t size() const { return record_.size(); }
    /// Blocks that it is going to have.
    [[nodiscard]] virtual std::uint64_t reserved_blocks() const { return 0; }

    bool is_changed_ = false;   ///< the record is not in its buffer yet
    bool is_orphan_ = false;    ///< in the list on the disk
    bool is_released_ = false;  ///< its inode is free again, and may be another's

    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept;
    static void operator delete(void* object);

protected:
    void unreferenced() override;
    [[nodiscard]] Volume& volume() const;
    /// Ahead of a wait for the disk. Error: EIO, if what was written could not be.
    virtual void want_written() {}

private:
    InodeRecord record_;
    std::uint64_t changed_in_ = 0;
    std::uint64_t data_changed_in_ = 0;
};

timespec time_now();

}  // namespace tenon::ext4
