// SPDX-License-Identifier: Apache-2.0
// Directory blocks: names in a row, and trees of hashes above them.
#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/fs/ext4/format.h"
#include "kernel/fs/ext4/library.h"

namespace tenon::ext4 {

namespace {

constexpr std::uint32_t header_size = 8;  // of an entry
constexpr std::uint32_t shortest_entry = 12;
constexpr std::uint32_t dots_size = 24;     // "." and ".." at the begin of block 0
constexpr std::uint32_t index_offset = 32;  // of the hashes in block 0, behind the dots and the tree's header

ext2_dir_entry* entry_at(std::byte* block, std::uint32_t offset) {
    return reinterpret_cast<ext2_dir_entry*>(block + offset);
}

std::string_view name_of(ext2_dir_entry* entry) {
    return {entry->name, static_cast<std::size_t>(ext2fs_dirent_name_len(entry))};
}

/// Calls visit(entry, the one ahead of it or null) for each entry of a block, free ones too, until it returns false.
/// False: the block is damaged.
template <typename Visit>
bool for_each_entry(ext2_filsys library, std::byte* block, Visit&& visit) {
    ext2_dir_entry* previous = nullptr;
    for (std::uint32_t offset = 0; offset != library->blocksize;) {
        ext2_dir_entry* entry = entry_at(block, offset);
        unsigned size = 0;
        if (library->blocksize - offset < header_size) return false;
        if (ext2fs_get_rec_len(library, entry, &size) != 0 || size < header_size || size % 4 != 0 ||
            size > library->blocksize - offset)
            return false;
        if (entry->inode != 0 &&
            (size < shortest_entry || entry->inode > library->super->s_inodes_count || name_of(entry).empty() ||
             name_of(entry).size() + header_size > size || name_of(entry).find('/') != std::string_view::npos ||
             name_of(entry).find('\0') != std::string_view::npos))
            return false;
        if (!visit(entry, previous)) return true;
        previous = entry;
        offset += size;
    }
    return true;
}

}  // namespace

mode_t Format::mode_of_type(std::uint8_t type) {
    switch (type) {
        case EXT2_FT_REG_FILE: return S_IFREG;
        case EXT2_FT_DIR: return S_IFDIR;
        case EXT2_FT_SYMLINK: return S_IFLNK;
        case EXT2_FT_CHRDEV: return S_IFCHR;
        case EXT2_FT_BLKDEV: return S_IFBLK;
        case EXT2_FT_FIFO: return S_IFIFO;
        case EXT2_FT_SOCK: return S_IFSOCK;
        default: return 0;
    }
}

std::uint8_t Format::type_of_mode(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFREG: return EXT2_FT_REG_FILE;
        case S_IFDIR: return EXT2_FT_DIR;
        case S_IFLNK: return EXT2_FT_SYMLINK;
        case S_IFCHR: return EXT2_FT_CHRDEV;
        case S_IFBLK: return EXT2_FT_BLKDEV;
        case S_IFIFO: return EXT2_FT_FIFO;
        case S_IFSOCK: return EXT2_FT_SOCK;
        default: return EXT2_FT_UNKNOWN;
    }
}

/// Its number on the disk, or 0 for a hole.
Outcome<std::uint64_t> Format::directory_block(std::uint32_t directory, const InodeRecord& record,
                                               std::uint64_t logical) {
    TRY(const Extent extent, map(directory, const_cast<InodeRecord&>(record), logical));
    return extent.is_mapped ? extent.physical : 0;
}

Outcome<> Format::list(std::uint32_t directory, const InodeRecord& record,
                       bool (*visit)(void* context, const Name& name), void* context) {
    const std::uint64_t blocks = record.size() / block_size_;
    bool wanted = true;
    for (std::uint64_t logical = 0; logical < blocks && wanted;) {
        TRY(const Extent extent, map(directory, const_cast<InodeRecord&>(record), logical));
        if (!extent.is_mapped) {
            logical += extent.count;
            continue;
        }
        if (const errcode_t code = ext2fs_read_dir_block4(library_, extent.physical, block_, 0, directory); code != 0)
            return failure(code);
        const bool sound = for_each_entry(library_, block_, [&](ext2_dir_entry* entry, ext2_dir_entry*) {
            if (entry->inode == 0) return true;
            wanted = visit(context, {name_of(entry), entry->inode,
                                     static_cast<std::uint8_t>(ext2fs_dirent_file_type(entry)), extent.physical});
            return wanted;
        });
        if (!sound) return fail_with(EIO);
        ++logical;
    }
    return {};
}

Outcome<> Format::make_directory(std::uint32_t number, InodeRecord& record, std::uint32_t parent) {
    TRY(const BlockRange block, allocate(goal(number, record, 0), 1));
    char* content = nullptr;
    errcode_t code = ext2fs_new_dir_block(library_, number, parent, &content);
    if (code == 0) code = ext2fs_write_dir_block4(library_, block.first, content, 0, number);
    if (content != nullptr) ext2fs_free_mem(&content);
    if (code != 0) return broken(code);
    record.set_size(block_size_);
    return insert(number, record, 0, block);
}

/// Turns a directory of one block into one with a tree: the names move to a block of their own.
Outcome<> Format::make_index(std::uint32_t directory, InodeRecord& record) {
    TRY(const std::uint64_t root_block, directory_block(directory, record, 0));
    TRY(const BlockRange leaf_block, allocate(root_block + 1, 1));
    if (const errcode_t code = ext2fs_read_dir_block4(library_, root_block, block_, 0, directory); code != 0)
        return broken(code);
    const bool has_tail = ext2fs_has_feature_metadata_csum(library_->super) != 0;
    const auto tail_size = static_cast<std::uint32_t>(has_tail ? sizeof(ext2_dir_entry_tail) : 0);
    const std::uint32_t end = block_size_ - tail_size;
    std::memset(block2_, 0, block_size_);
    std::uint32_t filled = 0;
    ext2_dir_entry* last = nullptr;
    const bool sound = for_each_entry(library_, block_, [&](ext2_dir_entry* entry, ext2_dir_entry*) {
        const auto name = name_of(entry);
        if (entry->inode == 0 || name == "." || name == "..") return true;
        const auto size = static_cast<std::uint32_t>(EXT2_DIR_REC_LEN(static_cast<std::uint8_t>(name.size())));
        last = entry_at(block2_, filled);
        std::memcpy(last, entry, header_size + name.size());
        ext2fs_set_rec_len(library_, size, last);
        filled += size;
        return true;
    });
    if (!sound || filled > end) return broken(EXT2_ET_DIR_CORRUPTED);
    if (last == nullptr) last = entry_at(block2_, 0);
    const auto last_offset = static_cast<std::uint32_t>(reinterpret_cast<std::byte*>(last) - block2_);
    ext2fs_set_rec_len(library_, end - last_offset, last);
    if (has_tail) ext2fs_initialize_dirent_tail(library_, EXT2_DIRENT_TAIL(block2_, block_size_));

    // The root: the dots, of which ".." seems to reach to the end, and one hash that leads to all names.
    std::memset(block_ + dots_size, 0, block_size_ - dots_size);
    ext2fs_set_rec_len(library_, block_size_ - shortest_entry, entry_at(block_, shortest_entry));
    ext2_dx_root_info header{};
    header.hash_version = library_->super->s_def_hash_version;
    header.info_length = sizeof header;
    std::memcpy(block_ + dots_size, &header, sizeof header);
    ext2_dx_countlimit counts{};
    counts.limit = static_cast<std::uint16_t>((block_size_ - index_offset - (has_tail ? sizeof(ext2_dx_tail) : 0)) /
                                              sizeof(ext2_dx_entry));
    counts.count = 1;
    ext2_dx_entry all_names{};
    all_names.block = 1;
    std::memcpy(block_ + index_offset, &all_names, sizeof all_names);
    std::memcpy(block_ + index_offset, &counts, sizeof counts);  // in the place of the first hash, which is 0

    record.flags |= InodeRecord::index_flag;
    record.set_size(std::uint64_t{block_size_} * 2);
    // insert() uses neither scratch block.
    CHECK(insert(directory, record, 1, leaf_block));
    errcode_t code = ext2fs_write_dir_block4(library_, leaf_block.first, block2_, 0, directory);
    if (code == 0) code = ext2fs_write_dir_block4(library_, root_block, block_, 0, directory);
    if (code != 0) return broken(code);
    return {};
}

Outcome<std::uint64_t> Format::add_name(std::uint32_t directory, InodeRecord& record, std::string_view name,
                                        std::uint32_t inode, mode_t type) {
    std::array<char, 256> text;
    text[name.copy(text.data(), text.size() - 1)] = '\0';
    CHECK(write_inode(directory, record));
    for (;;) {
        const errcode_t code = ext2fs_link(library_, directory, text.data(), inode, type_of_mode(type));
        if (code == 0) break;
        if (code != EXT2_ET_DIR_NO_SPACE) return broken(code);
        if ((record.flags & InodeRecord::index_flag) != 0) return broken(code);  // its tree is full
        if (has_directory_index() && record.size() == block_size_ && library_->super->s_def_hash_version <= 2) {
            CHECK(make_index(directory, record));
        } else {
            if (const errcode_t grown = ext2fs_expand_dir(library_, directory); grown != 0) return broken(grown);
            CHECK(read_inode(directory, record));
        }
    }
    const std::uint64_t block = last_written_;
    CHECK(read_inode(directory, record));
    return block;
}

/// False: the name is not in the block.
template <typename Edit>
Outcome<bool> Format::edit_block(std::uint32_t directory, std::string_view name, std::uint64_t block, Edit& edit) {
    if (const errcode_t code = ext2fs_read_dir_block4(library_, block, block_, 0, directory); code != 0)
        return failure(code);
    bool found = false;
    const bool sound = for_each_entry(library_, block_, [&](ext2_dir_entry* entry, ext2_dir_entry* previous) {
        if (entry->inode == 0 || name_of(entry) != name) return true;
        found = true;
        edit(entry, previous);
        return false;
    });
    if (!sound) return fail_with(EIO);
    if (!found) return false;
    if (const errcode_t code = ext2fs_write_dir_block4(library_, block, block_, 0, directory); code != 0)
        return broken(code);
    return true;
}

/// Calls edit(entry, the one ahead of it or null) for a name, and writes its block.
template <typename Edit>
Outcome<> Format::edit_entry(std::uint32_t directory, const InodeRecord& record, std::string_view name,
                             std::uint64_t block, Edit&& edit) {
    const std::uint64_t blocks = block != 0 ? 1 : record.size() / block_size_;
    for (std::uint64_t logical = 0; logical < blocks; ++logical) {
        std::uint64_t place = block;
        if (block == 0) {
            TRY(place, directory_block(directory, record, logical));
            if (place == 0) continue;
        }
        TRY(const bool found, edit_block(directory, name, place, edit));
        if (found) return {};
    }
    return fail_with(ENOENT);
}

Outcome<> Format::remove_name(std::uint32_t directory, const InodeRecord& record, std::string_view name,
                              std::uint64_t block) {
    return edit_entry(directory, record, name, block, [this](ext2_dir_entry* entry, ext2_dir_entry* previous) {
        if (previous == nullptr) {
            entry->inode = 0;
            return;
        }
        unsigned size = 0;
        unsigned previous_size = 0;
        ext2fs_get_rec_len(library_, entry, &size);
        ext2fs_get_rec_len(library_, previous, &previous_size);
        ext2fs_set_rec_len(library_, previous_size + size, previous);
    });
}

Outcome<> Format::replace_name(std::uint32_t directory, const InodeRecord& record, std::string_view name,
                               std::uint64_t block, std::uint32_t inode, mode_t type) {
    return edit_entry(directory, record, name, block, [&](ext2_dir_entry* entry, ext2_dir_entry*) {
        entry->inode = inode;
        if (ext2fs_has_feature_filetype(library_->super)) ext2fs_dirent_set_file_type(entry, type_of_mode(type));
    });
}

}  // namespace tenon::ext4
