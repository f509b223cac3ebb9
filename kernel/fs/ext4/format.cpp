// SPDX-License-Identifier: Apache-2.0
// The file system as a whole: opening it, its features, its super block; inodes.
#include "kernel/fs/ext4/format.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/fs/ext4/library.h"
#include "kernel/mm/heap.h"

namespace tenon::ext4 {

namespace {

MetadataStore& store_of(io_channel channel) { return *static_cast<MetadataStore*>(channel->private_data); }

std::uint64_t bytes_of(io_channel channel, int count) {
    return count < 0 ? static_cast<std::uint64_t>(-std::int64_t{count})
                     : static_cast<std::uint64_t>(count) * static_cast<std::uint64_t>(channel->block_size);
}

errcode_t code_of(const Outcome<>& outcome) { return outcome ? 0 : outcome.error().code; }

errcode_t read64(io_channel channel, unsigned long long block, int count, void* data) {
    return code_of(store_of(channel).read(block * static_cast<unsigned>(channel->block_size),
                                          {static_cast<std::byte*>(data), bytes_of(channel, count)}));
}
errcode_t write64(io_channel channel, unsigned long long block, int count, const void* data) {
    if (const auto* library = static_cast<ext2_filsys>(channel->app_data); library->priv_data != nullptr)
        static_cast<Format*>(library->priv_data)->written(block);
    return code_of(store_of(channel).write(block * static_cast<unsigned>(channel->block_size),
                                           {static_cast<const std::byte*>(data), bytes_of(channel, count)}));
}
errcode_t read32(io_channel channel, unsigned long block, int count, void* data) {
    return read64(channel, block, count, data);
}
errcode_t write32(io_channel channel, unsigned long block, int count, const void* data) {
    return write64(channel, block, count, data);
}
errcode_t set_block_size(io_channel channel, int size) {
    channel->block_size = size;
    return 0;
}
errcode_t flush(io_channel) { return 0; }
errcode_t close(io_channel channel) {
    if (--channel->refcount > 0) return 0;
    ext2fs_free_mem(&channel->name);
    ext2fs_free_mem(&channel);
    return 0;
}
errcode_t zero_out(io_channel channel, unsigned long long block, unsigned long long count) {
    constexpr std::size_t piece = 1024;
    static const std::byte zeros[piece] = {};
    const auto size = static_cast<std::uint64_t>(channel->block_size);
    for (std::uint64_t at = block * size; at != (block + count) * size; at += piece)
        if (const auto done = store_of(channel).write(at, zeros); !done) return done.error().code;
    return 0;
}

errcode_t open_channel(const char*, int, io_channel* channel);

struct_io_manager make_manager() {
    struct_io_manager manager{};
    manager.magic = EXT2_ET_MAGIC_IO_MANAGER;
    manager.name = "tenon";
    manager.open = open_channel;
    manager.close = close;
    manager.set_blksize = set_block_size;
    manager.read_blk = read32;
    manager.write_blk = write32;
    manager.read_blk64 = read64;
    manager.write_blk64 = write64;
    manager.flush = flush;
    manager.zeroout = zero_out;
    return manager;
}

/// The library passes a name only: the address of the store, in hexadecimal digits.
constexpr std::size_t address_digits = 16;
void name_of(const MetadataStore& store, char (&name)[address_digits + 1]) {
    auto address = reinterpret_cast<std::uintptr_t>(&store);
    for (std::size_t i = address_digits; i != 0; address >>= 4) name[--i] = "0123456789abcdef"[address & 15];
    name[address_digits] = '\0';
}
MetadataStore* store_called(const char* name) {
    std::uintptr_t address = 0;
    for (std::size_t i = 0; i != address_digits; ++i)
        address = address << 4 | static_cast<unsigned>(name[i] <= '9' ? name[i] - '0' : name[i] - 'a' + 10);
    return reinterpret_cast<MetadataStore*>(address);
}

errcode_t open_channel(const char* name, int, io_channel* channel) {
    io_channel made = nullptr;
    if (const errcode_t code = ext2fs_get_memzero(sizeof(struct_io_channel), &made); code != 0) return code;
    if (const errcode_t code = ext2fs_get_memzero(address_digits + 1, &made->name); code != 0) {
        ext2fs_free_mem(&made);
        return code;
    }
    static struct_io_manager manager = make_manager();
    made->magic = EXT2_ET_MAGIC_IO_CHANNEL;
    made->manager = &manager;
    made->block_size = 1024;
    made->refcount = 1;
    made->private_data = store_called(name);
    *channel = made;
    return 0;
}

struct NamedFeature {
    std::uint32_t bit;
    const char* name;
};
// What can be met, and is not supported.
constexpr NamedFeature refused_compatible[] = {{EXT4_FEATURE_COMPAT_FAST_COMMIT, "the feature fast_commit"}};
constexpr NamedFeature refused_incompatible[] = {
    {EXT2_FEATURE_INCOMPAT_COMPRESSION, "the feature compression"},
    {EXT3_FEATURE_INCOMPAT_JOURNAL_DEV, "it is an external journal"},
    {EXT4_FEATURE_INCOMPAT_MMP, "the feature mmp"},
    {EXT4_FEATURE_INCOMPAT_EA_INODE, "the feature ea_inode"},
    {EXT4_FEATURE_INCOMPAT_DIRDATA, "the feature dirdata"},
    {EXT4_FEATURE_INCOMPAT_LARGEDIR, "the feature large_dir"},
    {EXT4_FEATURE_INCOMPAT_INLINE_DATA, "the feature inline_data"},
    {EXT4_FEATURE_INCOMPAT_ENCRYPT, "the feature encrypt"},
    {EXT4_FEATURE_INCOMPAT_CASEFOLD, "the feature casefold"},
};
constexpr NamedFeature refused_for_writing[] = {
    {EXT4_FEATURE_RO_COMPAT_HAS_SNAPSHOT, "the feature has_snapshot"},
    {EXT4_FEATURE_RO_COMPAT_QUOTA, "the feature quota"},
    {EXT4_FEATURE_RO_COMPAT_BIGALLOC, "the feature bigalloc"},
    {EXT4_FEATURE_RO_COMPAT_REPLICA, "the feature replica"},
    {EXT4_FEATURE_RO_COMPAT_READONLY, "the feature read-only"},
    {EXT4_FEATURE_RO_COMPAT_PROJECT, "the feature project"},
    {EXT4_FEATURE_RO_COMPAT_SHARED_BLOCKS, "the feature shared_blocks"},
    {EXT4_FEATURE_RO_COMPAT_VERITY, "the feature verity"},
    {EXT4_FEATURE_RO_COMPAT_ORPHAN_PRESENT, "orphans in an orphan file (run e2fsck)"},
};
constexpr std::uint32_t supported_incompatible = EXT2_FEATURE_INCOMPAT_FILETYPE | EXT3_FEATURE_INCOMPAT_RECOVER |
                                                 EXT2_FEATURE_INCOMPAT_META_BG | EXT3_FEATURE_INCOMPAT_EXTENTS |
                                                 EXT4_FEATURE_INCOMPAT_64BIT | EXT4_FEATURE_INCOMPAT_FLEX_BG |
                                                 EXT4_FEATURE_INCOMPAT_CSUM_SEED;
constexpr std::uint32_t supported_for_writing =
    EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE | EXT4_FEATURE_RO_COMPAT_HUGE_FILE |
    EXT4_FEATURE_RO_COMPAT_GDT_CSUM | EXT4_FEATURE_RO_COMPAT_DIR_NLINK | EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE |
    EXT4_FEATURE_RO_COMPAT_METADATA_CSUM;

const char* find_refused(std::span<const NamedFeature> features, std::uint32_t bits) {
    for (const NamedFeature& feature : features)
        if ((bits & feature.bit) != 0) return feature.name;
    return nullptr;
}

const char* text_of(long code) {
    switch (code) {
        case EXT2_ET_BAD_MAGIC: return "there is no ext4";
        case EXT2_ET_SB_CSUM_INVALID: return "the super block's checksum is wrong (run e2fsck)";
        case EXT2_ET_UNKNOWN_CSUM: return "the checksums are of an unknown kind";
        case EXT2_ET_CORRUPT_SUPERBLOCK:
        case EXT2_ET_BAD_DESC_SIZE:
        case EXT2_FILSYS_CORRUPTED: return "the super block is damaged (run e2fsck)";
        case EXT2_ET_UNSUPP_FEATURE:
        case EXT2_ET_RO_UNSUPP_FEATURE:
        case EXT2_ET_REV_TOO_HIGH: return "it has a feature that is unknown";
        case EXT2_ET_GDESC_BAD_BLOCK_MAP:
        case EXT2_ET_GDESC_BAD_INODE_MAP:
        case EXT2_ET_GDESC_BAD_INODE_TABLE: return "a group's descriptor is damaged (run e2fsck)";
        case EXT2_ET_NO_MEMORY:
        case ENOMEM: return "memory is short";
        case EIO: return "the disk cannot be read";
        default: return "it is damaged (run e2fsck)";
    }
}

}  // namespace

void* Format::operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
void Format::operator delete(void* object) { heap_free(object); }

std::unexpected<Errno> Format::failure(long code) {
    switch (code) {
        case ENOMEM:
        case EXT2_ET_NO_MEMORY: return fail_with(ENOMEM);
        case EXT2_ET_BLOCK_ALLOC_FAIL:
        case EXT2_ET_INODE_ALLOC_FAIL:
        case EXT2_ET_DIR_NO_SPACE: return fail_with(ENOSPC);
        default: return fail_with(EIO);
    }
}

std::unexpected<Errno> Format::broken(long code) {
    is_broken_ = true;
    return failure(code);
}

Outcome<Format*> Format::open(MetadataStore& store, std::uint64_t size, bool read_only, bool lenient,
                              const char*& why) {
    auto* format = new (std::nothrow) Format(store, size);
    if (format == nullptr) return fail_with(ENOMEM);
    char name[address_digits + 1];
    name_of(store, name);
    static struct_io_manager manager = make_manager();
    // Always as if for writing: the journal's replay comes first, and who may write is decided above.
    const int flags = EXT2_FLAG_64BITS | EXT2_FLAG_RW | EXT2_FLAG_FORCE | EXT2_FLAG_SKIP_MMP |
                      (lenient ? EXT2_FLAG_IGNORE_CSUM_ERRORS : 0);
    if (const errcode_t code = ext2fs_open2(name, nullptr, flags, 0, 0, &manager, &format->library_); code != 0) {
        why = text_of(code);
        format->library_ = nullptr;
        delete format;
        return code == EXT2_ET_BAD_MAGIC ? fail_with(EINVAL) : failure(code);
    }
    format->library_->priv_data = format;
    if (const auto checked = format->check(read_only, lenient, why); !checked) {
        delete format;
        return std::unexpected(checked.error());
    }
    return format;
}

Outcome<> Format::check_features(bool read_only, const char*& why) const {
    const ext2_super_block& super = *library_->super;
    if ((super.s_feature_compat & EXT3_FEATURE_COMPAT_HAS_JOURNAL) == 0 || super.s_journal_inum == 0) {
        why = "it has no journal of its own (make one with tune2fs -j)";
        return fail_with(EOPNOTSUPP);
    }
    why = find_refused(refused_incompatible, super.s_feature_incompat);
    if (why == nullptr && !read_only) why = find_refused(refused_for_writing, super.s_feature_ro_compat);
    if (why == nullptr && !read_only) why = find_refused(refused_compatible, super.s_feature_compat);
    if (why != nullptr) return fail_with(EOPNOTSUPP);
    if ((super.s_feature_incompat & ~supported_incompatible) != 0 ||
        (!read_only && (super.s_feature_ro_compat & ~supported_for_writing) != 0)) {
        why = "it has a feature that is unknown";
        return fail_with(EOPNOTSUPP);
    }
    return {};
}

Outcome<> Format::check(bool read_only, bool lenient, const char*& why) {
    CHECK(check_features(read_only, why));
    const ext2_super_block& super = *library_->super;
    block_size_ = library_->blocksize;
    const std::uint64_t blocks = ext2fs_blocks_count(library_->super);
    why = "the super block is damaged (run e2fsck)";
    // The library checks sizes and counts against each other; these it takes on trust.
    if (super.s_first_data_block != (block_size_ == 1024 ? 1 : 0) || super.s_rev_level == 0 ||
        super.s_blocks_per_group % 8 != 0 || super.s_inodes_per_group > block_size_ * 8 ||
        super.s_inodes_per_group % 8 != 0 || super.s_first_ino < EXT2_GOOD_OLD_FIRST_INO ||
        super.s_first_ino >= super.s_inodes_count || super.s_journal_inum > super.s_inodes_count)
        return fail_with(EIO);
    if (blocks > std::numeric_limits<std::uint64_t>::max() / block_size_ || blocks * block_size_ > size_) {
        why = "it is larger than the disk";
        return fail_with(EINVAL);
    }
    if (lenient) return {};
    if (const errcode_t code = ext2fs_check_desc(library_); code != 0) {
        why = text_of(code);
        return failure(code);
    }
    why = "memory is short";
    block_ = static_cast<std::byte*>(heap_allocate(block_size_));
    block2_ = static_cast<std::byte*>(heap_allocate(block_size_));
    changed_groups_ = static_cast<std::uint8_t*>(heap_allocate_zeroed(library_->group_desc_count));
    if (block_ == nullptr || block2_ == nullptr || changed_groups_ == nullptr) return fail_with(ENOMEM);
    return {};
}

Format::~Format() {
    if (library_ != nullptr) ext2fs_free(library_);
    heap_free(block_);
    heap_free(block2_);
    heap_free(changed_groups_);
}

std::uint64_t Format::block_count() const { return ext2fs_blocks_count(library_->super); }
std::uint64_t Format::first_data_block() const { return library_->super->s_first_data_block; }
std::uint64_t Format::reserved_blocks() const { return ext2fs_r_blocks_count(library_->super); }
std::uint32_t Format::inode_count() const { return library_->super->s_inodes_count; }
std::uint32_t Format::free_inodes() const { return library_->super->s_free_inodes_count; }
std::uint32_t Format::journal_inode() const { return library_->super->s_journal_inum; }
bool Format::has_extents() const { return ext2fs_has_feature_extents(library_->super) != 0; }
bool Format::has_directory_index() const { return ext2fs_has_feature_dir_index(library_->super) != 0; }
bool Format::may_exceed_link_limit() const { return ext2fs_has_feature_dir_nlink(library_->super) != 0; }
bool Format::needs_recovery() const { return ext2fs_has_feature_journal_needs_recovery(library_->super) != 0; }
std::uint32_t Format::last_orphan() const { return library_->super->s_last_orphan; }

std::uint64_t Format::overhead_blocks() const {
    if (library_->super->s_overhead_clusters != 0) return library_->super->s_overhead_clusters;
    return std::uint64_t{library_->group_desc_count} * (library_->inode_blocks_per_group + 2);
}

void Format::set_needs_recovery(bool needs) {
    if (needs)
        ext2fs_set_feature_journal_needs_recovery(library_->super);
    else
        ext2fs_clear_feature_journal_needs_recovery(library_->super);
}
void Format::set_error_state() { library_->super->s_state |= EXT2_ERROR_FS; }
void Format::set_times(std::uint32_t now, bool mounted) {
    library_->super->s_wtime = now;
    if (mounted) {
        library_->super->s_mtime = now;
        ++library_->super->s_mnt_count;
    }
}
void Format::set_last_orphan(std::uint32_t inode) {
    library_->super->s_last_orphan = inode;
    super_block_changed_ = true;
}

Outcome<> Format::write_super_block() {
    super_block_changed_ = false;
    ext2fs_superblock_csum_set(library_, library_->super);
    return store_.write(SUPERBLOCK_OFFSET, std::as_bytes(std::span(library_->super, 1)));
}

std::uint32_t Format::checksum(std::uint32_t seed, std::span<const std::byte> data) {
    return ext2fs_crc32c_le(seed, const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(data.data())),
                            data.size());
}

// Inodes.

Outcome<> Format::read_inode(std::uint32_t number, InodeRecord& record) {
    record = {};
    if (const errcode_t code = ext2fs_read_inode_full(library_, number, library_inode(record), sizeof record);
        code != 0)
        return failure(code);
    if (record.extra_size > EXT2_INODE_SIZE(library_->super) - InodeRecord::shortest) return fail_with(EIO);
    if (record.mode == 0) return fail_with(ENOENT);
    return {};
}

Outcome<> Format::write_inode(std::uint32_t number, InodeRecord& record) {
    if (const errcode_t code = ext2fs_write_inode_full(library_, number, library_inode(record), sizeof record);
        code != 0)
        return broken(code);
    return {};
}

Outcome<std::uint32_t> Format::make_inode(std::uint32_t directory, InodeRecord& record) {
    ext2_ino_t number = 0;
    if (free_inodes() == 0) return fail_with(ENOSPC);
    if (const errcode_t code = ext2fs_new_inode(library_, directory, record.mode, nullptr, &number); code != 0)
        return failure(code);
    const std::uint32_t group = (number - 1) / library_->super->s_inodes_per_group;
    const std::size_t size = EXT2_INODE_SIZE(library_->super);
    if (size > InodeRecord::shortest)
        record.extra_size = static_cast<std::uint16_t>(std::min(sizeof record, size) - InodeRecord::shortest);
    // The table may never have been written.
    std::memset(block_, 0, size);
    std::memcpy(block_, &record, std::min(sizeof record, size));
    ext2fs_inode_alloc_stats2(library_, number, +1, S_ISDIR(record.mode) ? 1 : 0);
    // The library may have made its bitmaps, which mke2fs leaves out.
    mark_group(group, inode_bitmap_changed | block_bitmap_changed);
    if (const errcode_t code =
            ext2fs_write_inode_full(library_, number, reinterpret_cast<ext2_inode*>(block_), static_cast<int>(size));
        code != 0)
        return broken(code);
    if (has_extents() && (S_ISREG(record.mode) || S_ISDIR(record.mode))) {
        record.flags |= InodeRecord::extents_flag;
        CHECK(make_tree(number, record));
    }
    return number;
}

Outcome<> Format::make_tree(std::uint32_t number, InodeRecord& record) {
    if (!record.has_extents()) return {};
    // The library makes one where block[] is all zeros.
    const ExtentHandle handle(library_, number, record);
    if (handle.error() != 0) return broken(handle.error());
    return write_inode(number, record);
}

Outcome<> Format::free_inode(std::uint32_t number, InodeRecord& record) {
    CHECK(write_inode(number, record));
    ext2fs_inode_alloc_stats2(library_, number, -1, S_ISDIR(record.mode) ? 1 : 0);
    mark_group((number - 1) / library_->super->s_inodes_per_group, inode_bitmap_changed);
    return {};
}

}  // namespace tenon::ext4
