// SPDX-License-Identifier: Apache-2.0
// The format of ext4 on the disk: super block, groups, bitmaps, inodes, extents, directory blocks. The only part that
// uses libext2fs, through this interface, so that another library can take its place.
#pragma once

#include <limits>
#include <span>
#include <string_view>

#include "kernel/base/outcome.h"
#include "kernel/fs/ext4/array.h"
#include "kernel/fs/ext4/inode_record.h"

struct struct_ext2_filsys;

namespace tenon::ext4 {

/// Where metadata are read and written: what is written belongs to the running transaction.
class MetadataStore {
public:
    virtual Outcome<> read(std::uint64_t offset, std::span<std::byte> buffer) = 0;
    virtual Outcome<> write(std::uint64_t offset, std::span<const std::byte> data) = 0;
    /// The block has been freed: if it held metadata, they are obsolete.
    virtual void freed(std::uint64_t block) = 0;

protected:
    MetadataStore() = default;
    ~MetadataStore() = default;
};

struct BlockRange {
    std::uint64_t first;
    std::uint64_t count;
};

/// Neighbouring blocks of a file; without `is_mapped` a hole.
struct Extent {
    std::uint64_t logical;
    std::uint64_t physical;
    std::uint64_t count;
    bool is_mapped;
    bool is_unwritten;  ///< allocated, and reads as zeros
};

inline constexpr std::uint32_t root_inode = 2;

/// The caller locks. An error behind which metadata may be half changed is told by is_broken(): nothing may be
/// committed then. Errors: EIO (also what is damaged), ENOMEM, and those that are named.
class Format {
public:
    /// `lenient`: for the first look, at a file system whose journal has not been replayed: checksums may be wrong.
    /// `why` becomes the reason. Errors: EINVAL (no ext4), EOPNOTSUPP.
    static Outcome<Format*> open(MetadataStore& store, std::uint64_t size, bool read_only, bool lenient,
                                 const char*& why);
    ~Format();
    Format(const Format&) = delete;
    Format& operator=(const Format&) = delete;
    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept;
    static void operator delete(void* object);

    /// Reads the bitmaps, and counts free blocks and inodes: the super block's counts may be old.
    Outcome<> read_bitmaps();
    [[nodiscard]] bool is_broken() const { return is_broken_; }

    // The file system as a whole.
    [[nodiscard]] std::uint32_t block_size() const { return block_size_; }
    [[nodiscard]] std::uint64_t block_count() const;
    [[nodiscard]] std::uint64_t first_data_block() const;
    [[nodiscard]] std::uint64_t free_blocks() const;  ///< without those that are not released yet
    [[nodiscard]] std::uint64_t reserved_blocks() const;
    [[nodiscard]] std::uint64_t overhead_blocks() const;
    [[nodiscard]] std::uint32_t inode_count() const;
    [[nodiscard]] std::uint32_t free_inodes() const;
    [[nodiscard]] std::uint32_t journal_inode() const;
    [[nodiscard]] bool has_extents() const;
    [[nodiscard]] bool has_directory_index() const;
    [[nodiscard]] bool may_exceed_link_limit() const;
    [[nodiscard]] bool needs_recovery() const;
    void set_needs_recovery(bool needs);
    void set_error_state();
    void set_times(std::uint32_t now, bool mounted);
    [[nodiscard]] std::uint32_t last_orphan() const;
    void set_last_orphan(std::uint32_t inode);
    /// Writes the super block into its buffer.
    Outcome<> write_super_block();
    [[nodiscard]] std::uint64_t super_block_block() const { return block_size_ == 1024 ? 1 : 0; }

    // Allocation.
    /// The first free blocks from `goal` on, `most` at most, marked as used. Error: ENOSPC.
    Outcome<BlockRange> allocate(std::uint64_t goal, std::uint64_t most);
    /// Blocks that were freed are not used before release(), which follows the commit.
    [[nodiscard]] Array<BlockRange> take_freed();
    void release(const Array<BlockRange>& blocks);
    [[nodiscard]] std::uint64_t held_blocks() const { return held_; }
    /// For tests: freed blocks are used at once.
    void reuse_at_once() { reuse_at_once_ = true; }
    /// How many blocks write_groups() would write, at most.
    [[nodiscard]] std::size_t changed_group_blocks() const { return changed_group_count_ * 3; }
    /// Writes bitmaps and descriptors of groups that have changed, and the super block if it has.
    Outcome<> write_groups();

    // Inodes.
    /// Errors: ENOENT (free).
    Outcome<> read_inode(std::uint32_t number, InodeRecord& record);
    Outcome<> write_inode(std::uint32_t number, InodeRecord& record);
    /// A new inode near its directory; fills in what the format asks for. Error: ENOSPC.
    Outcome<std::uint32_t> make_inode(std::uint32_t directory, InodeRecord& record);
    /// Makes block[] an empty tree, in a record that has extents. Writes the record.
    Outcome<> make_tree(std::uint32_t number, InodeRecord& record);
    /// Its blocks have been freed. Writes the record.
    Outcome<> free_inode(std::uint32_t number, InodeRecord& record);

    // A file's blocks. Methods that change them write the record too.
    [[nodiscard]] std::uint64_t most_blocks(const InodeRecord& record) const;
    Outcome<Extent> map(std::uint32_t number, InodeRecord& record, std::uint64_t logical);
    /// Where to look for free blocks for `logical`.
    std::uint64_t goal(std::uint32_t number, InodeRecord& record, std::uint64_t logical);
    /// Gives a hole its blocks.
    Outcome<> insert(std::uint32_t number, InodeRecord& record, std::uint64_t logical, BlockRange blocks);
    /// `count` blocks, which lie in one unwritten extent, are written now.
    Outcome<> mark_written(std::uint32_t number, InodeRecord& record, std::uint64_t logical, std::uint64_t count);
    /// Frees blocks from the end back to `first`, by at most about `most` blocks. True: all are freed.
    Outcome<bool> cut(std::uint32_t number, InodeRecord& record, std::uint64_t first, std::uint64_t most);
    /// The block of extended attributes, if there is one.
    Outcome<> free_attributes(std::uint32_t number, InodeRecord& record);

    // Directories. Their records are read and written here; the caller's copy is written ahead and read again.
    struct Name {
        std::string_view text;
        std::uint32_t inode;
        std::uint8_t type;    ///< as directory blocks have it; 0: unknown
        std::uint64_t block;  ///< where it is on the disk
    };
    /// Calls visit(context, name) for each entry, "." and ".." too, until it returns false.
    Outcome<> list(std::uint32_t directory, const InodeRecord& record, bool (*visit)(void* context, const Name& name),
                   void* context);
    /// Names block 0 of a new, empty directory.
    Outcome<> make_directory(std::uint32_t number, InodeRecord& record, std::uint32_t parent);
    /// Returns the block on the disk that it has come to. Error: ENOSPC.
    Outcome<std::uint64_t> add_name(std::uint32_t directory, InodeRecord& record, std::string_view name,
                                    std::uint32_t inode, mode_t type);
    /// `block`: the block of the directory in which it was, or 0. Names move to other blocks when one has become full.
    /// Error: ENOENT (it is not in that block; with 0: not in the directory).
    Outcome<> remove_name(std::uint32_t directory, const InodeRecord& record, std::string_view name,
                          std::uint64_t block);
    /// The name stays, and leads to another inode. Errors: as remove_name().
    Outcome<> replace_name(std::uint32_t directory, const InodeRecord& record, std::string_view name,
                           std::uint64_t block, std::uint32_t inode, mode_t type);
    static mode_t mode_of_type(std::uint8_t type);
    static std::uint8_t type_of_mode(mode_t mode);

    /// For the library's input and output.
    void written(std::uint64_t block) { last_written_ = block; }

    static std::uint32_t checksum(std::uint32_t seed, std::span<const std::byte> data);  ///< CRC-32C

private:
    static constexpr std::uint8_t block_bitmap_changed = 1, inode_bitmap_changed = 2, descriptor_changed = 4;

    Format(MetadataStore& store, std::uint64_t size) : store_(store), size_(size) {}
    Outcome<> check(bool read_only, bool lenient, const char*& why);
    Outcome<> check_features(bool read_only, const char*& why) const;
    /// The library's error, as one of errno's.
    static std::unexpected<Errno> failure(long code);
    /// The same in the middle of a change.
    std::unexpected<Errno> broken(long code);
    static void block_changed(struct_ext2_filsys* library, unsigned long long block, int in_use);
    void free_blocks(BlockRange blocks);
    void hold(std::uint64_t block);
    void mark_group(std::uint32_t group, std::uint8_t changes);
    Outcome<> write_block_bitmap(std::uint32_t group, std::span<std::byte> map);
    Outcome<> write_inode_bitmap(std::uint32_t group, std::span<std::byte> map);
    Outcome<Extent> map_by_blocks(std::uint32_t number, InodeRecord& record, std::uint64_t logical);
    Outcome<> insert_by_blocks(std::uint32_t number, InodeRecord& record, std::uint64_t logical, BlockRange blocks);
    template <typename Edit>
    Outcome<> edit_entry(std::uint32_t directory, const InodeRecord& record, std::string_view name, std::uint64_t block,
                         Edit&& edit);
    template <typename Edit>
    Outcome<bool> edit_block(std::uint32_t directory, std::string_view name, std::uint64_t block, Edit& edit);
    Outcome<std::uint64_t> directory_block(std::uint32_t directory, const InodeRecord& record, std::uint64_t logical);
    Outcome<> make_index(std::uint32_t directory, InodeRecord& record);

    MetadataStore& store_;
    std::uint64_t size_;
    struct_ext2_filsys* library_ = nullptr;
    std::uint32_t block_size_ = 0;
    bool is_broken_ = false;
    bool reuse_at_once_ = false;
    bool super_block_changed_ = false;
    std::uint64_t last_written_ = 0;  // by the library
    Array<BlockRange> freed_;
    std::uint64_t held_ = 0;
    /// What of each group has changed.
    std::uint8_t* changed_groups_ = nullptr;
    std::size_t changed_group_count_ = 0;
    std::byte* block_ = nullptr;   // scratch memory of one block
    std::byte* block2_ = nullptr;  // another one
};

}  // namespace tenon::ext4
