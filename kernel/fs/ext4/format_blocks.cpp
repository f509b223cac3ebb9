// SPDX-License-Identifier: Apache-2.0
// Blocks: which are free, and which a file has.
#include <algorithm>
#include <cstring>

#include "kernel/fs/ext4/format.h"
#include "kernel/fs/ext4/library.h"

namespace tenon::ext4 {

namespace {

/// An extent on the disk has at most as many blocks.
constexpr std::uint64_t longest_extent = 32768, longest_unwritten_extent = 32767;

ext2fs_extent extent_of(std::uint64_t logical, std::uint64_t physical, std::uint64_t count, bool unwritten = false) {
    ext2fs_extent extent{};
    extent.e_lblk = logical;
    extent.e_pblk = physical;
    extent.e_len = static_cast<std::uint32_t>(count);
    extent.e_flags = unwritten ? EXT2_EXTENT_FLAGS_UNINIT : 0;
    return extent;
}

bool is_unwritten(const ext2fs_extent& extent) { return (extent.e_flags & EXT2_EXTENT_FLAGS_UNINIT) != 0; }

/// Puts `added` behind the current extent, or ahead of it, or into an empty tree.
long insert_extent(ext2_extent_handle_t handle, ext2fs_extent added) {
    ext2fs_extent current{};
    const long code = ext2fs_extent_get(handle, EXT2_EXTENT_CURRENT, &current);
    if (code == EXT2_ET_NO_CURRENT_NODE) return ext2fs_extent_insert(handle, 0, &added);
    if (code != 0) return code;
    if (const long inserted =
            ext2fs_extent_insert(handle, current.e_lblk < added.e_lblk ? EXT2_EXTENT_INSERT_AFTER : 0, &added);
        inserted != 0)
        return inserted;
    return ext2fs_extent_fix_parents(handle);
}

}  // namespace

// Free blocks.

std::uint64_t Format::free_blocks() const {
    const std::uint64_t all = ext2fs_free_blocks_count(library_->super);
    return all > held_ ? all - held_ : 0;
}

void Format::mark_group(std::uint32_t group, std::uint8_t changes) {
    if (changed_groups_[group] == 0) ++changed_group_count_;
    changed_groups_[group] |= changes | descriptor_changed;
}

void Format::block_changed(ext2_filsys library, unsigned long long block, int in_use) {
    auto& format = *static_cast<Format*>(library->priv_data);
    format.mark_group(ext2fs_group_of_blk2(library, block), block_bitmap_changed);
    if (in_use < 0) format.hold(block);
}

/// The block's bit is set again, so that nobody gets it ahead of the commit.
void Format::hold(std::uint64_t block) {
    store_.freed(block);
    if (reuse_at_once_) return;
    ext2fs_mark_block_bitmap2(library_->block_map, block);
    ++held_;
    if (!freed_.empty() && freed_[freed_.size() - 1].first + freed_[freed_.size() - 1].count == block) {
        ++freed_[freed_.size() - 1].count;
        return;
    }
    // Without memory to remember it, its bit could not be cleared on the disk.
    if (!freed_.push_back({block, 1})) is_broken_ = true;
}

void Format::free_blocks(BlockRange blocks) {
    for (std::uint64_t i = 0; i != blocks.count; ++i) ext2fs_block_alloc_stats2(library_, blocks.first + i, -1);
}

Array<BlockRange> Format::take_freed() { return std::move(freed_); }

void Format::release(const Array<BlockRange>& blocks) {
    for (const BlockRange& range : blocks) {
        ext2fs_unmark_block_bitmap_range2(library_->block_map, range.first, static_cast<blk_t>(range.count));
        held_ -= range.count;
    }
}

Outcome<BlockRange> Format::allocate(std::uint64_t goal, std::uint64_t most) {
    const std::uint64_t begin = first_data_block();
    const std::uint64_t end = block_count();
    if (goal < begin || goal >= end) goal = begin;
    blk64_t first = 0;
    long code = ext2fs_find_first_zero_block_bitmap2(library_->block_map, goal, end - 1, &first);
    if (code == ENOENT && goal != begin)
        code = ext2fs_find_first_zero_block_bitmap2(library_->block_map, begin, goal - 1, &first);
    if (code == ENOENT) return fail_with(ENOSPC);
    if (code != 0) return failure(code);
    const std::uint64_t last = std::min<std::uint64_t>(end - 1, first + std::min(most, longest_unwritten_extent) - 1);
    blk64_t used = 0;
    code = ext2fs_find_first_set_block_bitmap2(library_->block_map, first, last, &used);
    if (code != 0 && code != ENOENT) return failure(code);
    const BlockRange blocks{first, (code == 0 ? used : last + 1) - first};
    ext2fs_block_alloc_stats_range(library_, blocks.first, static_cast<blk_t>(blocks.count), +1);
    for (std::uint32_t group = ext2fs_group_of_blk2(library_, blocks.first);
         group <= ext2fs_group_of_blk2(library_, blocks.first + blocks.count - 1); ++group)
        mark_group(group, block_bitmap_changed);
    return blocks;
}

Outcome<> Format::read_bitmaps() {
    if (const errcode_t code = ext2fs_read_bitmaps(library_); code != 0) return failure(code);
    std::uint64_t blocks = 0;
    std::uint64_t inodes = 0;
    for (dgrp_t group = 0; group != library_->group_desc_count; ++group) {
        blocks += ext2fs_bg_free_blocks_count(library_, group);
        inodes += ext2fs_bg_free_inodes_count(library_, group);
    }
    if (blocks > block_count() || inodes > inode_count()) return fail_with(EIO);
    ext2fs_free_blocks_count_set(library_->super, blocks);
    library_->super->s_free_inodes_count = static_cast<std::uint32_t>(inodes);
    ext2fs_set_block_alloc_stats_callback(library_, block_changed, nullptr);
    return {};
}

Outcome<> Format::write_block_bitmap(std::uint32_t group, std::span<std::byte> map) {
    const std::uint64_t per_group = library_->super->s_blocks_per_group;
    const std::uint64_t first = first_data_block() + group * per_group;
    const std::uint64_t count = std::min(per_group, block_count() - first);
    std::memset(map.data(), 0xFF, map.size());
    if (const errcode_t code = ext2fs_get_block_bitmap_range2(library_->block_map, first, count, map.data()); code != 0)
        return broken(code);
    // The rest of the last byte, and what follows, stand for no blocks.
    for (std::uint64_t i = count; i % 8 != 0; ++i) ext2fs_set_bit(static_cast<unsigned>(i), map.data());
    for (const BlockRange& range : freed_) {
        const std::uint64_t begin = std::max(range.first, first);
        const std::uint64_t end = std::min(range.first + range.count, first + count);
        for (std::uint64_t block = begin; block < end; ++block)
            ext2fs_clear_bit(static_cast<unsigned>(block - first), map.data());
    }
    ext2fs_block_bitmap_csum_set(library_, group, reinterpret_cast<char*>(map.data()), static_cast<int>(per_group / 8));
    return store_.write(ext2fs_block_bitmap_loc(library_, group) * block_size_, map);
}

Outcome<> Format::write_inode_bitmap(std::uint32_t group, std::span<std::byte> map) {
    const std::uint32_t per_group = library_->super->s_inodes_per_group;
    std::memset(map.data(), 0xFF, map.size());
    if (const errcode_t code = ext2fs_get_inode_bitmap_range2(library_->inode_map, 1 + std::uint64_t{group} * per_group,
                                                              per_group, map.data());
        code != 0)
        return broken(code);
    ext2fs_inode_bitmap_csum_set(library_, group, reinterpret_cast<char*>(map.data()), static_cast<int>(per_group / 8));
    return store_.write(ext2fs_inode_bitmap_loc(library_, group) * block_size_, map);
}

Outcome<> Format::write_groups() {
    if (changed_group_count_ != 0) {
        const std::uint32_t per_block = EXT2_DESC_PER_BLOCK(library_->super);
        bool block_changed = false;
        for (std::uint32_t group = 0; group != library_->group_desc_count; ++group) {
            const std::uint8_t changes = std::exchange(changed_groups_[group], std::uint8_t{0});
            const std::span map(block_, block_size_);
            if ((changes & block_bitmap_changed) != 0) CHECK(write_block_bitmap(group, map));
            if ((changes & inode_bitmap_changed) != 0) CHECK(write_inode_bitmap(group, map));
            if (changes != 0) ext2fs_group_desc_csum_set(library_, group);
            block_changed |= changes != 0;
            if (group % per_block != per_block - 1 && group != library_->group_desc_count - 1) continue;
            if (!std::exchange(block_changed, false)) continue;
            const std::uint32_t index = group / per_block;
            const auto* descriptors =
                reinterpret_cast<const std::byte*>(library_->group_desc) + std::size_t{index} * block_size_;
            CHECK(store_.write(
                ext2fs_descriptor_block_loc2(library_, library_->super->s_first_data_block, index) * block_size_,
                {descriptors, block_size_}));
        }
        changed_group_count_ = 0;
    }
    return super_block_changed_ ? write_super_block() : Outcome<>();
}

// A file's blocks.

std::uint64_t Format::most_blocks(const InodeRecord& record) const {
    if (record.has_extents()) return (std::uint64_t{1} << 32) - 1;
    const std::uint64_t per_block = block_size_ / 4;
    return std::min(12 + per_block + per_block * per_block + per_block * per_block * per_block,
                    (std::uint64_t{1} << 32) / (block_size_ / 512));
}

Outcome<Extent> Format::map_by_blocks(std::uint32_t number, InodeRecord& record, std::uint64_t logical) {
    blk64_t block = 0;
    if (const errcode_t code =
            ext2fs_bmap2(library_, number, library_inode(record), nullptr, 0, logical, nullptr, &block);
        code != 0)
        return failure(code);
    if (block != 0 && (block < first_data_block() || block >= block_count())) return fail_with(EIO);
    return Extent{logical, block, 1, block != 0, false};
}

Outcome<Extent> Format::map(std::uint32_t number, InodeRecord& record, std::uint64_t logical) {
    if (!record.has_extents()) return map_by_blocks(number, record, logical);
    const ExtentHandle handle(library_, number, record);
    if (handle.error() != 0) return failure(handle.error());
    ext2fs_extent found{};
    long code = ext2fs_extent_goto(handle, logical);
    if (code == 0) {
        code = ext2fs_extent_get(handle, EXT2_EXTENT_CURRENT, &found);
        if (code != 0) return failure(code);
        if (found.e_pblk < first_data_block() || found.e_pblk >= block_count() ||
            found.e_len > block_count() - found.e_pblk)
            return fail_with(EIO);
        const std::uint64_t within = logical - found.e_lblk;
        return Extent{logical, found.e_pblk + within, found.e_len - within, true, is_unwritten(found)};
    }
    if (code != EXT2_ET_EXTENT_NOT_FOUND) return failure(code);
    // The hole ends where the next extent begins.
    std::uint64_t end = most_blocks(record) + 1;
    code = ext2fs_extent_get(handle, EXT2_EXTENT_CURRENT, &found);
    if (code == 0 && found.e_lblk <= logical) code = ext2fs_extent_get(handle, EXT2_EXTENT_NEXT_LEAF, &found);
    if (code == 0 && found.e_lblk > logical) end = found.e_lblk;
    if (code != 0 && code != EXT2_ET_NO_CURRENT_NODE && code != EXT2_ET_EXTENT_NO_NEXT) return failure(code);
    return Extent{logical, 0, std::max<std::uint64_t>(end, logical + 1) - logical, false, false};
}

std::uint64_t Format::goal(std::uint32_t number, InodeRecord& record, std::uint64_t logical) {
    if (logical != 0)
        if (const auto before = map(number, record, logical - 1); before && before->is_mapped)
            return before->physical + 1;
    return ext2fs_find_inode_goal(library_, number, nullptr, logical);
}

Outcome<> Format::insert_by_blocks(std::uint32_t number, InodeRecord& record, std::uint64_t logical,
                                   BlockRange blocks) {
    for (std::uint64_t i = 0; i != blocks.count; ++i) {
        blk64_t block = blocks.first + i;
        if (const errcode_t code = ext2fs_bmap2(library_, number, library_inode(record), nullptr, BMAP_SET | BMAP_ALLOC,
                                                logical + i, nullptr, &block);
            code != 0)
            return broken(code);
        ext2fs_iblk_add_blocks(library_, library_inode(record), 1);
    }
    return write_inode(number, record);
}

Outcome<> Format::insert(std::uint32_t number, InodeRecord& record, std::uint64_t logical, BlockRange blocks) {
    if (!record.has_extents()) return insert_by_blocks(number, record, logical, blocks);
    {
        const ExtentHandle handle(library_, number, record);
        if (handle.error() != 0) return broken(handle.error());
        ext2fs_extent before{};
        long code = ext2fs_extent_goto(handle, logical);
        if (code == 0) return broken(EIO);  // it is no hole
        if (code == EXT2_ET_EXTENT_NOT_FOUND) code = ext2fs_extent_get(handle, EXT2_EXTENT_CURRENT, &before);
        if (code == 0 && before.e_lblk + before.e_len == logical && before.e_pblk + before.e_len == blocks.first &&
            before.e_len + blocks.count <= longest_extent && !is_unwritten(before)) {
            before.e_len += static_cast<std::uint32_t>(blocks.count);
            code = ext2fs_extent_replace(handle, 0, &before);
        } else if (code == 0 || code == EXT2_ET_NO_CURRENT_NODE) {
            code = insert_extent(handle, extent_of(logical, blocks.first, blocks.count));
        }
        if (code != 0) return broken(code);
    }
    ext2fs_iblk_add_blocks(library_, library_inode(record), blocks.count);
    return write_inode(number, record);
}

Outcome<> Format::mark_written(std::uint32_t number, InodeRecord& record, std::uint64_t logical, std::uint64_t count) {
    const ExtentHandle handle(library_, number, record);
    if (handle.error() != 0) return broken(handle.error());
    ext2fs_extent found{};
    long code = ext2fs_extent_goto(handle, logical);
    if (code == 0) code = ext2fs_extent_get(handle, EXT2_EXTENT_CURRENT, &found);
    if (code != 0) return broken(code);
    const std::uint64_t ahead = logical - found.e_lblk;
    const std::uint64_t behind = found.e_len - ahead - count;
    const std::uint64_t physical = found.e_pblk + ahead;
    // The extent becomes up to three: what stays unwritten ahead, what is written, what stays unwritten behind.
    ext2fs_extent written = extent_of(logical, physical, count);
    if (ahead != 0) {
        found.e_len = static_cast<std::uint32_t>(ahead);
        code = ext2fs_extent_replace(handle, 0, &found);
        if (code == 0) code = ext2fs_extent_insert(handle, EXT2_EXTENT_INSERT_AFTER, &written);
    } else {
        code = ext2fs_extent_replace(handle, 0, &written);
    }
    if (code == 0) code = ext2fs_extent_fix_parents(handle);
    if (code == 0 && behind != 0) {
        ext2fs_extent rest = extent_of(logical + count, physical + count, behind, true);
        code = ext2fs_extent_goto(handle, logical);
        if (code == 0) code = ext2fs_extent_insert(handle, EXT2_EXTENT_INSERT_AFTER, &rest);
        if (code == 0) code = ext2fs_extent_fix_parents(handle);
    }
    if (code != 0) return broken(code);
    return write_inode(number, record);
}

Outcome<bool> Format::cut(std::uint32_t number, InodeRecord& record, std::uint64_t first, std::uint64_t most) {
    if (!record.has_extents()) {
        if (const errcode_t code = ext2fs_punch(library_, number, library_inode(record), nullptr, first, ~blk64_t{0});
            code != 0)
            return broken(code);
        CHECK(write_inode(number, record));
        return true;
    }
    std::uint64_t freed = 0;
    bool done = false;
    while (!done && freed < most) {
        const ExtentHandle handle(library_, number, record);
        if (handle.error() != 0) return broken(handle.error());
        ext2fs_extent last{};
        long code = ext2fs_extent_get(handle, EXT2_EXTENT_ROOT, &last);
        if (code == 0) code = ext2fs_extent_get(handle, EXT2_EXTENT_LAST_LEAF, &last);
        if (code == EXT2_ET_EXTENT_NO_NEXT || code == EXT2_ET_NO_CURRENT_NODE || code == EXT2_ET_EXTENT_NO_DOWN) {
            done = true;
            break;
        }
        if (code != 0) return broken(code);
        if (last.e_lblk + last.e_len <= first) {
            done = true;
            break;
        }
        if (last.e_pblk < first_data_block() || last.e_pblk >= block_count() ||
            last.e_len > block_count() - last.e_pblk)
            return broken(EXT2_ET_BAD_BLOCK_NUM);
        const std::uint64_t kept = first > last.e_lblk ? first - last.e_lblk : 0;
        const BlockRange blocks{last.e_pblk + kept, last.e_len - kept};
        if (kept != 0) {
            last.e_len = static_cast<std::uint32_t>(kept);
            code = ext2fs_extent_replace(handle, 0, &last);
            done = true;
        } else {
            code = ext2fs_extent_delete(handle, 0);
        }
        if (code != 0) return broken(code);
        free_blocks(blocks);
        ext2fs_iblk_sub_blocks(library_, library_inode(record), blocks.count);
        freed += blocks.count;
    }
    CHECK(write_inode(number, record));
    return done;
}

Outcome<> Format::free_attributes(std::uint32_t number, InodeRecord& record) {
    if (ext2fs_file_acl_block(library_, library_inode(record)) == 0) return {};
    // The block may be shared by several inodes, and counts them.
    const auto adjusted = ext2fs_free_ext_attr(library_, number, nullptr);
    if (adjusted != 0) return broken(adjusted);
    return read_inode(number, record);
}

}  // namespace tenon::ext4
